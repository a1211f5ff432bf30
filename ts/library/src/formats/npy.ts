// NumPy's .npy arrays: '\x93NUMPY' | version | header length | Python dictionary of dtype, order, shape | the numbers.
import { formatError } from './fail.js'
import { elementCount } from './json.js'
import {
  bytesOfNumbers,
  decodeNumbers,
  NUMBER_TYPES,
  type NumberArray,
  type NumberData,
  type NumberType,
  numberTypeOf,
  typeOfArray,
} from './numbers.js'

/** An array as it stands in a file, row-major. */
export interface NpyArray {
  /** Extents, outermost first. */
  readonly shape: readonly number[]
  /** Type of the numbers in the file. */
  readonly dtype: NumberType
  /** The numbers, row-major, in the array that `dtype` names; `bool` as 0 and 1. */
  readonly data: NumberData
}
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** NumPy's own cap; longer headers only come from structured dtypes. */
const MAX_HEADER_BYTES = 10_000
const MAX_RANK = 32

/**
 * Reads one .npy array, versions 1 to 3; Fortran order and big-endian numbers are turned round.
 *
 * @throws {@link FormatError} for a damaged file or a dtype other than float32, float64, bool and integers of 8 to 64 bits
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw formatError('npy: the file is empty, cut short or no .npy array', { value: bytes.length })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const major = bytes[6]!
  if (major < 1 || major > 3)
    throw formatError(`npy: unknown version ${major}`, { value: major, expected: '1, 2 or 3' })
  const start = major === 1 ? 10 : 12
  if (bytes.length < start) throw formatError('npy: the file ends inside its header')
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (headerBytes > MAX_HEADER_BYTES || start + headerBytes > bytes.length) {
    throw formatError(`npy: a header of ${headerBytes} bytes doesn't fit the file`, { value: headerBytes })
  }
  const { code, fortran, shape } = parseHeader(latin1(bytes.subarray(start, start + headerBytes)))
  const dtype = numberTypeOf(code.slice(1))
  if (dtype === undefined || (code[0] === '|') !== (NUMBER_TYPES[dtype].bytes === 1)) {
    throw formatError(`npy: dtype ${code} can't be read`, {
      argument: 'dtype',
      value: code,
      expected: Object.keys(NUMBER_TYPES).join(', '),
    })
  }
  const count = elementCount(shape)
  const size = NUMBER_TYPES[dtype].bytes
  const body = bytes.length - start - headerBytes
  if (count * size !== body) {
    throw formatError(`npy: ${body} bytes of numbers where the shape [${shape.join(', ')}] needs ${count * size}`, {
      value: body,
      expected: String(count * size),
    })
  }
  const data = decodeNumbers(bytes.subarray(start + headerBytes), dtype, code[0] !== '>')
  return { shape, dtype, data: fortran ? rowMajor(shape, data) : data }
}

/**
 * Writes an .npy array: version 1, C order, little-endian, header padded to a multiple of 64 as NumPy does.
 *
 * @throws {@link FormatError} when the shape isn't that of the data
 */
export function writeNpy({ shape, data }: NumberArray): Uint8Array<ArrayBuffer> {
  if (elementCount(shape) !== data.length) {
    throw formatError(`npy: ${data.length} numbers are not those of a shape [${shape.join(', ')}]`, {
      argument: 'shape',
      value: shape,
    })
  }
  const header = npyHeader(typeOfArray(data), shape)
  const file = new Uint8Array(header.length + data.byteLength)
  file.set(header)
  file.set(bytesOfNumbers(data, true), header.length)
  return file
}

/** What comes before the numbers in the .npy file of such an array, to write one that is larger than memory. */
export function npyHeader(dtype: NumberType, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const { code, bytes } = NUMBER_TYPES[dtype]
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${bytes === 1 ? '|' : '<'}${code}', 'fortran_order': False, 'shape': ${tuple}, }`
  const start = 10
  const headerBytes = Math.ceil((start + dictionary.length + 1) / 64) * 64 - start
  const header = new Uint8Array(start + headerBytes)
  header.set(MAGIC)
  header[6] = 1
  new DataView(header.buffer).setUint16(8, headerBytes, true)
  header.set(new TextEncoder().encode(`${dictionary.padEnd(headerBytes - 1)}\n`), start)
  return header
}

/** The three keys, in any order, and nothing else: no Python is evaluated. */
function parseHeader(text: string): { code: string; fortran: boolean; shape: number[] } {
  const trimmed = text.trim()
  const fail = (): never => {
    throw formatError(`npy: the header ${JSON.stringify(text.slice(0, 120).trim())} is not one of a plain array`, {
      expected: "{'descr': '<f4', 'fortran_order': False, 'shape': (…), }",
    })
  }
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return fail()
  const body = trimmed.slice(1, -1).trim()
  const found = new Map<string, string>()
  const field = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\sL]*\))\s*(?:,|$)/y
  let at = 0
  while (at < body.length) {
    field.lastIndex = at
    const match = field.exec(body)
    if (!match || found.has(match[1]!)) return fail()
    found.set(match[1]!, match[2]!)
    at = field.lastIndex
  }
  const code = /^'([<>|][a-z]\d)'$/.exec(found.get('descr') ?? '')?.[1]
  const order = found.get('fortran_order')
  const tuple = /^\(\s*((?:\d{1,15}\s*,\s*)*(?:\d{1,15})?)\s*\)$/.exec(found.get('shape') ?? '')?.[1]
  if (code === undefined || tuple === undefined || (order !== 'True' && order !== 'False')) return fail()
  const shape = tuple
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number)
  if (shape.length > MAX_RANK) return fail()
  return { code, fortran: order === 'True', shape }
}

/** A column-major file's numbers in row-major order. */
function rowMajor(shape: readonly number[], data: NumberData): NumberData {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = 1; axis < shape.length; axis++) strides[axis] = strides[axis - 1]! * shape[axis - 1]!
  const turned = data.slice() as NumberData
  for (let i = 0; i < data.length; i++) {
    let rest = i
    let at = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis]!
      at += (rest % extent) * strides[axis]!
      rest = Math.floor(rest / extent)
    }
    turned[i] = data[at]!
  }
  return turned
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
