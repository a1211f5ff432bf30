// Tables for the terminal: the first column to the left, numbers to the right, headings of up to two lines.

export interface Column {
  /** Lines of the heading. */
  readonly heading: readonly string[]
  readonly align?: 'left' | 'right'
}

export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const depth = Math.max(...columns.map((column) => column.heading.length))
  const heading = Array.from({ length: depth }, (_, line) =>
    columns.map((column) => column.heading[line - depth + column.heading.length] ?? ''),
  )
  const widths = columns.map((_, i) => Math.max(...[...heading, ...rows].map((row) => row[i]?.length ?? 0)))
  const format = (row: readonly string[]) =>
    columns
      .map(({ align }, i) =>
        align === 'left' ? (row[i] ?? '').padEnd(widths[i]!) : (row[i] ?? '').padStart(widths[i]!),
      )
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [...heading.map(format), rule, ...rows.map(format)].join('\n')
}

/** So many significant digits, without a power of ten where it can be read without. */
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value)
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(digits - 1)
  return value === 0
    ? '0'
    : value.toPrecision(digits).includes('e')
      ? String(Number(value.toPrecision(digits)))
      : value.toPrecision(digits)
}

export function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}

/** Text of a file without what could steer a terminal: control and format characters are written as their codes. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
