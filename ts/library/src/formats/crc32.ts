// CRC-32 (reflected polynomial 0xedb88320), as ZIP and gzip have it, four bytes a round ("slicing by four").

let tables: Uint32Array[] | undefined

function makeTables(): Uint32Array[] {
  const first = new Uint32Array(256)
  for (let n = 0; n < 256; n++) {
    let value = n
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
    first[n] = value
  }
  const all = [first]
  for (let k = 1; k < 4; k++) all.push(all[k - 1]!.map((value) => first[value & 255]! ^ (value >>> 8)))
  return all
}

/** The checksum of bytes, or of more bytes after those that gave `before`. */
export function crc32(data: Uint8Array, before = 0): number {
  tables ??= makeTables()
  const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  let crc = ~before
  const whole = data.length - (data.length % 4)
  for (let i = 0; i < whole; i += 4) {
    crc ^= data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!
  }
  for (let i = whole; i < data.length; i++) crc = t0[(crc ^ data[i]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}
