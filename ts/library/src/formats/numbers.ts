// Numbers as bytes: the types that files hold, and typed arrays from and to their bytes in either byte order.
import { formatError } from './fail.js'

interface TypeFacts {
  /** Kind and width as NumPy writes them. */
  readonly code: string
  readonly bytes: number
  readonly array: new (buffer: ArrayBuffer) => NumberData
}

/** Typed arrays that hold the numbers of a file. */
export type NumberData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>

/** An array to be written to a file. */
export interface NumberArray {
  /** Extents, outermost first; their product is the length of `data`. */
  readonly shape: readonly number[]
  /** The numbers, row-major, as many as the product of the extents [a, b, …]; their type is that of the array. */
  readonly data: NumberData | Float32Array | Float64Array
}

/** Types of numbers that files hold. */
export type NumberType =
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'

export const NUMBER_TYPES: Readonly<Record<NumberType, TypeFacts>> = {
  float32: { code: 'f4', bytes: 4, array: Float32Array },
  float64: { code: 'f8', bytes: 8, array: Float64Array },
  int8: { code: 'i1', bytes: 1, array: Int8Array },
  int16: { code: 'i2', bytes: 2, array: Int16Array },
  int32: { code: 'i4', bytes: 4, array: Int32Array },
  int64: { code: 'i8', bytes: 8, array: BigInt64Array },
  uint8: { code: 'u1', bytes: 1, array: Uint8Array },
  uint16: { code: 'u2', bytes: 2, array: Uint16Array },
  uint32: { code: 'u4', bytes: 4, array: Uint32Array },
  uint64: { code: 'u8', bytes: 8, array: BigUint64Array },
  // After uint8, whose array it shares: such an array is written as uint8.
  bool: { code: 'b1', bytes: 1, array: Uint8Array },
}

const NAMES = Object.keys(NUMBER_TYPES) as NumberType[]
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The type of a NumPy code such as `f4`; undefined for others. */
export function numberTypeOf(code: string): NumberType | undefined {
  return NAMES.find((name) => NUMBER_TYPES[name].code === code)
}

/** The type that an array's numbers have in a file. */
export function typeOfArray(data: NumberData | Float32Array | Float64Array): NumberType {
  return NAMES.find((name) => data instanceof NUMBER_TYPES[name].array)!
}

/** An array of the numbers in `bytes`, whose length must be a multiple of their width; the bits of NaNs are kept. */
export function decodeNumbers(bytes: Uint8Array, type: NumberType, little: boolean): NumberData {
  const { array, bytes: width } = NUMBER_TYPES[type]
  // Not by `slice`, which a Buffer of Node answers with a view.
  const copy = new Uint8Array(bytes)
  if (little !== LITTLE_ENDIAN) swap(copy, width)
  return new array(copy.buffer)
}

/** The numbers' bytes, least significant first where `little`; where the machine has them so, without a copy. */
export function bytesOfNumbers(data: NumberData | Float32Array | Float64Array, little: boolean): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (little === LITTLE_ENDIAN) return bytes
  const copy = bytes.slice()
  swap(copy, data.BYTES_PER_ELEMENT)
  return copy
}

const LARGEST_SINGLE = 3.4028235677973366e38
/** Beyond it single precision skips whole numbers. */
const LARGEST_WHOLE = 2 ** 24

/**
 * A number in single precision.
 *
 * @param kind - the kind of file, and `place`, where the number stands in it: for the message
 * @throws FormatError unless it is finite, in range and, when it is a whole number of an integer type, exact
 */
export function toSingle(value: number | bigint, kind: string, place: string, whole = false): number {
  const number = Number(value)
  if (Math.abs(number) < LARGEST_SINGLE && !(whole && Math.abs(number) > LARGEST_WHOLE)) return Math.fround(number)
  const fault = whole ? 'is a whole number that single precision may not hold' : 'is not finite in single precision'
  throw formatError(`${kind}: ${place}: ${value} ${fault}`, {
    argument: place,
    value: String(value),
    expected: whole ? `from -${LARGEST_WHOLE} to ${LARGEST_WHOLE}, or floating-point numbers` : 'finite numbers',
  })
}

/** Turns the bytes of each number round, in place. */
function swap(bytes: Uint8Array, width: number): void {
  for (let start = 0; width > 1 && start < bytes.length; start += width) {
    for (let low = start, high = start + width - 1; low < high; low++, high--) {
      const byte = bytes[low]!
      bytes[low] = bytes[high]!
      bytes[high] = byte
    }
  }
}
