// What the file formats share: strict JSON, canonical JSON and the number of elements of a shape.
import { formatError } from './fail.js'

/** Decodes UTF-8 strictly and parses it; anything wrong is a FormatError that names `label`. */
export function parseJson(bytes: Uint8Array | string, label: string): unknown {
  try {
    return JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    // Nesting deep enough to exhaust the stack lands here, too.
    throw formatError(`${label} is no valid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** JSON with the keys of every object sorted, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return Array.from(item as Float64Array)
    if (!isPlainObject(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  })
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The product of the extents; a product beyond 2⁵³ is a FormatError, not a rounded number. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const extent of shape) count *= extent
  if (!Number.isSafeInteger(count)) {
    throw formatError(`a shape of [${shape.join(', ')}] has too many elements`, { argument: 'shape', value: shape })
  }
  return count
}
