// A manifest: what was computed and the hash of every array, with nothing in it that depends on time or machine.
import type { Engine } from '../engine.js'

/** The stream version that this package's experiments are written for. */
export const STREAM_VERSION = 1

/** One array of a result. */
export interface ArrayRecord {
  readonly dtype: 'float32' | 'float64'
  readonly shape: readonly number[]
  /** Over dtype, shape and little-endian bytes. */
  readonly sha256: string
}

export interface Manifest {
  readonly format: 'langevin-rnn manifest'
  readonly streamVersion: number
  readonly experiment: string
  readonly preset: string
  readonly seed: number
  readonly configuration: Readonly<Record<string, unknown>>
  readonly arrays: Readonly<Record<string, ArrayRecord>>
}

/** Hashes an array for a manifest. */
export async function recordArray(
  engine: Engine,
  shape: readonly number[],
  data: Float32Array | Float64Array,
): Promise<ArrayRecord> {
  const dtype = data instanceof Float64Array ? 'float64' : 'float32'
  return { dtype, shape, sha256: await engine.hash({ shape, data }) }
}
