// The safetensors container, read strictly and written to the same bytes everywhere:
// u64 length of the header | JSON header, padded with spaces to a multiple of 8 | the tensors' bytes, little-endian.

import type { Tensor } from '../types.js'
import { formatError } from './fail.js'
import { elementCount, isPlainObject, parseJson } from './json.js'

/** Named tensors and text metadata of one file. */
export interface SafetensorsFile {
  /** The tensors by name, in single precision. */
  readonly tensors: ReadonlyMap<string, Tensor>
  /** The text of `__metadata__` by key; empty when there is none. */
  readonly metadata: ReadonlyMap<string, string>
}

/** The cap that the format's reference implementation has, too. */
const MAX_HEADER_BYTES = 100 * 1000 * 1000
const BYTES_OF = { F32: 4, F64: 8, F16: 2, BF16: 2 } as const
type Dtype = keyof typeof BYTES_OF

interface Entry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

/**
 * Reads a file; F16 and BF16 widen exactly, F64 is rounded to single precision, other dtypes are refused.
 *
 * @throws {@link FormatError} for a damaged file, a gap or overlap of tensors, or another dtype
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) {
    throw formatError(`safetensors: the file has ${bytes.length} bytes and is cut short or empty`, {
      value: bytes.length,
      expected: 'at least the 8 bytes that give the header length',
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = Number(view.getBigUint64(0, true))
  if (headerBytes > MAX_HEADER_BYTES) {
    throw formatError(`safetensors: a header of ${headerBytes} bytes is too large`, {
      value: headerBytes,
      expected: `at most ${MAX_HEADER_BYTES} bytes`,
    })
  }
  if (8 + headerBytes > bytes.length) {
    throw formatError(`safetensors: the file ends inside its header (${bytes.length} of ${8 + headerBytes} bytes)`, {
      value: bytes.length,
      expected: `at least ${8 + headerBytes} bytes`,
    })
  }
  if (bytes[8] !== 0x7b) throw formatError("safetensors: the header doesn't start with '{'")
  const header = parseJson(bytes.subarray(8, 8 + headerBytes), 'safetensors: the header')
  if (!isPlainObject(header)) throw formatError('safetensors: the header is no JSON object')

  const metadata = new Map<string, string>()
  const entries: Entry[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') readMetadata(value, metadata)
    else entries.push(readEntry(name, value))
  }
  const data = bytes.subarray(8 + headerBytes)
  checkContiguous(entries, data.length)
  const tensors = new Map<string, Tensor>()
  for (const entry of entries) {
    tensors.set(entry.name, { shape: entry.shape, data: decode(data.subarray(entry.begin, entry.end), entry.dtype) })
  }
  return { tensors, metadata }
}

/**
 * Writes tensors sorted by name and metadata sorted by key, so that equal values give equal bytes. All tensors are F32.
 *
 * @throws {@link FormatError} for a tensor whose shape isn't that of its data, or one called `__metadata__`
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts: string[] = []
  const keys = Object.keys(metadata).sort()
  if (keys.length > 0) {
    const pairs = keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`)
    parts.push(`"__metadata__":{${pairs.join(',')}}`)
  }
  const names = Object.keys(tensors).sort()
  let offset = 0
  for (const name of names) {
    const tensor = tensors[name]!
    if (name === '__metadata__') throw formatError('safetensors: no tensor can be called __metadata__')
    if (elementCount(tensor.shape) !== tensor.data.length) {
      throw formatError(`safetensors: tensor ${name} has ${tensor.data.length} numbers, not those of its shape`, {
        argument: name,
        value: tensor.data.length,
        expected: `[${tensor.shape.join(', ')}]`,
      })
    }
    const end = offset + tensor.data.length * 4
    const shape = tensor.shape.join(',')
    parts.push(`${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape}],"data_offsets":[${offset},${end}]}`)
    offset = end
  }
  const text = new TextEncoder().encode(`{${parts.join(',')}}`)
  const headerBytes = Math.ceil(text.length / 8) * 8
  const file = new Uint8Array(8 + headerBytes + offset)
  const view = new DataView(file.buffer)
  view.setBigUint64(0, BigInt(headerBytes), true)
  file.fill(0x20, 8, 8 + headerBytes)
  file.set(text, 8)
  let at = 8 + headerBytes
  for (const name of names) {
    for (const value of tensors[name]!.data) {
      view.setFloat32(at, value, true)
      at += 4
    }
  }
  return file
}

function readMetadata(value: unknown, into: Map<string, string>): void {
  if (!isPlainObject(value)) throw formatError('safetensors: __metadata__ is no JSON object')
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw formatError(`safetensors: metadata ${JSON.stringify(key)} is no text`, { argument: key, value: text })
    }
    into.set(key, text)
  }
}

function readEntry(name: string, value: unknown): Entry {
  const label = `safetensors: tensor ${JSON.stringify(name)}`
  if (!isPlainObject(value)) throw formatError(`${label} is not described by a JSON object`, { argument: name })
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES_OF, dtype)) {
    throw formatError(`${label} has dtype ${JSON.stringify(dtype)}`, {
      argument: name,
      value: dtype,
      expected: 'F32 (or F64, F16, BF16, which are converted)',
    })
  }
  if (!isNaturalArray(shape)) {
    throw formatError(`${label} has no valid shape`, {
      argument: name,
      value: shape,
      expected: 'whole numbers ≥ 0',
    })
  }
  if (!isNaturalArray(offsets) || offsets.length !== 2) {
    throw formatError(`${label} has no valid data_offsets`, {
      argument: name,
      value: offsets,
      expected: '[begin, end]',
    })
  }
  const [begin, end] = offsets as [number, number]
  const needed = elementCount(shape) * BYTES_OF[dtype as Dtype]
  if (end - begin !== needed) {
    throw formatError(`${label} has ${end - begin} bytes where its shape and dtype need ${needed}`, {
      argument: name,
      value: end - begin,
      expected: String(needed),
    })
  }
  return { name, dtype: dtype as Dtype, shape, begin, end }
}

/** The tensors must tile the data exactly: no gap, no overlap, nothing after the last. */
function checkContiguous(entries: Entry[], dataBytes: number): void {
  const order = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)
  let at = 0
  for (const { name, begin, end } of order) {
    if (begin !== at) {
      throw formatError(
        `safetensors: tensor ${JSON.stringify(name)} begins at byte ${begin}, where ${begin < at ? 'another ends later' : 'a gap is'}`,
        { argument: name, value: begin, expected: String(at) },
      )
    }
    at = end
  }
  if (at !== dataBytes) {
    const fault = at > dataBytes ? 'the file is cut short' : 'bytes follow the last tensor'
    throw formatError(`safetensors: ${fault} (${dataBytes} bytes of data, ${at} described)`, {
      value: dataBytes,
      expected: String(at),
    })
  }
}

function decode(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.length / BYTES_OF[dtype]
  const out = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    if (dtype === 'F32') out[i] = view.getFloat32(4 * i, true)
    else if (dtype === 'F64') out[i] = view.getFloat64(8 * i, true)
    else if (dtype === 'F16') out[i] = halfToNumber(view.getUint16(2 * i, true))
    else out[i] = bfloatToNumber(view.getUint16(2 * i, true))
  }
  return out
}

const scratch = new DataView(new ArrayBuffer(4))

/** BF16 is the upper half of a single-precision number. */
function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

/** (−1)^s 2^(e−15) (1 + f/1024), subnormals f·2^−24, e = 31 for infinities and NaN. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  // Powers of two by repeated exact scaling would do as well; these are exact in double precision.
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

function isNaturalArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}
