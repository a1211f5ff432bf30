// Trains the digits that the demo draws, by this project's engine and the quick settings (or the large ones), and judges 1,000 draws of them:
//
//     node test/digits/train_network.mjs DIRECTORY_OF_IDX_FILES [--large] [--units M] [--epochs E] [--out demo/public] [--workers 2] [--seed 1]
//
// Writes digits.safetensors (the last level's network) and digits-components.safetensors (mean [784] and components [50, 784]: a
// draw y is the picture mean + yᵀ components).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, networkToSafetensors, readIdx, readSafetensors, writeSafetensors } from 'langevin-rnn'
import { anneal, annealingParts, LARGE_DIGITS, QUICK_DIGITS } from 'langevin-rnn/experiments'

const PIXELS = 784
const CLASSES = 10
const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Digits of unit length, [digit, 784]. */
function digits(directory, part) {
  const { shape, data } = readIdx(readFileSync(`${directory}/${part}-images-idx3-ubyte`))
  const count = shape[0]
  const unit = new Float32Array(count * PIXELS)
  for (let i = 0; i < unit.length; i += PIXELS) {
    const row = data.subarray(i, i + PIXELS)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    unit.set(
      Float32Array.from(row, (value) => value / length),
      i,
    )
  }
  return { shape: [count, PIXELS], data: unit }
}

/** The classifier of classifier.safetensors: most probable class, and its probability, of pictures [picture, 784]. */
function classifier() {
  const { tensors } = readSafetensors(readFileSync(here('classifier.safetensors')))
  const [w1, b1, w2, b2] = ['layer1.weight', 'layer1.bias', 'layer2.weight', 'layer2.bias'].map(
    (name) => tensors.get(name).data,
  )
  const layer = (weights, bias, x) =>
    Array.from(bias, (start, k) => x.reduce((sum, value, i) => sum + value * weights[k * x.length + i], start))
  return (picture) => {
    const hidden = layer(
      w1,
      b1,
      Array.from(picture, (pixel) => 28 * pixel),
    ).map((value) => Math.max(0, value))
    const logits = layer(w2, b2, hidden)
    const most = Math.max(...logits)
    const total = logits.reduce((sum, value) => sum + Math.exp(value - most), 0)
    return { most: logits.indexOf(most), probability: 1 / total }
  }
}

/** The share of pictures that the classifier is 0.9 sure of, their classes' shares, and how far these are from the labels'. */
function judge(pictures, labels, classify) {
  const count = pictures.shape[0]
  const found = Array.from({ length: count }, (_, i) => classify(pictures.data.subarray(i * PIXELS, (i + 1) * PIXELS)))
  const shares = Array.from({ length: CLASSES }, (_, k) => found.filter(({ most }) => most === k).length / count)
  const ofData = shares.map((_, k) => labels.reduce((sum, label) => sum + (label === k ? 1 : 0), 0) / labels.length)
  return {
    sure: found.filter(({ probability }) => probability >= 0.9).length / count,
    totalVariation: shares.reduce((sum, share, k) => sum + Math.abs(share - ofData[k]), 0) / 2,
    shares,
  }
}

function quantile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    workers: { type: 'string' },
    seed: { type: 'string' },
    large: { type: 'boolean' },
    units: { type: 'string' },
    epochs: { type: 'string' },
  },
})
const [directory] = positionals
if (directory === undefined) throw new Error('name the directory of the four IDX files')
const out = values.out ?? here('../../demo/public')
const seed = Number(values.seed ?? 1)
const began = performance.now()
const say = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1)} s: ${text}`)

const engine = await createEngine(values.workers ? { workers: Number(values.workers) } : {})
const { components, train: preset, annealing } = values.large ? LARGE_DIGITS : QUICK_DIGITS
const size = (name) => (values[name] ? { [name]: Number(values[name]) } : {})
const train = { ...preset, ...size('units'), ...size('epochs') }
const training = digits(directory, 'train')
const basis = await engine.principalComponents(training, components)
const data = await engine.project(training, basis)
say(`${components} principal components`)
let shown = 0
const network = await engine.train({
  data,
  seed,
  ...train,
  onProgress: ({ done, total, noise }) => {
    if (done < shown) return
    say(`epoch ${Math.floor(done)} of ${total}, σ = ${noise.toFixed(3)}`)
    shown += 10
  },
})
say(`trained; ${network.confinement.confined ? 'confined' : network.confinement.warning}`)

const draws = await anneal(annealingParts(network, annealing), ({ network: level }, options, k) =>
  engine.sample(level, { ...options, seed: seed + k }),
)
const last = network.levels.at(-1).noise
const raw = { shape: [annealing.chains, components], data: draws.data }
const scores = await engine.score(network, raw)
const denoised = { ...raw, data: raw.data.map((x, i) => x + last * last * scores[i]) }
say('sampled')

const test = await engine.project(digits(directory, 't10k'), basis)
const held = { shape: [1000, components], data: test.data.slice(0, 1000 * components) }
const labels = readIdx(readFileSync(`${directory}/train-labels-idx1-ubyte`)).data
const classify = classifier()
const distances = async (points) => (await engine.nearest(points, data)).distance
const near = quantile(await distances(held), 0.01)
for (const [name, points] of Object.entries({ 'test digits': held, draws: raw, 'denoised draws': denoised })) {
  const { sure, totalVariation, shares } = judge(await engine.reconstruct(points, basis), labels, classify)
  const away = await distances(points)
  say(
    `${name}: sure ${sure.toFixed(3)}, total variation ${totalVariation.toFixed(3)}, shares ${shares.map((share) => share.toFixed(3)).join(' ')}, ` +
      `nearest training digit at ${quantile(away, 0.5).toFixed(3)} (median), nearer than 99 % of test digits ${(away.filter((d) => d < near).length / 1000).toFixed(3)}`,
  )
}

mkdirSync(out, { recursive: true })
writeFileSync(`${out}/digits.safetensors`, networkToSafetensors(network))
const tensor = (values, shape) => ({ shape, data: Float32Array.from(values) })
writeFileSync(
  `${out}/digits-components.safetensors`,
  writeSafetensors(
    {
      mean: tensor(basis.mean, [PIXELS]),
      components: tensor(basis.components, [components, PIXELS]),
    },
    { made_by: 'test/digits/train_network.mjs', noise: String(last) },
  ),
)
say(`written to ${out}`)
await engine.dispose()
