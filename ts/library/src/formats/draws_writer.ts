// Draws as a file, written piece by piece: the bytes of draws.npz or .npy are laid out beforehand, so that parts of a run can be put
// in their places one after another and only one of them need be in memory.
import type { ChainProgress, Provenance } from '../types.js'
import { canonicalJson } from './json.js'
import { npyHeader, writeNpy } from './npy.js'
import { bytesOfNumbers } from './numbers.js'
import { type WriteAt, ZipWriter } from './zip_writer.js'

/** Draws of some chains. */
export interface DrawsPart {
  /** Their records, [chain, draw, n]. */
  readonly data: Float32Array
  /** Their last states, [chain, n]. */
  readonly states: Float32Array
  /** Rates of chosen units, [chain, draw, unit]; null where there are none. */
  readonly rates: Float32Array | null
}

/** Writes the file of a run whose chains come in order. */
export class DrawsWriter {
  readonly #zip: ZipWriter
  #heads: (readonly [string, Uint8Array])[]
  /** Length of the file. */
  readonly bytes: number

  /**
   * @param shape - [chain, draw, n] of the whole
   * @param write - puts bytes at a place of the file; called in no particular order
   * @param rateUnits - units whose rates were recorded; default none
   * @throws {@link FormatError} beyond 4 GiB
   */
  constructor(
    shape: readonly [number, number, number],
    documents: DrawsDocuments,
    write: WriteAt,
    rateUnits: readonly number[] = [],
  ) {
    const [chains, draws, n] = shape
    const shapes: [string, number[]][] = [
      ['draws.npy', [...shape]],
      ['states.npy', [chains, n]],
    ]
    if (rateUnits.length > 0) shapes.push(['rates.npy', [chains, draws, rateUnits.length]])
    const heads = shapes.map(([name, shape]) => [name, npyHeader('float32', shape)] as const)
    const units = writeNpy({ shape: [rateUnits.length], data: Int32Array.from(rateUnits) })
    const wholes = [
      ...(rateUnits.length > 0 ? [['rate_units.npy', units] as const] : []),
      ...Object.entries(documents).map(
        ([name, value]) => [`${name}.json`, new TextEncoder().encode(canonicalJson(value))] as const,
      ),
    ]
    const size = (shape: readonly number[]) => 4 * shape.reduce((product, extent) => product * extent, 1)
    this.#zip = new ZipWriter(
      Object.fromEntries([
        ...heads.map(([name, { length }], i) => [name, length + size(shapes[i]![1])]),
        ...wholes.map(([name, { length }]) => [name, length]),
      ]),
      write,
    )
    this.bytes = this.#zip.bytes
    this.#heads = [...heads, ...wholes]
  }

  /**
   * The next chains.
   *
   * @throws {@link FormatError} for more chains than the whole has
   */
  add(part: DrawsPart): void {
    for (const [name, head] of this.#heads.splice(0)) this.#zip.append(name, head)
    this.#zip.append('draws.npy', bytesOfNumbers(part.data, true))
    this.#zip.append('states.npy', bytesOfNumbers(part.states, true))
    if (part.rates !== null) this.#zip.append('rates.npy', bytesOfNumbers(part.rates, true))
  }

  /**
   * Ends the file.
   *
   * @throws {@link FormatError} when chains are missing
   */
  end(): void {
    this.#zip.end()
  }
}

/** What is told beside the arrays, each as a JSON document. */
export interface DrawsDocuments {
  /** The run that the draws are of. */
  readonly provenance: Provenance
  /** Which part of that run; absent when it is the whole. */
  readonly shard?: Shard
  /** How far its chains are; absent when all of them have taken all steps. */
  readonly partial?: PartialRun
}

/** A run that was stopped, as far as it came. */
export interface PartialRun {
  /** Steps and draws of its chains; those that hadn't begun are in none. */
  readonly blocks: readonly ChainProgress[]
}

/** A part of a run that is spread over several files: the `index`-th of `of`, contiguous chains each. */
export interface Shard {
  /** Counted from 1. */
  readonly index: number
  /** Into how many parts the run was cut. */
  readonly of: number
  /** Chains of the whole run. */
  readonly chains: number
}
