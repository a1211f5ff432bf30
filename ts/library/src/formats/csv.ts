// Numbers as CSV (RFC 4180), by d3-dsv: a point a row, with or without a row of names; and tables out.
import { csvFormatRow, dsvFormat } from 'd3-dsv'
import type { Tensor } from '../types.js'
import { formatError } from './fail.js'
import { toSingle } from './numbers.js'

/** Delimiters in the order in which they are looked for: NumPy's `savetxt` puts blanks. */
const DELIMITERS = [',', '\t', ';', ' ']
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)$/i

/**
 * Reads a table of numbers as points [row, column]. A first row of names is passed over; so are blank lines and lines that begin
 * with `#`. The delimiter is the first of comma, tab, semicolon and blank that the first line has.
 *
 * @throws {@link FormatError} that names row and column (both from 1) of what is no finite number, or the row of another length
 */
export function readCsv(bytes: Uint8Array | string): Tensor {
  const text = typeof bytes === 'string' ? bytes.replace(/^\ufeff/, '') : decode(bytes)
  const delimiter = delimiterOf(text)
  const values = new Numbers()
  let columns = 0
  let rows = 0
  dsvFormat(delimiter).parseRows(text, (raw, index) => {
    const fields = (delimiter === ' ' ? raw.filter((field) => field !== '') : raw).map((field) => field.trim())
    if (fields.every((field) => field === '') || fields[0]!.startsWith('#')) return null
    if (rows === 0 && columns === 0) {
      columns = fields.length
      if (fields.every((field) => !NUMBER.test(field))) return null
    }
    if (fields.length !== columns) {
      throw formatError(`csv: row ${index + 1} has ${fields.length} columns, the first has ${columns}`, {
        argument: `row ${index + 1}`,
        value: fields.length,
        expected: `${columns} columns`,
      })
    }
    fields.forEach((field, column) => {
      values.push(number(field, `row ${index + 1}, column ${column + 1}`))
    })
    rows += 1
    return null
  })
  if (rows === 0) throw formatError('csv: there are no numbers in the file', { expected: 'a point a row' })
  return { shape: [rows, columns], data: values.array() }
}

/**
 * A table as CSV: a row of names, then rows of numbers or text. Numbers stand by the shortest text that reads back to them.
 *
 * @param header - the names; null for none
 */
export function writeCsv(header: readonly string[] | null, rows: Iterable<readonly (string | number)[]>): string {
  let text = header === null ? '' : `${csvFormatRow([...header])}\n`
  for (const row of rows) text += `${csvFormatRow(row.map(String))}\n`
  return text
}

/**
 * A single-precision number as the double whose text is shortest among those that round to it: 0.1, not 0.10000000149011612.
 *
 * @param value - a number of single precision
 */
export function shortestSingle(value: number): number {
  if (!Number.isFinite(value)) return value
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw formatError('csv: the file is no text in UTF-8, or too long to be read as text', { value: bytes.length })
  }
}

function delimiterOf(text: string): string {
  const line = text.split('\n', 1000).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? ''
  return DELIMITERS.find((delimiter) => line.trim().includes(delimiter)) ?? ','
}

function number(field: string, place: string): number {
  if (!NUMBER.test(field)) {
    throw formatError(`csv: ${place}: '${field.slice(0, 80)}' is no number`, {
      argument: place,
      value: field,
      expected: 'a number such as 1.5 or -2e-3',
    })
  }
  return toSingle(Number(field), 'csv', place)
}

/** An array that grows: the number of rows is known only at the end. */
class Numbers {
  #data = new Float32Array(1024)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new Float32Array(2 * this.#length)
      larger.set(this.#data)
      this.#data = larger
    }
    this.#data[this.#length++] = value
  }

  array(): Float32Array<ArrayBuffer> {
    return this.#data.slice(0, this.#length)
  }
}
