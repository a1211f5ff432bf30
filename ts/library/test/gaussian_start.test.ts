// Training that begins with a Gaussian's score: the score is that Gaussian's, and wide noise in many dimensions is learned from it.

import type { Engine, TrainOptions } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { gaussianStart } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rejected } from './helpers.js'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

const n = 20
const deviations = Array.from({ length: n }, (_, d) => 0.3 / (d + 1))
let options: TrainOptions

beforeAll(async () => {
  const target = {
    kind: 'gaussian-mixture',
    weights: [1],
    means: [new Array<number>(n).fill(0)],
    deviations: [1],
  } as const
  const { shape, data } = await engine.targetDraws(target, 2000, 3)
  options = {
    data: { shape, data: data.map((x, i) => x * deviations[i % n]!) },
    method: 'adam',
    activation: 'relu',
    units: 200,
    standardise: true,
    commonDeviation: true,
    noiseMax: 0.4,
    noiseMin: 0.4,
    levels: 1,
    epochs: 2,
    batch: 100,
    learningRate: 1e-3,
  }
})

test("its score is the Gaussian's", async () => {
  const start = await gaussianStart(engine, options)
  const x = Float32Array.from({ length: 3 * n }, (_, i) => Math.sin(i))
  const score = await engine.score(start, { shape: [3, n], data: x })
  for (const [i, value] of score.entries()) {
    const exact = -x[i]! / (deviations[i % n]! ** 2 + 0.16)
    expect(Math.abs(value - exact)).toBeLessThan(0.03 * Math.abs(exact) + 0.15)
  }
})

test('a run that begins so is ahead of one with random weights', async () => {
  const initial = await gaussianStart(engine, options)
  const [begun, random] = [await engine.train({ ...options, initial }), await engine.train(options)]
  expect(begun.losses[0]).toBeLessThan(random.losses[0]! / 2)
  expect(begun.provenance?.configuration['initial']).toMatch(/^[0-9a-f]{64}$/)
})

test('too few units are refused', async () => {
  expect(await rejected(gaussianStart(engine, { ...options, units: 39 }))).toMatchObject({ argument: 'units' })
})
