// SHA-256 of an array as the core has it, piece by piece: dtype, 0, rank, extents (each 64 bits, little-endian), then the numbers'
// little-endian bytes with NaNs made canonical.
import { createHash } from 'node:crypto'
import { endianness } from 'node:os'

const CANONICAL_NAN = 0x7fc00000

export class ArrayHash {
  readonly #digest = createHash('sha256')

  constructor(dtype: 'float32', shape: readonly number[]) {
    const extents = BigUint64Array.from([shape.length, ...shape], BigInt)
    const view = new DataView(new ArrayBuffer(8 * extents.length))
    extents.forEach((extent, i) => {
      view.setBigUint64(8 * i, extent, true)
    })
    this.#digest.update(`${dtype}\0`).update(new Uint8Array(view.buffer))
  }

  /** The next numbers, row-major. */
  update(data: Float32Array): this {
    let bits = new Uint32Array(data.buffer, data.byteOffset, data.length)
    for (let i = 0; i < bits.length; i++) {
      // A NaN has all bits of the exponent, and some of the fraction.
      if ((bits[i]! & 0x7fffffff) <= 0x7f800000) continue
      if (bits.buffer === data.buffer) bits = bits.slice()
      bits[i] = CANONICAL_NAN
    }
    const bytes = Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength)
    this.#digest.update(endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32())
    return this
  }

  hex(): string {
    return this.#digest.digest('hex')
  }
}
