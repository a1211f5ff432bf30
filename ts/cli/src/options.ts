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

/** A parser of numbers; what range is valid, the library knows. */
export function realNumber(argument: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value)) return value
    throw new UsageError(`${argument} ${quote(text)} is not a number`, { argument, value: text, expected: 'a number' })
  }
}

/** A parser of lists of numbers, with commas between them. */
export function numberList(argument: string): (text: string) => number[] {
  const parse = realNumber(argument)
  return (text) => text.split(',').map(parse)
}

/** A parser of lists of whole numbers and ranges of them, with commas between them: `0,5,9` or `0-31`. */
export function wholeRanges(argument: string): (text: string) => number[] {
  return (text) =>
    text.split(',').flatMap((part) => {
      const match = /^\s*(\d{1,8})\s*(?:-\s*(\d{1,8})\s*)?$/.exec(part)
      const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
      if (first <= last) return Array.from({ length: last - first + 1 }, (_, i) => first + i)
      throw new UsageError(`${argument} ${quote(text)} is no list of whole numbers`, {
        argument,
        value: text,
        expected: 'whole numbers and ranges with commas between them, such as 0,5,9 or 0-31',
      })
    })
}

/** A parser of whole numbers with commas between them. */
export function wholeNumbers(argument: string, low: number, high: number): (text: string) => number[] {
  const one = wholeNumber(argument, low, high)
  return (text) => text.split(',').map(one)
}

/** A parser of matrices: rows with semicolons between them, numbers with commas. */
export function matrix(argument: string): (text: string) => number[][] {
  const row = numberList(argument)
  return (text) => text.split(';').map(row)
}

/** A parser of sizes of memory, in bytes or with k, M, G (powers of 1024): `4G`. */
export function byteSize(argument: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)\s*([kMGT]?)i?B?$/i.exec(text.trim())
    const bytes = match ? Number(match[1]) * 1024 ** ' kmgt'.indexOf(match[2]!.toLowerCase() || ' ') : 0
    if (bytes >= 1) return bytes
    throw new UsageError(`${argument} ${quote(text)} is no size of memory`, {
      argument,
      value: text,
      expected: 'bytes above 0, such as 4G or 512M',
    })
  }
}

/** A parser that knows its names, for shell completion. */
export type NameParser<T> = ((text: string) => T) & { readonly names: readonly string[] }

/** A parser of names; a misspelt one is answered with the nearest. */
export function oneOf<T extends string>(argument: string, names: readonly T[]): NameParser<T> {
  const parse = (text: string): T => {
    if (names.includes(text as T)) return text as T
    throw unknownName(argument, text, names)
  }
  return Object.assign(parse, { names })
}

/** Collects the values of an option that may be given many times or hold a list; `all` is every name. */
export function someOf<T extends string>(argument: string, names: readonly T[]): NameParser<T[]> {
  const parse = oneOf<T | 'all'>(argument, [...names, 'all'])
  const collect = (text: string, before: T[] = []): T[] => {
    const given = text.split(',').map((part) => parse(part.trim()))
    const chosen = new Set<string>([...before, ...given])
    // In the order of the names, whatever the order on the command line: it is the order of tables and figures.
    return chosen.has('all') ? [...names] : names.filter((name) => chosen.has(name))
  }
  return Object.assign(collect, { names: parse.names })
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
