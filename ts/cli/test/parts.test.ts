// The small parts: tables, durations, CSV numbers, progress lines.
import { describe, expect, test } from 'vitest'
import { single, toCsv } from '../src/csv.js'
import { describe as describeProgress, duration } from '../src/progress.js'
import { formatTable, seconds, significant } from '../src/table.js'

describe('tables', () => {
  test('align', () => {
    const table = formatTable(
      [{ heading: ['name'], align: 'left' }, { heading: ['W1 of', 'draws'] }],
      [
        ['a', '0.1'],
        ['long one', '12'],
      ],
    )
    expect(table).toBe(
      ['          W1 of', 'name      draws', '────────  ─────', 'a           0.1', 'long one     12'].join('\n'),
    )
  })

  test.each([
    [0.012345, '0.0123'],
    [0, '0'],
    [1.5, '1.50'],
    [123.456, '123'],
    [1234.5, '1230'],
    [0.00001234, '1.23e-5'],
    [12345678, '1.23e+7'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('%d is shown as %s', (value, text) => expect(significant(value)).toBe(text))

  test('seconds', () => expect([0.123, 12.34, 303.4].map(seconds)).toEqual(['0.12', '12.3', '303']))
})

describe('CSV', () => {
  test('quotes what needs it', () => expect(toCsv(['a', 'b,c'], [[1, 'x"y']])).toBe('a,"b,c"\n1,"x""y"\n'))

  test('single-precision numbers are short and come back', () => {
    for (const value of [0.1, 1 / 3, 3.4e38, -1e-45, 123456.79, 0, 5]) {
      const rounded = Math.fround(value)
      expect(Math.fround(single(rounded))).toBe(rounded)
    }
    expect(single(Math.fround(0.1))).toBe(0.1)
    expect(single(Number.NaN)).toBeNaN()
  })
})

describe('progress', () => {
  test.each([
    [0.5, '0.5 s'],
    [59.7, '1 min 0 s'],
    [61, '1 min 1 s'],
    [7325, '2 h 2 min'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('%d seconds are %s', (value, text) => expect(duration(value)).toBe(text))

  test('a line fits 80 columns', () => {
    const event = {
      name: 'sampler-only-current',
      stage: 'sample',
      done: 1,
      total: 3,
      unit: 'chain-steps',
      rate: 999_999,
      secondsLeft: 7000,
    } as const
    const line = describeProgress(event, 1 / 3)
    expect(line).toBe('sampler-only-current sampling ████░░░░░░░░ 33 %  1000 k steps/s, 1 h 56 min left')
    expect(line.length).toBeLessThanOrEqual(80)
  })
})
