// Gzip (RFC 1952) of one member, by fflate: the size at its end is bounded before anything is unpacked, the CRC-32 checked after.
import { gunzipSync } from 'fflate'
import { crc32 } from './crc32.js'
import { formatError } from './fail.js'
import { MAX_RATIO } from './zip.js'

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Unpacks at most `maxBytes`. */
export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length < 18) throw formatError('gzip: the file is cut short', { value: bytes.length })
  const end = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8)
  const size = end.getUint32(4, true)
  if (size > maxBytes) {
    throw formatError(`gzip: unpacked, the file has ${size} bytes`, { value: size, expected: `at most ${maxBytes}` })
  }
  if (size > bytes.length * MAX_RATIO + 64) {
    throw formatError(`gzip: the file claims ${size} bytes, which ${bytes.length} packed ones can't hold`)
  }
  let data: Uint8Array
  try {
    // One byte more than promised: a file that unpacks to more shows itself without growing any buffer.
    data = gunzipSync(bytes, { out: new Uint8Array(size + 1) })
  } catch (error) {
    throw formatError(`gzip: the file can't be unpacked: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (data.length !== size) throw formatError(`gzip: the file unpacks to ${data.length} bytes, not ${size}`)
  if (crc32(data) !== end.getUint32(0, true)) throw formatError('gzip: the file is damaged: its CRC-32 differs')
  return data
}
