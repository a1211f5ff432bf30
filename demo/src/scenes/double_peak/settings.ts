// What a visitor can set in the double-peak scene, and how it stands in the address, so that a link restores it.
import type { Architecture } from 'langevin-rnn'
import { doublePeakPreset } from 'langevin-rnn/experiments'
import { type Experiment, rolesOf } from '../shared/plan.ts'
import { type Limits, type NumberField, QueryReader, type RunSettings, toQuery } from '../shared/settings.ts'

export interface DoublePeakSettings extends RunSettings {
  /** m of the reservoir. */
  readonly units: number
  /** σ of the last noise level of training, in units of x. */
  readonly noise: number
}

const UNITS: Limits = { low: 2, high: 256, whole: true, words: 'a whole number from 2 to 256' }
const NOISE: Limits = { low: 0.02, high: 0.4, whole: false, words: 'a number from 0.02 to 0.4' }
export const FIELDS: readonly NumberField<'units' | 'noise'>[] = [
  { name: 'units', label: 'Units m', step: 2, limits: UNITS },
  { name: 'noise', label: 'Noise σ', step: 0.01, limits: NOISE },
]

const { train, sample } = doublePeakPreset('quick', 'reservoir-sampler')
/** Points · m of training at most: a second's worth with the largest reservoir. */
const MOST_ACTIVITIES = train.points! * train.units!

export const DEFAULTS: DoublePeakSettings = {
  seed: 1,
  chains: sample.chains,
  dt: sample.dt,
  // The preset's own, which `isPreset` of the tests makes sure of.
  integrator: 'leimkuhler-matthews',
  pace: 1,
  units: train.units!,
  noise: train.noiseMin!,
}

/** The quick preset's training with the visitor's reservoir and noise; of the reservoir's levels the last alone, which has the same bits. */
function training({ units, noise }: DoublePeakSettings, architecture: Architecture) {
  const { train } = doublePeakPreset('quick', architecture)
  const own = { ...train, noiseMin: noise }
  if (architecture !== 'reservoir-sampler') return own
  return {
    ...own,
    units,
    points: Math.min(train.points!, Math.floor(MOST_ACTIVITIES / units)),
    solveLevels: 'last',
  } as const
}

/** The paper's first experiment by the quick preset. */
export const experiment: Experiment<DoublePeakSettings> = {
  circuits: rolesOf(['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']),
  lastStep: sample.steps,
  plan: (settings) => ({
    target: 'double-peak',
    axes: [{ law: 'double-peak' }],
    dimension: 1,
    range: [-3, 3],
    start: sample.start!,
    antithetic: sample.antithetic ?? false,
    training: (architecture) => training(settings, architecture),
  }),
  trainsAnew: (before, after) =>
    before.seed !== after.seed || before.units !== after.units || before.noise !== after.noise,
}

/** Whether the live chains are those of the quick preset, noise and all. */
export function isPreset(settings: DoublePeakSettings): boolean {
  return (['chains', 'dt', 'integrator', 'units', 'noise'] as const).every((name) => settings[name] === DEFAULTS[name])
}

/** Settings as the query of an address. */
export const toAddress = (settings: DoublePeakSettings): URLSearchParams => toQuery({ ...settings })

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromAddress(query: string | URLSearchParams): { settings: DoublePeakSettings; refused: string[] } {
  const reader = new QueryReader(query)
  const settings = {
    ...reader.run(DEFAULTS),
    units: reader.number('units', UNITS, DEFAULTS.units),
    noise: reader.number('noise', NOISE, DEFAULTS.noise),
  }
  return { settings, refused: reader.refused }
}
