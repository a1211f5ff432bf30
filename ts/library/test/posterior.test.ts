// The posterior experiment: interrupted and resumed; charts of the tasks; draws that follow a posterior which is known.
import { createEngine, type Engine, type Task, type TrainCheckpoint } from 'langevin-rnn'
import { reproducePosterior } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chartOf } from '../dist/experiments/posterior_tasks.js'
import { OBSERVATIONS } from '../src/experiments/posterior_observations.js'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

test('resumed from any of its checkpoints it gives the bits of one go', { timeout: 300_000 }, async () => {
  const settings = { preset: 'paper-short', tasks: ['two-moons'], seed: 3 } as const
  const kept: [string, TrainCheckpoint][] = []
  const onCheckpoint = (name: string, checkpoint: TrainCheckpoint) => void kept.push([name, checkpoint])
  const whole = await reproducePosterior(engine, { ...settings, checkpointSeconds: 0, onCheckpoint })
  expect(new Set(kept.map(([name]) => name))).toEqual(new Set(['two-moons-1000', 'two-moons-1000-polish']))
  for (const stopped of [kept.at(0)!, kept.at(-1)!]) {
    const again = await reproducePosterior(engine, { ...settings, resume: Object.fromEntries([stopped]) })
    expect(again.manifest).toEqual(whole.manifest)
  }
})

test.each([[[]], [[99]], [[1000, 1000]], [[1000.5]], [[Number.NaN]]])(
  'simulations %j are refused before work starts',
  async (simulations) => {
    const run = reproducePosterior(engine, { preset: 'paper-short', simulations })
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument', argument: 'simulations' })
  },
)

// The simulators of two-moons and slcp give the same data for these; the others have one θ.
const images = {
  'two-moons': ([x, y]: number[]) => [
    [x, y],
    [-y!, -x!],
  ],
  slcp: ([x, y, s, t, r]: number[]) => [1, -1].flatMap((a) => [1, -1].map((b) => [x, y, a * s!, b * t!, r])),
  'gaussian-mixture': (theta: number[]) => [theta],
  'gaussian-linear': (theta: number[]) => [theta],
}
test.each(Object.keys(images) as Task[])(
  '%s: from the chart back to θ, to all that give the same data',
  async (task) => {
    const rows = 50
    const chart = await chartOf(engine, task, rows, 4)
    const { parameters, data } = await engine.simulate(task, rows, 4)
    const [d, k] = [parameters.shape[1]!, data.shape[1]!]
    for (let i = 0; i < rows; i += 1) {
      const expected = images[task]([...parameters.data.subarray(i * d, (i + 1) * d)]) as number[][]
      const x = Float32Array.from(expected.flatMap(() => [...chart.x.data.subarray(i * d, (i + 1) * d)]))
      const found = await chart.parameters(
        { shape: [expected.length, d], data: x },
        data.data.slice(i * k, (i + 1) * k),
      )
      for (const theta of expected) {
        const off = expected.map((_, j) =>
          Math.max(...theta.map((value, c) => Math.abs(found.data[j * d + c]! - value))),
        )
        expect(Math.min(...off)).toBeLessThan(2e-5)
      }
    }
  },
)

// Of gaussian-linear the posterior is N(data/2, 0.05 I).
test("draws of a posterior that is known can't be told from it", { timeout: 600_000 }, async () => {
  const { tasks, cues } = await reproducePosterior(engine, {
    preset: 'quick',
    tasks: ['gaussian-linear'],
    seed: 1,
    posteriors: (task, observation) => {
      const mean = OBSERVATIONS[task][observation - 1]!.map((value) => value / 2)
      return engine.targetDraws(
        { kind: 'gaussian-mixture', weights: [1], means: [mean], deviations: [Math.sqrt(0.05)] },
        150,
        observation,
      )
    },
  })
  const [run] = tasks[0]!.runs
  expect(run!.posteriors.map(({ observation }) => observation)).toEqual([1, 2, 3])
  // Of so few draws a fold's accuracy is uncertain by 0.05.
  expect(run!.c2st).toBeLessThan(0.6)
  expect(run!.draws.shape).toEqual([3, 300, 10])
  // The circuit that combines cues follows each posterior, to several times what as many exact draws vary by.
  expect(cues.network.confinement!.confined).toBe(true)
  for (const { wasserstein } of cues.shown) expect(wasserstein).toBeLessThan(0.08)
})
