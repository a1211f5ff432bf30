// IDX arrays, as MNIST comes: 0, 0, type, rank | an extent of 32 bits for each axis | the numbers. All big-endian; often gzipped.
import { formatError } from './fail.js'
import { gunzip, isGzip } from './gzip.js'
import { elementCount } from './json.js'
import type { NpyArray } from './npy.js'
import { decodeNumbers, NUMBER_TYPES, type NumberType } from './numbers.js'

const TYPES: ReadonlyMap<number, NumberType> = new Map([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
])
const MAX_RANK = 8
const DEFAULT_MAX_BYTES = 2 ** 31

/** Whether bytes begin as an IDX file does: no text and no other format here begins with two zeros. */
export const isIdx = (bytes: Uint8Array): boolean => bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0

/**
 * Reads an IDX array of uint8, int8, int16, int32, float32 or float64, gzipped or not.
 *
 * @param options - `maxBytes`: unpacked bytes that a gzipped file may have; default 2 GiB
 * @throws {@link FormatError} for a damaged file or one that isn't of the size that its header says
 */
export function readIdx(
  bytes: Uint8Array,
  options: {
    /** Unpacked bytes that a gzipped file may have. */
    readonly maxBytes?: number
  } = {},
): NpyArray {
  const file = isGzip(bytes) ? gunzip(bytes, options.maxBytes ?? DEFAULT_MAX_BYTES) : bytes
  if (!isIdx(file)) throw formatError('idx: the file is empty, cut short or no IDX array', { value: file.length })
  const dtype = TYPES.get(file[2]!)
  if (dtype === undefined) {
    throw formatError(`idx: unknown type of numbers 0x${file[2]!.toString(16).padStart(2, '0')}`, {
      argument: 'type',
      value: file[2],
      expected: [...TYPES].map(([code, name]) => `0x${code.toString(16).padStart(2, '0')} (${name})`).join(', '),
    })
  }
  const rank = file[3]!
  if (rank < 1 || rank > MAX_RANK) {
    throw formatError(`idx: ${rank} axes`, { argument: 'rank', value: rank, expected: `1 to ${MAX_RANK}` })
  }
  const start = 4 + 4 * rank
  if (file.length < start) throw formatError('idx: the file ends inside its header')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  const needed = elementCount(shape) * NUMBER_TYPES[dtype].bytes
  const body = file.length - start
  if (body !== needed) {
    const fault = body < needed ? 'the file is cut short' : 'bytes follow the last number'
    throw formatError(`idx: ${fault} (${body} bytes of numbers, [${shape.join(', ')}] needs ${needed})`, {
      value: body,
      expected: String(needed),
    })
  }
  return { shape, dtype, data: decodeNumbers(file.subarray(start), dtype, false) }
}
