// What a visitor can set in the scene of the digits: the run's numbers, its temperature T of dx = s(x) dt + √(2T) dB, and whether draws
// are shown denoised; and how they stand in the address.
import { LIMITS, type Limits, type NumberField, QueryReader, type RunSettings, toQuery } from '../shared/settings.ts'

export const SHOWN = ['denoised', 'draws'] as const

export interface DigitsSettings extends RunSettings {
  /** T; at 0 there is no noise. */
  readonly temperature: number
  /** x + σ² s(x), or x. */
  readonly shown: (typeof SHOWN)[number]
}

/** The step at which the hash of the chains is taken. */
export const LAST_STEP = 400

const CHAINS: Limits = { low: 1, high: 240, whole: true, words: 'a whole number from 1 to 240' }
const TEMPERATURE: Limits = { low: 0, high: 10, whole: false, words: 'a number from 0 to 10' }
export const FIELDS: readonly NumberField<'chains' | 'temperature'>[] = [
  { name: 'chains', label: 'Chains', step: 12, limits: CHAINS },
  { name: 'temperature', label: 'Noise: temperature T', step: 0.1, limits: TEMPERATURE },
]

export const DEFAULTS: DigitsSettings = {
  seed: 1,
  chains: 48,
  dt: 0.05,
  integrator: 'leimkuhler-matthews',
  pace: 2,
  temperature: 1,
  shown: 'denoised',
}

/** Settings as the query of an address. */
export const toAddress = (settings: DigitsSettings): URLSearchParams => toQuery({ ...settings })

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromAddress(query: string | URLSearchParams): { settings: DigitsSettings; refused: string[] } {
  const reader = new QueryReader(query)
  const settings = {
    ...reader.run(DEFAULTS, { ...LIMITS, chains: CHAINS }),
    temperature: reader.number('temperature', TEMPERATURE, DEFAULTS.temperature),
    shown: reader.choice('shown', SHOWN, DEFAULTS.shown),
  }
  return { settings, refused: reader.refused }
}
