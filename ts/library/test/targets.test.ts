// Targets by name: shapes, values with noise, W1 of an axis, and how far a network's score is from them.
import { createEngine, type Engine, InvalidArgumentError } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 1 })
})
afterAll(() => engine.dispose())

const column = (data: Float32Array, axis: number) => data.filter((_, i) => i % 2 === axis)

test.each(['laplace-mixture', 'ring', 'spiral'] as const)('%s: draws follow its axes', async (target) => {
  const { shape, data } = await engine.targetDraws(target, 20_000, 3)
  expect(shape).toEqual([20_000, 2])
  for (const axis of [0, 1]) {
    expect(await engine.wasserstein(column(data, axis), target, axis)).toBeLessThan(0.03)
  }
  await expect(engine.wasserstein(data, target)).rejects.toThrow(/axis is not given/)
  await expect(engine.wasserstein(data, target, 2)).rejects.toThrow(InvalidArgumentError)
})

test('values with noise: the pole of the Laplace mixture is blunted', async () => {
  const points = { shape: [1, 2], data: Float32Array.of(0, 0) }
  expect((await engine.targetValues('laplace-mixture', points)).density[0]).toBe(Number.POSITIVE_INFINITY)
  // ∫ e^−E / (2π √((1.9 E + 1)(0.1 E + 1))) dE, by scipy.
  expect((await engine.targetValues('laplace-mixture', points, 1)).density[0]).toBeCloseTo(0.10199205279274992, 9)
  await expect(engine.targetValues('ring', points, -1)).rejects.toThrow(/noise is -1/)
})

test("a trained network's score error is a small share of the score", async () => {
  const network = await engine.train({ target: 'ring', units: 128, points: 20_000, levels: 1, noiseMin: 0.1 })
  const { fisherDivergence, fisherInformation } = await engine.scoreError(network, 'ring', { noise: 0.1 })
  expect(fisherDivergence).toBeLessThan(0.25 * fisherInformation)
  expect(fisherDivergence).toBeGreaterThan(0)
  await expect(engine.scoreError(network, 'double-peak')).rejects.toThrow(/network/)
  await expect(engine.scoreError(network, 'ring', { points: 0 })).rejects.toThrow(/points/)
})

test('an unknown name is answered with those that are known', async () => {
  await expect(engine.targetDraws('sphere' as 'ring', 10)).rejects.toThrow(/'double-peak', 'laplace-mixture', 'ring'/)
})
