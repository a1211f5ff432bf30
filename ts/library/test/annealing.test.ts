// Annealed draws through the levels' own networks: they have the weights of modes that chains can't pass between at the last level.

import type { Engine } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { anneal, annealingParts, heldLevels } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

const target = { kind: 'gaussian-mixture', weights: [0.8, 0.2], means: [[-2], [2]], deviations: [0.3, 0.3] } as const
const annealing = { chains: 2000, steps: 100, lastSteps: 200, stepOverVariance: 0.3 }
const left = (data: Float32Array) => data.reduce((count, x) => count + (x < 0 ? 1 : 0), 0) / data.length

test('weights of modes are settled on the way down', async () => {
  const network = await engine.train({ target, units: 200, levels: 8, noiseMax: 3, noiseMin: 0.15, seed: 1 })
  const parts = annealingParts(network, annealing)
  expect(parts.map(({ noise }) => noise)).toEqual(network.levels.map(({ noise }) => noise))
  expect(parts.map(({ sample }) => sample.steps)).toEqual([100, 100, 100, 100, 100, 100, 100, 200])
  // Below τ even where σ is wide; else h σ², x being in units of its own.
  expect(parts[0]?.sample.dt).toBe(1)
  expect(parts.at(-1)?.sample.dt).toBeCloseTo(0.3 * 0.15 ** 2, 12)

  const draws = await anneal(parts, (part, options, k) => engine.sample(part.network, { ...options, seed: k }))
  expect(draws.shape).toEqual([2000, 1, 1])
  expect(Math.abs(left(draws.data) - 0.8)).toBeLessThan(0.05)
  // By the last level alone, chains stay on the side that they begin on.
  const { sample } = parts.at(-1)!
  const alone = await engine.sample(network, { ...sample, start: { kind: 'normal', mean: 0, deviation: 1 }, seed: 1 })
  expect(left(alone.data)).toBeLessThan(0.7)
})

test('steps are told in the units that x is standardised by', async () => {
  const data = {
    shape: [256, 2],
    data: Float32Array.from({ length: 512 }, (_, i) => Math.sin(i) * (i % 2 ? 0.01 : 0.07)),
  }
  const options = {
    data,
    method: 'adam',
    units: 4,
    epochs: 2,
    levels: 2,
    standardise: true,
    commonDeviation: true,
  } as const
  const network = await engine.train({ ...options, noiseMax: 0.05, noiseMin: 0.005 })
  const [unit = 0, other] = network.scaling?.x?.deviation ?? []
  expect(other).toBe(unit)
  expect(unit).toBeCloseTo(0.05 / Math.SQRT2, 3)
  const parts = annealingParts(network, annealing)
  expect(parts[1]?.sample.dt).toBeCloseTo(0.3 * (0.005 / unit) ** 2, 12)
  const draws = await anneal(parts, (part, sample) => engine.sample(part.network, sample))
  expect(draws.data.every(Number.isFinite)).toBe(true)
})

test('a network with the noise level as an input is held at levels of equal ratio', async () => {
  const network = await engine.train({ target, units: 200, noiseInput: true, noiseMax: 3, noiseMin: 0.15, seed: 1 })
  const { levels } = await heldLevels(engine, network)
  expect(levels).toHaveLength(9)
  expect([levels[0]!.noise, levels[8]!.noise]).toEqual([3, 0.15])
  for (const [k, { noise }] of levels.slice(1).entries()) expect(noise / levels[k]!.noise).toBeCloseTo(20 ** -0.125, 12)
  const points = { shape: [3, 1], data: Float32Array.of(-2.2, 0.4, 2.1) }
  const { network: third, noise } = levels[3]!
  expect(await engine.score(third, points)).toEqual(await engine.score(await engine.at(network, { noise }), points))
  const parts = annealingParts({ levels }, annealing)
  const draws = await anneal(parts, (part, options, k) => engine.sample(part.network, { ...options, seed: k }))
  expect(Math.abs(left(draws.data) - 0.8)).toBeLessThan(0.1)

  const without = await engine.train({ target, units: 20, levels: 1 })
  await expect(heldLevels(engine, without)).rejects.toMatchObject({ code: 'invalid-argument', argument: 'network' })
})

test('no parts, no draws: an error', async () => {
  await expect(anneal([], async () => expect.unreachable())).rejects.toMatchObject({
    code: 'invalid-argument',
    argument: 'parts',
  })
})
