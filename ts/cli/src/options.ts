// Values of options: parsed, checked, and when they are wrong, an error that names the option, the value and what is valid.
import { closest, distance } from 'fastest-levenshtein'
import { UsageError } from './errors.js'

/** A parser of whole numbers between two bounds. */
export function wholeNumber(argument: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN
    if (!(value >= low && value <= high)) {
      throw new UsageError(`${argument} ${quote(text)} is not a whole number from ${low} to ${high}`, {
        argument,
        value: text,
        expected: `a whole number from ${low} to ${high}`,
      })
    }
    return value
  }
}

/** A parser of names; a misspelt one is answered with the nearest. */
export function oneOf<T extends string>(argument: string, names: readonly T[]): (text: string) => T {
  return (text) => {
    if (names.includes(text as T)) return text as T
    throw unknownName(argument, text, names)
  }
}

/** Collects the values of an option that may be given many times or hold a list; `all` is every name. */
export function someOf<T extends string>(argument: string, names: readonly T[]): (text: string, before?: T[]) => T[] {
  const parse = oneOf<T | 'all'>(argument, [...names, 'all'])
  return (text, before = []) => {
    const given = text.split(',').map((part) => parse(part.trim()))
    const chosen = new Set<string>([...before, ...given])
    // In the order of the names, whatever the order on the command line: it is the order of tables and figures.
    return chosen.has('all') ? [...names] : names.filter((name) => chosen.has(name))
  }
}

export function unknownName(argument: string, text: string, names: readonly string[]): UsageError {
  const nearest = closest(text, [...names])
  const near = distance(text, nearest) <= Math.max(2, Math.floor(nearest.length / 3))
  return new UsageError(`unknown ${argument} ${quote(text)}${near ? `; did you mean ${nearest}?` : ''}`, {
    argument,
    value: text,
    expected: names.join(', '),
  })
}

const quote = (text: string): string => `'${text}'`
