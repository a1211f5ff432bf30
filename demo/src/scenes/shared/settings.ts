// What a visitor can set in every scene, its bounds, and how settings are read from an address.
import type { Integrator } from 'langevin-rnn'

/** Those that the scenes offer. */
export const INTEGRATORS = [
  'leimkuhler-matthews',
  'exponential-euler',
  'euler-maruyama',
] as const satisfies readonly Integrator[]
export type OfferedIntegrator = (typeof INTEGRATORS)[number]
export const PACES: readonly number[] = [1, 2, 5, 20]

export interface RunSettings {
  /** Of training and of sampling alike. */
  readonly seed: number
  readonly chains: number
  readonly dt: number
  readonly integrator: OfferedIntegrator
  /** Steps of every chain between two frames. */
  readonly pace: number
}

export interface Limits {
  readonly low: number
  readonly high: number
  readonly whole: boolean
  /** For people: what is valid. */
  readonly words: string
}

/** Bounds of the numbers; the engine has its own, these keep the page pleasant. */
export const LIMITS = {
  seed: { low: 0, high: Number.MAX_SAFE_INTEGER, whole: true, words: 'a whole number from 0 to 2⁵³ − 1' },
  chains: { low: 100, high: 50_000, whole: true, words: 'a whole number from 100 to 50 000' },
  dt: { low: 0.001, high: 1, whole: false, words: 'a number from 0.001 to 1' },
} as const satisfies Record<string, Limits>

/** The number that a text stands for, or null when it is outside the bounds. */
export function readWithin({ low, high, whole }: Limits, text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return value >= low && value <= high && (!whole || Number.isInteger(value)) ? value : null
}

/** A number that a form offers. */
export interface NumberField<Name extends string = string> {
  readonly name: Name
  readonly label: string
  readonly step: number
  readonly limits: Limits
}

export const RUN_FIELDS: readonly NumberField<'seed' | 'chains' | 'dt'>[] = [
  { name: 'seed', label: 'Seed', step: 1, limits: LIMITS.seed },
  { name: 'chains', label: 'Chains', step: 1000, limits: LIMITS.chains },
  { name: 'dt', label: 'Time step (τ)', step: 0.01, limits: LIMITS.dt },
]

/** Reads an address: what is missing keeps its default, what makes no sense is named. */
export class QueryReader {
  readonly refused: string[] = []
  readonly #given: URLSearchParams

  constructor(query: string | URLSearchParams) {
    this.#given = new URLSearchParams(query)
  }

  /** @param parse null for what makes no sense */
  read<T>(name: string, parse: (text: string) => T | null, otherwise: T): T {
    const text = this.#given.get(name)
    if (text === null) return otherwise
    const value = parse(text)
    if (value === null) this.refused.push(`${name} = ${text}`)
    return value ?? otherwise
  }

  number(name: string, limits: Limits, otherwise: number): number {
    return this.read(name, (text) => readWithin(limits, text), otherwise)
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    return this.read<T>(name, (text) => choices.find((choice) => choice === text) ?? null, otherwise)
  }

  /** What every scene has. @param limits where a scene has its own */
  run(defaults: RunSettings, limits: Readonly<Record<keyof typeof LIMITS, Limits>> = LIMITS): RunSettings {
    return {
      seed: this.number('seed', limits.seed, defaults.seed),
      chains: this.number('chains', limits.chains, defaults.chains),
      dt: this.number('dt', limits.dt, defaults.dt),
      integrator: this.choice('integrator', INTEGRATORS, defaults.integrator),
      pace: this.read('pace', (text) => PACES.find((pace) => String(pace) === text) ?? null, defaults.pace),
    }
  }
}

/** Settings as the query of an address. */
export function toQuery(entries: Readonly<Record<string, string | number>>): URLSearchParams {
  return new URLSearchParams(Object.entries(entries).map(([name, value]) => [name, String(value)]))
}
