// What a visitor can set in the double-peak scene, and how it stands in the address, so that a link restores it.
import type { Integrator } from 'langevin-rnn'
import { doublePeakPreset } from 'langevin-rnn/experiments'

export interface Settings {
  /** Of training and of sampling alike, as in the preset. */
  readonly seed: number
  readonly chains: number
  readonly dt: number
  readonly integrator: OfferedIntegrator
  /** Steps of every chain between two frames. */
  readonly pace: number
}

export const preset = doublePeakPreset('quick', 'reservoir-sampler').sample
/** Those that the scene offers. */
export const INTEGRATORS = [
  'leimkuhler-matthews',
  'exponential-euler',
  'euler-maruyama',
] as const satisfies readonly Integrator[]
export type OfferedIntegrator = (typeof INTEGRATORS)[number]
export const PACES: readonly number[] = [1, 2, 5, 20]

export const DEFAULTS: Settings = {
  seed: 1,
  chains: preset.chains,
  dt: preset.dt,
  // The preset's own, which `isPreset` of the tests makes sure of.
  integrator: 'leimkuhler-matthews',
  pace: 1,
}

/** Bounds of the numbers; the engine has its own, these keep the page pleasant. */
export const LIMITS = {
  seed: { low: 0, high: Number.MAX_SAFE_INTEGER, whole: true, words: 'a whole number from 0 to 2⁵³ − 1' },
  chains: { low: 100, high: 50_000, whole: true, words: 'a whole number from 100 to 50 000' },
  dt: { low: 0.001, high: 1, whole: false, words: 'a number from 0.001 to 1' },
} as const

export type NumberName = keyof typeof LIMITS

/** The number that a text stands for, or null when it is outside the bounds. */
export function readNumber(name: NumberName, text: string): number | null {
  const { low, high, whole } = LIMITS[name]
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return value >= low && value <= high && (!whole || Number.isInteger(value)) ? value : null
}

/** Whether the live chains are those of the quick preset, noise and all. */
export function isPreset({ chains, dt, integrator }: Settings): boolean {
  return chains === DEFAULTS.chains && dt === DEFAULTS.dt && integrator === DEFAULTS.integrator
}

/** The query of an address. */
export function toQuery({ seed, chains, dt, integrator, pace }: Settings): string {
  const entries = { seed, chains, dt, integrator, pace }
  return `?${new URLSearchParams(Object.entries(entries).map(([name, value]) => [name, String(value)]))}`
}

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromQuery(query: string): { settings: Settings; refused: string[] } {
  const given = new URLSearchParams(query)
  const refused: string[] = []
  const read = <T>(name: keyof Settings, parse: (text: string) => T | null, otherwise: T): T => {
    const text = given.get(name)
    if (text === null) return otherwise
    const value = parse(text)
    if (value === null) refused.push(`${name} = ${text}`)
    return value ?? otherwise
  }
  const settings: Settings = {
    seed: read('seed', (text) => readNumber('seed', text), DEFAULTS.seed),
    chains: read('chains', (text) => readNumber('chains', text), DEFAULTS.chains),
    dt: read('dt', (text) => readNumber('dt', text), DEFAULTS.dt),
    integrator: read<OfferedIntegrator>(
      'integrator',
      (text) => INTEGRATORS.find((integrator) => integrator === text) ?? null,
      DEFAULTS.integrator,
    ),
    pace: read('pace', (text) => PACES.find((pace) => String(pace) === text) ?? null, DEFAULTS.pace),
  }
  return { settings, refused }
}
