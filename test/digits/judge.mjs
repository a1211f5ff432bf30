// What both trainings of digits share: the data, and how draws are judged — by a classifier, by the classes' shares, by the nearest
// training digit.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readIdx, readSafetensors } from 'langevin-rnn'
import { anneal, annealingParts } from 'langevin-rnn/experiments'

const PIXELS = 784
const CLASSES = 10
/** Digits that were not trained on, beside the draws. */
const HELD = 1000

/** Digits of unit length, [digit, 784]; `part` is 'train' or 't10k'. */
export function digits(directory, part) {
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
  const { tensors } = readSafetensors(readFileSync(fileURLToPath(new URL('classifier.safetensors', import.meta.url))))
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

/** How many of the points [point, n] are twice as far out as any digit, which has length 1. */
function runaways({ shape: [, n], data }) {
  const far = (_, i) => data.subarray(i * n, (i + 1) * n).reduce((sum, x) => sum + x * x, 0) > 4
  return Array.from({ length: data.length / n }, far).filter(Boolean).length
}

function quantile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)]
}

/**
 * Draws through the levels, with the last one's noise and without it, beside held-out digits; `say` gets a line of each. Chains that
 * have come down to a level from `first` on are judged there, too.
 *
 * @param levels networks by falling noise, and the units of x that they share
 * @param data what was trained on, [digit, n], in the coordinates of `basis`
 */
export async function judgeDraws(engine, { levels, annealing, basis, data, directory, seed, say, first }) {
  const components = data.shape[1]
  const reached = []
  await anneal(annealingParts(levels, annealing), async ({ network, noise }, options, k) => {
    const draws = await engine.sample(network, { ...options, seed: seed + k })
    if (k >= (first ?? levels.levels.length - 1)) {
      const raw = { shape: [annealing.chains, components], data: draws.data }
      const scores = await engine.score(network, raw)
      const denoised = { ...raw, data: raw.data.map((x, i) => x + noise * noise * scores[i]) }
      const at = `σ = ${noise.toFixed(3)}`
      reached.push([`draws, ${at}`, raw], [`denoised draws, ${at}`, denoised])
    }
    say(`sampled at σ = ${noise.toFixed(3)}`)
    return draws
  })

  const test = await engine.project(digits(directory, 't10k'), basis)
  const held = { shape: [HELD, components], data: test.data.slice(0, HELD * components) }
  const labels = readIdx(readFileSync(`${directory}/train-labels-idx1-ubyte`)).data
  const classify = classifier()
  const distances = async (points) => (await engine.nearest(points, data)).distance
  const near = quantile(await distances(held), 0.01)
  for (const [name, points] of [['test digits', held], ...reached]) {
    const { sure, totalVariation, shares } = judge(await engine.reconstruct(points, basis), labels, classify)
    const away = await distances(points)
    const copies = away.filter((distance) => distance < near).length / away.length
    say(
      `${name}: sure ${sure.toFixed(3)}, total variation ${totalVariation.toFixed(3)}, shares ${shares.map((share) => share.toFixed(3)).join(' ')}, ` +
        `nearest training digit at ${quantile(away, 0.5).toFixed(3)} (median), nearer than 99 % of test digits ${copies.toFixed(3)}, ` +
        `run away ${runaways(points)}`,
    )
  }
}

/** Lines with the seconds since the program began. */
export function clock() {
  const began = performance.now()
  return (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1)} s: ${text}`)
}

/** Progress of a training run, each so many epochs. */
export function byEpochs(say, each) {
  let shown = 0
  return ({ done, total, noise }) => {
    if (done < shown) return
    say(`epoch ${Math.floor(done)} of ${total}, σ = ${noise.toFixed(3)}`)
    shown += each
  }
}
