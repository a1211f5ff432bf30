// Firing rates in the experiments: one chain of each network that is sampled, by its own step; bits, and what is refused before training.
import type { Engine } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import {
  reproduceCapacity,
  reproduceDoublePeak,
  reproduceIntegrators,
  reproduceLaplaceMixture,
  reproducePosterior,
} from 'langevin-rnn/experiments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rejected } from './helpers.js'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

const rates = [7, 0, 30]
const short = { preset: 'paper-short', method: 'closed-form', architectures: ['reservoir-sampler'], rates } as const

/** The experiments that take minutes. */
const long = process.env['LONG_TESTS'] ? test : test.skip

async function recorded(reproduce: typeof reproduceDoublePeak | typeof reproduceLaplaceMixture, dt: number) {
  const { activities, manifest, arrays, configuration } = await reproduce(engine, { ...short, preset: 'quick' })
  const [{ name, draws }] = activities as [(typeof activities)[0]]
  expect(activities.map((activity) => activity.name)).toEqual(['reservoir-sampler'])
  expect(draws.provenance.configuration).toMatchObject({ chains: 1, dt, rates })
  const records = draws.shape[1]
  expect(draws.rates).toHaveLength(3 * records)
  expect(new Set(draws.rates).size).toBeGreaterThan(records)
  expect(manifest.arrays[`${name}/rates`]).toMatchObject({ shape: [1, records, 3] })
  expect(arrays.get(`${name}/activity`)!.data).toBe(draws.data)
  expect(configuration['rates']).toEqual(rates)
}

test('double-peak: of other units than usual', () => recorded(reproduceDoublePeak, 0.025))
long('laplace-mixture: by its own step', () => recorded(reproduceLaplaceMixture, 0.01), 600_000)

long(
  'integrators: of each target’s network',
  async () => {
    const { activities } = await reproduceIntegrators(engine, short)
    expect(activities.map(({ name }) => name)).toEqual([
      'reservoir-sampler/double-peak',
      'reservoir-sampler/laplace-mixture',
      'reservoir-sampler/ring',
      'reservoir-sampler/spiral',
    ])
  },
  600_000,
)

test('posterior: of the circuit that combines cues, while these change', async () => {
  const options = { ...short, tasks: ['two-moons'], method: 'adam' } as const
  const { activities, cues } = await reproducePosterior(engine, options)
  expect(activities.map(({ name }) => name)).toEqual(['reservoir-sampler/cue-combination'])
  const [{ draws }] = activities as [(typeof activities)[0]]
  expect(draws.provenance.configuration).toMatchObject({ changes: cues.draws.provenance.configuration['changes'] })
  // The first of the experiment's own chains: rates cost the draws no bit.
  expect([...draws.data]).toEqual([...cues.draws.data.subarray(0, draws.data.length)])
})

test('units that there are not, and an experiment that samples nothing, are refused', async () => {
  for (const wrong of [[0, 64], [-1], [0.5], [3, 3]]) {
    const error = await rejected(reproduceDoublePeak(engine, { rates: wrong }))
    expect(error).toMatchObject({ code: 'invalid-argument', argument: 'rates' })
    expect(error.message).toContain('different units from 0 to 63')
  }
  expect((await rejected(reproduceCapacity(engine, { rates }))).argument).toBe('rates')
})
