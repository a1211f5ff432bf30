// What a visitor can set inside the circuit: the run's numbers and the unit that is looked at, and how they stand in the address.
import { doublePeakPreset } from 'langevin-rnn/experiments'
import { type Limits, type NumberField, QueryReader, type RunSettings, toQuery } from '../shared/settings.ts'

export interface InsideSettings extends RunSettings {
  /** The unit that is looked at. */
  readonly unit: number
}

const { train, sample } = doublePeakPreset('quick', 'reservoir-sampler')
/** The network of the last level, which needs no other. */
export const TRAIN = { ...train, solveLevels: 'last' } as const
export const UNITS = train.units!
/** Few chains, since all rates of all of them are kept; the first is shown. */
const CHAINS = 8
export const LAST_STEP = 1200

const UNIT: Limits = { low: 0, high: UNITS - 1, whole: true, words: `a whole number from 0 to ${UNITS - 1}` }
export const FIELDS: readonly NumberField<'unit'>[] = [{ name: 'unit', label: 'Unit', step: 1, limits: UNIT }]

export const DEFAULTS: InsideSettings = {
  seed: 1,
  chains: CHAINS,
  dt: 0.02,
  integrator: 'leimkuhler-matthews',
  pace: 2,
  unit: 30,
}

/** Options of the run: every step of every unit is recorded. */
export const runOf = ({ seed, dt, integrator }: InsideSettings) => ({
  seed,
  dt,
  integrator,
  chains: CHAINS,
  steps: LAST_STEP,
  recordEvery: 1,
  start: sample.start!,
  rates: Array.from({ length: UNITS }, (_, unit) => unit),
})

/** Settings as the query of an address; the number of chains is no choice. */
export const toAddress = ({ chains: _, ...settings }: InsideSettings): URLSearchParams => toQuery(settings)

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromAddress(query: string | URLSearchParams): { settings: InsideSettings; refused: string[] } {
  const reader = new QueryReader(query)
  const settings = { ...reader.run(DEFAULTS), chains: CHAINS, unit: reader.number('unit', UNIT, DEFAULTS.unit) }
  return { settings, refused: reader.refused }
}
