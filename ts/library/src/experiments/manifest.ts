// A manifest: what was computed and the hash of every array, with nothing in it that depends on time or machine.
import type { Engine } from '../engine.js'

/** The stream version that this package's experiments are written for. */
export const STREAM_VERSION = 1

/** One array of a result. */
export interface ArrayRecord {
  /** Type of its numbers. */
  readonly dtype: 'float32' | 'float64'
  /** Extents, outermost first. */
  readonly shape: readonly number[]
  /** SHA-256, 64 hexadecimal digits, over dtype, shape and little-endian bytes. */
  readonly sha256: string
}

/** What was computed, and the hash of every array: equal on every machine for equal settings. */
export interface Manifest {
  /** Tells manifests from other JSON documents. */
  readonly format: 'langevin-rnn manifest'
  /** Version of everything that decides bits. */
  readonly streamVersion: number
  /** The experiment's name. */
  readonly experiment: string
  /** The preset's name. */
  readonly preset: string
  /** The seed of every run in it. */
  readonly seed: number
  /** For each architecture the complete settings of training and sampling. */
  readonly configuration: Readonly<Record<string, unknown>>
  /**
   * Each array under `architecture/name`: the tensors, `losses`, `draws`, `figures` (the double peak's: Fisher divergence, W1 of the law, W1
   * of the draws), firing `rates` of the chain `activity`, and what else an experiment has.
   */
  readonly arrays: Readonly<Record<string, ArrayRecord>>
}

/** An array that a manifest has the hash of. */
export interface ManifestArray {
  /** Extents, outermost first. */
  readonly shape: readonly number[]
  /** Row-major, of the extents [outermost, …, innermost]. */
  readonly data: Float32Array | Float64Array
}

/** Hashes an array for a manifest. */
export async function recordArray(engine: Engine, { shape, data }: ManifestArray): Promise<ArrayRecord> {
  const dtype = data instanceof Float64Array ? 'float64' : 'float32'
  return { dtype, shape, sha256: await engine.hash({ shape, data }) }
}
