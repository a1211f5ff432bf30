// Training by Adam that begins with a network: given, or fitted in closed form.

import type { Engine, TrainCheckpoint, TrainOptions } from 'langevin-rnn'
import { createEngine, LangevinError } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

const settings = {
  target: 'double-peak',
  units: 48,
  method: 'adam',
  points: 2000,
  epochs: 6,
  levels: 2,
  noiseMax: 0.5,
  noiseMin: 0.2,
  learningRate: 1e-5,
  seed: 5,
} satisfies TrainOptions
const fit = { target: 'double-peak', units: 48, levels: 1, noiseMax: 0.5, noiseMin: 0.5, seed: 5 } as const

test('a closed-form fit is where Adam begins, the same as that network given', async () => {
  const fitted = await engine.train(fit)
  const given = await engine.train({ ...settings, initial: fitted })
  const warm = await engine.train({ ...settings, warmStart: 'closed-form' })
  expect(warm.hash).toBe(given.hash)
  expect(warm.hash).not.toBe((await engine.train(settings)).hash)
  // Small steps stay near the fit, whose loss is near the least that the noise allows.
  const cold = await engine.train(settings)
  expect(warm.losses[0]).toBeLessThan(0.9 * (cold.losses[0] ?? 0))
  expect(given.provenance?.configuration['initial']).toBe(fitted.hash)
  expect(warm.provenance?.configuration['warmStart']).toMatchObject({ method: 'closed-form', noiseMax: 0.5, levels: 1 })
})

test('a checkpoint goes on to the same bits, and only with the same beginning', async () => {
  const options = { ...settings, warmStart: 'closed-form' } as const
  const kept: TrainCheckpoint[] = []
  const whole = await engine.train({ ...options, checkpointSeconds: 0, onCheckpoint: (found) => void kept.push(found) })
  const resume = kept[0]!
  expect((await engine.train({ ...options, resume })).hash).toBe(whole.hash)
  const refused = await engine.train({ ...settings, resume }).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 'invalid-argument', argument: 'warmStart' })
})

test('many outputs begin so in every worker', async () => {
  const n = 20
  const means = [new Array<number>(n).fill(-1), new Array<number>(n).fill(1)]
  const target = { kind: 'gaussian-mixture', weights: [0.5, 0.5], means, deviations: [0.5, 0.5] } as const
  const large = {
    target,
    units: 4098,
    method: 'adam',
    points: 128,
    batch: 64,
    epochs: 2,
    levels: 1,
  } satisfies TrainOptions
  const initial = await engine.train({ ...large, seed: 8 })
  const two = await engine.train({ ...large, initial })
  await using one = await createEngine({ workers: 1 })
  expect((await one.train({ ...large, initial })).hash).toBe(two.hash)
})

test.each<[string, TrainOptions, string]>([
  ['a network of other units', { ...settings, units: 47 }, 'initial'],
  ['both beginnings', { ...settings, warmStart: 'closed-form' }, 'warmStart'],
  ['a closed form', { ...fit }, 'method'],
])('%s is refused', async (_, options, argument) => {
  const initial = await engine.train(fit)
  const error = await engine.train({ ...options, initial }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(LangevinError)
  expect(error).toMatchObject({ argument })
})
