// The part of ZIP that .npz files use, read with caps on everything: local entries | central directory | end record. fflate
// inflates; the directory is read here, so that sizes are known and bounded before anything is unpacked and every entry's
// CRC-32 is checked.
import { inflateSync } from 'fflate'
import { crc32 } from './crc32.js'
import { formatError } from './fail.js'

export interface ZipCaps {
  /** Entries in the archive. */
  readonly entries: number
  /** Unpacked bytes of all of them together. */
  readonly bytes: number
}

const END_BYTES = 22
const DIRECTORY_BYTES = 46
const LOCAL_BYTES = 30
/** An archive's comment can't be longer. */
const MAX_COMMENT = 65_535
/** DEFLATE can't pack tighter than this, so a larger claim is a lie. */
export const MAX_RATIO = 1_032

/** Unpacks every entry; encrypted, split and ZIP64 archives are refused. */
export function readZip(bytes: Uint8Array, caps: ZipCaps): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = findEnd(view)
  const count = view.getUint16(end + 10, true)
  const directoryBytes = view.getUint32(end + 12, true)
  const directory = view.getUint32(end + 16, true)
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count || directory === 0xffffffff) {
    throw formatError('zip: archives in several parts or beyond 4 GiB (ZIP64) are not read')
  }
  if (count > caps.entries) {
    throw formatError(`zip: ${count} entries are too many`, { value: count, expected: `at most ${caps.entries}` })
  }
  if (directory + directoryBytes > end) throw formatError('zip: the directory lies outside the file')

  const files = new Map<string, Uint8Array>()
  let total = 0
  let at = directory
  for (let i = 0; i < count; i++) {
    if (at + DIRECTORY_BYTES > end || view.getUint32(at, true) !== 0x02014b50) {
      throw formatError('zip: the directory is damaged or cut short')
    }
    const flags = view.getUint16(at + 8, true)
    const method = view.getUint16(at + 10, true)
    const crc = view.getUint32(at + 16, true)
    const packed = view.getUint32(at + 20, true)
    const size = view.getUint32(at + 24, true)
    const nameBytes = view.getUint16(at + 28, true)
    const next = at + DIRECTORY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (next > end) throw formatError('zip: the directory is damaged or cut short')
    const name = decodeName(bytes.subarray(at + DIRECTORY_BYTES, at + DIRECTORY_BYTES + nameBytes))
    if (flags & 1) throw formatError(`zip: entry ${JSON.stringify(name)} is encrypted`)
    if (packed === 0xffffffff || size === 0xffffffff)
      throw formatError('zip: entries beyond 4 GiB (ZIP64) are not read')
    if (files.has(name)) throw formatError(`zip: entry ${JSON.stringify(name)} occurs twice`)
    total += size
    if (total > caps.bytes) {
      throw formatError(`zip: unpacked, the entries up to ${JSON.stringify(name)} have ${total} bytes`, {
        value: total,
        expected: `at most ${caps.bytes}`,
      })
    }
    if (size > packed * MAX_RATIO + 64) {
      throw formatError(
        `zip: entry ${JSON.stringify(name)} claims ${size} bytes, which ${packed} packed ones can't hold`,
      )
    }
    const local = view.getUint32(at + 42, true)
    files.set(name, unpack(view, bytes, { name, local, method, packed, size, crc, limit: directory }))
    at = next
  }
  return files
}

interface Entry {
  readonly name: string
  readonly local: number
  readonly method: number
  readonly packed: number
  readonly size: number
  readonly crc: number
  /** Where the entries' region ends. */
  readonly limit: number
}

function unpack(view: DataView, bytes: Uint8Array, entry: Entry): Uint8Array {
  const { name, local, method, packed, size, crc, limit } = entry
  const label = `zip: entry ${JSON.stringify(name)}`
  if (local + LOCAL_BYTES > limit || view.getUint32(local, true) !== 0x04034b50) {
    throw formatError(`${label} is not where the directory says`)
  }
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (start + packed > limit) throw formatError(`${label} is cut short`)
  const body = bytes.subarray(start, start + packed)
  let data: Uint8Array
  if (method === 0) {
    data = body.slice()
  } else if (method === 8) {
    try {
      // One byte more than promised: an entry that unpacks to more shows itself without growing any buffer.
      data = inflateSync(body, { out: new Uint8Array(size + 1) })
    } catch (error) {
      throw formatError(`${label} can't be inflated: ${error instanceof Error ? error.message : String(error)}`)
    }
  } else {
    throw formatError(`${label} is packed by method ${method}`, {
      value: method,
      expected: '0 (stored) or 8 (deflated)',
    })
  }
  if (data.length !== size) throw formatError(`${label} unpacks to ${data.length} bytes, not ${size}`)
  if (crc32(data) !== crc) throw formatError(`${label} is damaged: its CRC-32 differs`)
  return data
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT)
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at
  }
  throw formatError('zip: the file is empty, cut short or no ZIP archive', { value: view.byteLength })
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw formatError('zip: an entry has a name that is no UTF-8')
  }
}
