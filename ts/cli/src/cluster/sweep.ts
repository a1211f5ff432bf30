// The combinations of a sweep: `seed=1-3` × `units=64,128` are six, the last option running fastest.
import { UsageError } from '../errors.js'

/** An option that takes many values in turn. */
export interface Axis {
  /** Without dashes; `experiment` for a reproduction's argument. */
  readonly name: string
  readonly values: readonly string[]
}

const MOST_VALUES = 100_000

/** Collects `OPTION=VALUES`: with commas, or semicolons where values have commas, between them, or two whole numbers with a dash for all from one to the other. */
export function axes(text: string, before: readonly Axis[] = []): Axis[] {
  const match = /^\s*(?:--)?([a-z][a-z-]*)\s*=\s*(\S.*)$/.exec(text)
  const values = match && valuesOf(match[2]!)
  const wrong = (message: string) =>
    new UsageError(`--over '${text}' ${message}`, {
      argument: '--over',
      value: text,
      expected: 'OPTION=VALUE,VALUE,… or OPTION=FIRST-LAST, such as seed=1-10',
    })
  if (!match || !values || values.includes('')) throw wrong('is no option with values')
  if (before.some(({ name }) => name === match[1])) throw wrong(`sweeps --${match[1]} again`)
  if (new Set(values).size < values.length) throw wrong('has a value twice')
  return [...before, { name: match[1]!, values }]
}

function valuesOf(text: string): string[] | null {
  const range = /^(\d+)-(\d+)$/.exec(text.trim())
  if (!range) return text.split(text.includes(';') ? ';' : ',').map((value) => value.trim())
  const [low, high] = [Number(range[1]), Number(range[2])]
  if (!(high >= low && high - low < MOST_VALUES)) return null
  return Array.from({ length: high - low + 1 }, (_, i) => String(low + i))
}

export type Combination = Readonly<Record<string, string>>

export function combinations(of: readonly Axis[]): Combination[] {
  return of.reduce<Combination[]>(
    (all, { name, values }) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  )
}

/** What a task of the sweep is called, and its folder: without what file systems or shells could take amiss. */
export const nameOf = (combination: Combination): string =>
  Object.entries(combination)
    .map(([name, value]) => `${name}=${value.replace(/[^\w.+-]/g, '_')}`)
    .join(',')
