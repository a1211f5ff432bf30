// IDX arrays in and out, as MNIST comes: 0, 0, type, rank | an extent of 32 bits for each axis | the numbers. All big-endian; often gzipped.
import { formatError } from './fail.js'
import { gunzip, isGzip } from './gzip.js'
import { elementCount } from './json.js'
import type { NpyArray } from './npy.js'
import {
  bytesOfNumbers,
  decodeNumbers,
  NUMBER_TYPES,
  type NumberArray,
  type NumberType,
  typeOfArray,
} from './numbers.js'

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
    /** Unpacked bytes that a gzipped file may have; default 2 GiB. */
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

/**
 * Writes an IDX array, as `readIdx` and the readers of MNIST take it; not gzipped.
 *
 * @param array - `shape` and `data`, of 1 to 8 axes, in one of the types that IDX has: uint8, int8, int16, int32, float32, float64
 * @throws {@link FormatError} for another type or rank, or a shape that isn't that of the data
 */
export function writeIdx({ shape, data }: NumberArray): Uint8Array<ArrayBuffer> {
  const dtype = typeOfArray(data)
  const code = [...TYPES].find(([, name]) => name === dtype)?.[0]
  if (code === undefined) {
    throw formatError(`idx: there are no arrays of ${dtype}`, {
      argument: 'data',
      value: dtype,
      expected: [...TYPES.values()].join(', '),
    })
  }
  if (shape.length < 1 || shape.length > MAX_RANK || elementCount(shape) !== data.length) {
    throw formatError(`idx: ${data.length} numbers are not those of a shape [${shape.join(', ')}]`, {
      argument: 'shape',
      value: shape,
      expected: `1 to ${MAX_RANK} axes, whose product is the number of values`,
    })
  }
  const start = 4 + 4 * shape.length
  const file = new Uint8Array(start + data.byteLength)
  file.set([0, 0, code, shape.length])
  const view = new DataView(file.buffer)
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent)
  file.set(bytesOfNumbers(data, false), start)
  return file
}
