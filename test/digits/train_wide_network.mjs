// Goes on in more components from the networks that train_network.mjs --levels wrote, and judges 1,000 draws:
//
//     node test/digits/train_wide_network.mjs DIRECTORY_OF_IDX_FILES --from FOLDER [--components 300] [--out FOLDER] [--workers 2] [--seed 1]
//                                             [--first LEVEL --units 12000 --epochs 9 --rate 1.5e-3 [--whole]] [--judge]
//
// A network of 50 components becomes one of 300 that has its score there and a Gaussian's in the rest; that is all, unless --first names a
// level from which on it is trained, so many epochs a level, each beginning where the one before has ended. What is finer than the noise of
// the levels before is a Gaussian to them. What has been trained gives the score of the rest, while the first 50 keep the one that they
// had, and a fence keeps chains near the data (fence.mjs); with --whole it gives all. The last three levels are judged. --judge judges what is in --out already.
import { parseArgs } from 'node:util'
import { createEngine } from 'langevin-rnn'
import { joinedNetwork, LARGE_DIGITS, widenedStart } from 'langevin-rnn/experiments'
import { fenced } from './fence.mjs'
import { byEpochs, clock, digits, judgeDraws } from './judge.mjs'
import { readLevels, writeLevels } from './levels.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string' },
    components: { type: 'string', default: '300' },
    units: { type: 'string', default: '12000' },
    first: { type: 'string', default: 'Infinity' },
    epochs: { type: 'string', default: '9' },
    rate: { type: 'string', default: '1.5e-3' },
    out: { type: 'string', default: 'out/digits-wide' },
    workers: { type: 'string' },
    seed: { type: 'string', default: '1' },
    whole: { type: 'boolean', default: false },
    judge: { type: 'boolean', default: false },
  },
})
const [directory] = positionals
if (directory === undefined || !values.from) throw new Error('name the directory of the four IDX files, and --from')
const number = (name) => Number(values[name])
const [first, seed] = [number('first'), number('seed')]
const say = clock()

const engine = await createEngine(values.workers ? { workers: number('workers') } : {})
const training = digits(directory, 'train')
const basis = await engine.principalComponents(training, number('components'))
const data = await engine.project(training, basis)
say(`${values.components} principal components`)

const { epochs: _, ...shared } = { ...LARGE_DIGITS.train, data, seed, learningRate: number('rate') }
async function trained() {
  const { levels } = readLevels(values.from)
  const options = (noise, units) => ({ ...shared, units, noiseMax: noise, noiseMin: noise, levels: 1 })
  const wide = []
  for (const { noise, network } of levels) {
    const units = network.units + 2 * number('components')
    wide.push({ noise, network: await widenedStart(engine, network, options(noise, units)) })
  }
  const { scaling } = wide[0].network
  const [begin, ...rest] = levels.slice(first)
  if (begin === undefined) return { levels: wide, scaling }
  const run = {
    ...options(begin.noise, number('units')),
    noiseMin: rest.at(-1)?.noise ?? begin.noise,
    levels: rest.length + 1,
    epochs: number('epochs') * (rest.length + 1),
  }
  const initial = await widenedStart(engine, begin.network, run)
  say(`widened from ${begin.network.dimension} components; ${run.levels} levels to train`)
  const network = await engine.train({ ...run, initial, onProgress: byEpochs(say, 1) })
  say(`trained; ${network.confinement.confined ? 'confined' : network.confinement.warning}`)
  const from = begin.network.dimension
  const joined = (own, more, noise) => fenced(joinedNetwork(own, more, from), { data, from, noise })
  const trained = network.levels.map(({ noise, network }, k) => ({
    noise,
    network: values.whole ? network : joined(wide[first + k].network, network, noise),
  }))
  say(`${trained.at(-1).network.units} units in the last network`)
  return { levels: [...wide.slice(0, first), ...trained], scaling }
}
const levels = values.judge ? readLevels(values.out) : await trained()
if (!values.judge) writeLevels(values.out, levels)
await judgeDraws(engine, {
  levels,
  annealing: LARGE_DIGITS.annealing,
  basis,
  data,
  directory,
  seed,
  say,
  first: levels.levels.length - 3,
})
await engine.dispose()
