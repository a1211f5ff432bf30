// The numbers behind a figure as CSV (RFC 4180): shortest decimal text that reads back to the same number.

export function toCsv(header: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  let text = `${header.map(field).join(',')}\n`
  for (const row of rows) text += `${row.map(field).join(',')}\n`
  return text
}

function field(value: string | number): string {
  if (typeof value === 'number') return String(value)
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** A single-precision number by the shortest text that reads back to it as one, not by the 17 digits of its double. */
export function single(value: number): number {
  if (!Number.isFinite(value)) return value
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}
