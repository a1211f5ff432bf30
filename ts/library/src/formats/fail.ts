// The one way in which the file formats make their errors: values of any kind become short text.
import { FormatError } from '../errors.js'

/** The longest text of a value that an error carries: files may hold anything. */
const MAX_VALUE = 200

/** A FormatError with the argument at fault, its value and what would be valid. */
export function formatError(
  message: string,
  details: { readonly argument?: string; readonly value?: unknown; readonly expected?: string } = {},
): FormatError {
  const { value, ...rest } = details
  if (value === undefined) return new FormatError(message, rest)
  return new FormatError(message, { ...rest, value: text(value).slice(0, MAX_VALUE) })
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
}
