// Firing rates r of chosen units of a reservoir-sampler while it samples: one chain in time, x = Σr, beside an experiment's many.
import type { Draws, SampleOptions } from '../types.js'
import type { NamedArray } from './experiment.js'

/** A chain of one of an experiment's networks, with the rates of some of its units. */
export interface Activity {
  /** The network's name, as arrays of the manifest have it. */
  readonly name: string
  /** The chain, [1, record, n], and `rates` [1, record, unit]. */
  readonly draws: Draws
}

/** How long the chain is, in τ, as rates change on that scale; and in steps, where these are short. */
const DURATION = 20
const MOST_STEPS = 20_000
/** Records of it, about. */
const RECORDS = 400

/** How the chain runs: the experiment's own step and integrator, from where its first chain ended. */
export function activitySettings(draws: Draws): SampleOptions {
  const { dt, integrator } = draws.provenance.configuration as Pick<SampleOptions, 'dt' | 'integrator'>
  const n = draws.shape[2]
  const steps = Math.min(MOST_STEPS, Math.max(RECORDS, Math.round(DURATION / dt)))
  const states = { shape: [1, n], data: draws.states.slice(0, n) }
  return {
    chains: 1,
    steps,
    dt,
    ...(integrator && { integrator }),
    recordEvery: Math.floor(steps / RECORDS),
    start: { kind: 'states', states },
  }
}

/** The arrays of a manifest that activities are. */
export function activityArrays(activities: readonly Activity[]): NamedArray[] {
  return activities.flatMap(({ name, draws: { data, rates, rateUnits, shape } }): NamedArray[] => [
    [`${name}/activity`, { shape, data }],
    [`${name}/rates`, { shape: [shape[0], shape[1], rateUnits.length], data: rates! }],
  ])
}
