// NumPy's .npy arrays: '\x93NUMPY' | version | header length | Python dictionary of dtype, order, shape | the numbers.
import { formatError } from './fail.js'
import { elementCount } from './json.js'

/** An array as it stands in the file, row-major; whole numbers up to 32 bits and both floating types. */
export interface NpyArray {
  /** Extents, outermost first. */
  readonly shape: readonly number[]
  /** Type of the numbers in the file. */
  readonly dtype: NpyDtype
  /** The numbers, row-major, in the array that `dtype` names. */
  readonly data:
    | Float32Array<ArrayBuffer>
    | Float64Array<ArrayBuffer>
    | Int32Array<ArrayBuffer>
    | Uint8Array<ArrayBuffer>
}
/** The types of numbers that are read and written. */
export type NpyDtype = 'float32' | 'float64' | 'int32' | 'uint8'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** NumPy's own cap; longer headers only come from structured dtypes. */
const MAX_HEADER_BYTES = 10_000
const MAX_RANK = 32

const DTYPES: Readonly<Record<string, NpyDtype>> = { f4: 'float32', f8: 'float64', i4: 'int32', u1: 'uint8' }
const CODES: Readonly<Record<NpyDtype, string>> = { float32: '<f4', float64: '<f8', int32: '<i4', uint8: '|u1' }
const BYTES: Readonly<Record<NpyDtype, number>> = { float32: 4, float64: 8, int32: 4, uint8: 1 }

/**
 * Reads one .npy array, versions 1 to 3; Fortran order and big-endian numbers are turned round.
 *
 * @throws {@link FormatError} for a damaged file or a dtype other than float32, float64, int32 and uint8
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
  const dtype = DTYPES[code.slice(1)]
  if (dtype === undefined || (code[0] === '|' && dtype !== 'uint8')) {
    throw formatError(`npy: dtype ${code} can't be read`, {
      argument: 'dtype',
      value: code,
      expected: 'float32, float64, int32 or uint8',
    })
  }
  const count = elementCount(shape)
  const size = BYTES[dtype]
  const body = bytes.length - start - headerBytes
  if (count * size !== body) {
    throw formatError(`npy: ${body} bytes of numbers where the shape [${shape.join(', ')}] needs ${count * size}`, {
      value: body,
      expected: String(count * size),
    })
  }
  const data = allocate(dtype, count)
  const little = code[0] !== '>'
  const at = start + headerBytes
  const order = fortran ? fortranOrder(shape, count) : null
  for (let i = 0; i < count; i++) {
    const from = at + (order ? order[i]! : i) * size
    if (dtype === 'float32') data[i] = view.getFloat32(from, little)
    else if (dtype === 'float64') data[i] = view.getFloat64(from, little)
    else if (dtype === 'int32') data[i] = view.getInt32(from, little)
    else data[i] = bytes[from]!
  }
  return { shape, dtype, data }
}

/**
 * Writes an .npy array: version 1, C order, little-endian, header padded to a multiple of 64 as NumPy does.
 *
 * @throws {@link FormatError} when the shape isn't that of the data
 */
export function writeNpy(array: {
  shape: readonly number[]
  data: NpyArray['data'] | Float32Array | Float64Array
}): Uint8Array<ArrayBuffer> {
  const { shape, data } = array
  if (elementCount(shape) !== data.length) {
    throw formatError(`npy: ${data.length} numbers are not those of a shape [${shape.join(', ')}]`, {
      argument: 'shape',
      value: shape,
    })
  }
  const dtype: NpyDtype =
    data instanceof Float32Array
      ? 'float32'
      : data instanceof Float64Array
        ? 'float64'
        : data instanceof Int32Array
          ? 'int32'
          : 'uint8'
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${CODES[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`
  const headerBytes = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10
  const size = BYTES[dtype]
  const file = new Uint8Array(10 + headerBytes + data.length * size)
  const view = new DataView(file.buffer)
  file.set(MAGIC)
  file[6] = 1
  view.setUint16(8, headerBytes, true)
  const header = `${dictionary.padEnd(headerBytes - 1)}\n`
  for (let i = 0; i < headerBytes; i++) file[10 + i] = header.charCodeAt(i)
  let at = 10 + headerBytes
  for (const value of data) {
    if (dtype === 'float32') view.setFloat32(at, value, true)
    else if (dtype === 'float64') view.setFloat64(at, value, true)
    else if (dtype === 'int32') view.setInt32(at, value, true)
    else file[at] = value
    at += size
  }
  return file
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

/** Where the element that is i-th in row-major order stands in a column-major file. */
function fortranOrder(shape: readonly number[], count: number): Float64Array {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = 1; axis < shape.length; axis++) strides[axis] = strides[axis - 1]! * shape[axis - 1]!
  const order = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    let rest = i
    let at = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis]!
      at += (rest % extent) * strides[axis]!
      rest = Math.floor(rest / extent)
    }
    order[i] = at
  }
  return order
}

function allocate(dtype: NpyDtype, count: number): NpyArray['data'] {
  if (dtype === 'float32') return new Float32Array(count)
  if (dtype === 'float64') return new Float64Array(count)
  return dtype === 'int32' ? new Int32Array(count) : new Uint8Array(count)
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
