// Training that goes on from a network of fewer coordinates: its score where they are shared, a Gaussian's elsewhere, and a better start;
// the two joined, each for coordinates of its own.
import { createEngine, type Engine, type Network, type TrainOptions } from 'langevin-rnn'
import { gaussianStart, joinedNetwork, widenedStart } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rejected } from './helpers.js'

const [n0, n, points, noise] = [2, 5, 2000, 0.3]
const rest = [0.1, 0.05, 0.02]
let engine: Engine
let options: TrainOptions
let small: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  // A law with two peaks in its first coordinates, and small independent ones besides.
  const mixture = {
    kind: 'gaussian-mixture',
    weights: [0.5, 0.5],
    means: [
      [-1, -1],
      [1, 1],
    ],
    deviations: [0.3, 0.3],
  } as const
  const normal = { kind: 'gaussian-mixture', weights: [1], means: [[0, 0, 0]], deviations: [1] } as const
  const [first, others] = await Promise.all([
    engine.targetDraws(mixture, points, 1),
    engine.targetDraws(normal, points, 2),
  ])
  const data = Float32Array.from({ length: points * n }, (_, i) => {
    const [row, d] = [Math.floor(i / n), i % n]
    return d < n0 ? first.data[row * n0 + d]! : rest[d - n0]! * others.data[row * rest.length + d - n0]!
  })
  const shared = {
    method: 'adam',
    activation: 'relu',
    standardise: true,
    commonDeviation: true,
    noiseMax: noise,
    noiseMin: noise,
    levels: 1,
    batch: 100,
    seed: 3,
  } as const
  small = await engine.train({ ...shared, data: first, units: 60, epochs: 30, learningRate: 1e-2 })
  options = { ...shared, data: { shape: [points, n], data }, units: 100, epochs: 1, learningRate: 1e-3 }
})
afterAll(() => engine.dispose())

test("its score is the small network's where coordinates are shared, a Gaussian's elsewhere", async () => {
  const start = await widenedStart(engine, small, options)
  expect(start).toMatchObject({ dimension: n, units: 100 })
  const x = Float32Array.from({ length: 40 * n }, (_, i) => Math.sin(i) * (i % n < n0 ? 1.5 : 0.1))
  const shared = Float32Array.from({ length: 40 * n0 }, (_, i) => x[Math.floor(i / n0) * n + (i % n0)]!)
  const wide = await engine.score(start, { shape: [40, n], data: x })
  const own = await engine.score(small, { shape: [40, n0], data: shared })
  // Its size: a score that were the Gaussian's, or the leak's, is another.
  expect(Math.max(...own.map(Math.abs))).toBeGreaterThan(3)
  for (const [i, value] of wide.entries()) {
    const [row, d] = [Math.floor(i / n), i % n]
    const exact = d < n0 ? own[row * n0 + d]! : -x[i]! / (rest[d - n0]! ** 2 + noise ** 2)
    expect(Math.abs(value - exact)).toBeLessThan(d < n0 ? 1e-4 : 0.05)
  }
})

test('a run that begins so is ahead of one that begins with a Gaussian', async () => {
  const [widened, gaussian] = await Promise.all([
    widenedStart(engine, small, options).then((initial) => engine.train({ ...options, initial })),
    gaussianStart(engine, options).then((initial) => engine.train({ ...options, initial })),
  ])
  expect(widened.losses[0]).toBeLessThan(0.9 * gaussian.losses[0]!)
})

test('what does not fit is refused by name', async () => {
  expect(await rejected(widenedStart(engine, small, { ...options, units: 69 }))).toMatchObject({ argument: 'units' })
  const data = { shape: [points / 2, n0], data: new Float32Array(points * (n0 / 2)).map((_, i) => Math.sin(i)) }
  expect(await rejected(widenedStart(engine, small, { ...options, data }))).toMatchObject({
    argument: 'network.dimension',
  })
  const sigmoid: Network = { ...small, activation: 'sigmoid' }
  expect(await rejected(widenedStart(engine, sigmoid, options))).toMatchObject({ argument: 'network' })
  const mean = small.scaling!.x!.mean.map((value) => value + 1)
  const moved: Network = { ...small, scaling: { x: { ...small.scaling!.x!, mean } } }
  expect(await rejected(widenedStart(engine, moved, options))).toMatchObject({ argument: 'network.scaling' })
})

test("joined, each gives its own coordinates' score, and units without a say are left out", async () => {
  const wide = await widenedStart(engine, small, options)
  const trained = await engine.train({ ...options, initial: wide })
  const joined = joinedNetwork(wide, trained, n0)
  const say = (network: Network, from: number, to: number) =>
    Array.from({ length: network.units }, (_, j) => j).filter((j) =>
      network.tensors['W1.weight']!.data.some((w, i) => {
        const [d, unit] = [Math.floor(i / network.units), i % network.units]
        return unit === j && d >= from && d < to && w !== 0
      }),
    ).length
  expect(joined).toMatchObject({ dimension: n, units: say(wide, 0, n0) + say(trained, n0, n) })
  expect(joined.units).toBeLessThan(wide.units + trained.units)
  const x = { shape: [40, n], data: Float32Array.from({ length: 40 * n }, (_, i) => Math.sin(i)) }
  const [own, first, rest] = await Promise.all([joined, wide, trained].map((network) => engine.score(network, x)))
  // Training has moved both parts, so that it shows which network a coordinate's score is of.
  for (const part of [0, n0]) expect(Math.abs(first![part]! - rest![part]!)).toBeGreaterThan(1e-3)
  for (const [i, value] of own!.entries()) {
    expect(Math.abs(value - (i % n < n0 ? first : rest)![i]!)).toBeLessThan(1e-4)
  }
})

test('networks that cannot be joined are refused by name', async () => {
  const wide = await widenedStart(engine, small, options)
  const refused = (first: Network, rest: Network, count: number) =>
    rejected(Promise.resolve().then(() => joinedNetwork(first, rest, count)))
  expect(await refused(wide, wide, 0)).toMatchObject({ argument: 'count' })
  expect(await refused(wide, wide, n)).toMatchObject({ argument: 'count' })
  expect(await refused(wide, small, 1)).toMatchObject({ argument: 'rest' })
  expect(await refused(wide, { ...wide, activation: 'tanh' }, n0)).toMatchObject({ argument: 'rest' })
  expect(await refused({ ...wide, irreversibleScale: 1 }, wide, n0)).toMatchObject({ argument: 'first' })
  const { scaling: _, ...plain } = wide
  expect(await refused(wide, plain, n0)).toMatchObject({ argument: 'rest.scaling' })
  const zeros = { ...wide.tensors['W1.weight']!, data: new Float32Array(n * wide.units) }
  const silent = { ...wide, tensors: { ...wide.tensors, 'W1.weight': zeros } }
  expect(await refused(silent, silent, n0)).toMatchObject({ argument: 'W1.weight' })
})
