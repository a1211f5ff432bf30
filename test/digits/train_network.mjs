// Trains the digits that the demo draws, by this project's engine and the quick settings (or the large ones), and judges 1,000 draws of them:
//
//     node test/digits/train_network.mjs DIRECTORY_OF_IDX_FILES [--large] [--units M] [--epochs E] [--out demo/public] [--levels FOLDER]
//                                        [--workers 2] [--seed 1]
//
// Writes digits.safetensors (the last level's network) and digits-components.safetensors (mean [784] and components [50, 784]: a
// draw y is the picture mean + yᵀ components); with --levels all levels' networks, which train_wide_network.mjs goes on from.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, networkToSafetensors, writeSafetensors } from 'langevin-rnn'
import { LARGE_DIGITS, QUICK_DIGITS } from 'langevin-rnn/experiments'
import { byEpochs, clock, digits, judgeDraws } from './judge.mjs'
import { writeLevels } from './levels.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    levels: { type: 'string' },
    workers: { type: 'string' },
    seed: { type: 'string' },
    large: { type: 'boolean' },
    units: { type: 'string' },
    epochs: { type: 'string' },
  },
})
const [directory] = positionals
if (directory === undefined) throw new Error('name the directory of the four IDX files')
const out = values.out ?? fileURLToPath(new URL('../../demo/public', import.meta.url))
const seed = Number(values.seed ?? 1)
const say = clock()

const engine = await createEngine(values.workers ? { workers: Number(values.workers) } : {})
const { components, train: preset, annealing } = values.large ? LARGE_DIGITS : QUICK_DIGITS
const size = (name) => (values[name] ? { [name]: Number(values[name]) } : {})
const train = { ...preset, ...size('units'), ...size('epochs') }
const training = digits(directory, 'train')
const basis = await engine.principalComponents(training, components)
const data = await engine.project(training, basis)
say(`${components} principal components`)
const network = await engine.train({ data, seed, ...train, onProgress: byEpochs(say, 10) })
say(`trained; ${network.confinement.confined ? 'confined' : network.confinement.warning}`)
if (values.levels) writeLevels(values.levels, network)
await judgeDraws(engine, { levels: network, annealing, basis, data, directory, seed, say })

mkdirSync(out, { recursive: true })
writeFileSync(`${out}/digits.safetensors`, networkToSafetensors(network))
const tensor = (values, shape) => ({ shape, data: Float32Array.from(values) })
writeFileSync(
  `${out}/digits-components.safetensors`,
  writeSafetensors(
    {
      mean: tensor(basis.mean, [basis.mean.length]),
      components: tensor(basis.components, [components, basis.mean.length]),
    },
    { made_by: 'test/digits/train_network.mjs', noise: String(network.levels.at(-1).noise) },
  ),
)
say(`written to ${out}`)
await engine.dispose()
