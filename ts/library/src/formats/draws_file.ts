// Draws as .npz: `draws`, float32 [chain, draw, n], which numpy.load and the ArviZ recipe read; beside it the chains'
// last states, to continue from, rates of chosen units, and the provenance as JSON.

import type { Draws, Provenance } from '../types.js'
import { DrawsWriter, type PartialRun, type Shard } from './draws_writer.js'
import { formatError } from './fail.js'
import { isPlainObject, parseJson } from './json.js'
import { readProvenance } from './network_file.js'
import { type NpyArray, readNpy, writeNpy } from './npy.js'
import type { NumberArray } from './numbers.js'
import { readZip } from './zip.js'
import { writeZip } from './zip_writer.js'

/** What a file of draws tells; files of other programs hold `draws` alone. */
export interface DrawsFile {
  /** The records [chain, draw, n], row-major, in units of x. */
  readonly data: Float32Array
  /** [chain, draw, n]. */
  readonly shape: readonly [number, number, number]
  /** State of every chain after its last step, [chain, n]; null when the file has none. */
  readonly states: Float32Array | null
  /** Rates of chosen units at the times of the records, [chain, draw, unit]; null when the file has none. */
  readonly rates: Float32Array | null
  /** Those units, in the order of `rates`. */
  readonly rateUnits: readonly number[]
  /** The sampling run; null when the file doesn't tell. */
  readonly provenance: Provenance | null
  /** Which part of a run it is; null for a whole one. */
  readonly shard: Shard | null
  /** How far a run that was stopped had come; null for a complete one. */
  readonly partial: PartialRun | null
}

/** How much a reader of .npz files accepts. */
export interface DrawsFileOptions {
  /** Unpacked bytes that a file may have; default 2 GiB. */
  readonly maxBytes?: number
  /** Entries that a file may have; default 64. */
  readonly maxEntries?: number
}

const DEFAULT_MAX_ENTRIES = 64
const DEFAULT_MAX_BYTES = 2 ** 31

/**
 * The bytes of `draws.npz`, a function of the draws' value alone: arrays `draws` [chain, draw, n] and `states` [chain, n], both
 * float32, and `provenance.json`; where units were chosen also `rates` [chain, draw, unit], float32, and `rate_units` [unit], int32; for a
 * run that was stopped also `partial.json`. Stored, not compressed.
 *
 * @param shard - for a part of a run that is spread over several files: which one, as `shard.json`; default: the whole
 * @throws {@link FormatError} beyond 4 GiB
 */
export function drawsToNpz(draws: Draws, shard?: Shard): Uint8Array<ArrayBuffer> {
  let file = new Uint8Array()
  const partial = draws.complete ? undefined : { blocks: draws.blocks }
  const documents = { provenance: draws.provenance, ...(shard && { shard }), ...(partial && { partial }) }
  const write = (bytes: Uint8Array, at: number) => {
    if (file.length === 0) file = new Uint8Array(writer.bytes)
    file.set(bytes, at)
  }
  const writer = new DrawsWriter(draws.shape, documents, write, draws.rateUnits)
  writer.add(draws)
  writer.end()
  return file
}

/**
 * The bytes of an .npz file of arrays by name, a function of their values alone. Stored, not compressed.
 *
 * @throws {@link FormatError} for a shape that isn't that of its data, or beyond 4 GiB
 */
export function writeNpz(arrays: Readonly<Record<string, NumberArray>>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)] as const)
  return writeZip(Object.fromEntries(entries))
}

/**
 * Reads every array of an .npz file, stored or deflated; at most 64 entries.
 *
 * @returns `arrays`, by name without `.npy`, and `others`, the bytes of entries that are no arrays
 * @throws {@link FormatError} for a damaged file, one over the caps, or a dtype that can't be read
 */
export function readNpz(
  bytes: Uint8Array,
  options: DrawsFileOptions = {},
): {
  /** Arrays by name, without `.npy`. */
  arrays: Map<string, NpyArray>
  /** Bytes of entries that are no arrays. */
  others: Map<string, Uint8Array>
} {
  const arrays = new Map<string, NpyArray>()
  const others = new Map<string, Uint8Array>()
  const caps = {
    entries: options.maxEntries ?? DEFAULT_MAX_ENTRIES,
    bytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
  }
  for (const [name, data] of readZip(bytes, caps)) {
    if (name.endsWith('.npy')) arrays.set(name.slice(0, -4), readNpy(data))
    else others.set(name, data)
  }
  return { arrays, others }
}

/**
 * Reads `draws` (float32, or float64 rounded to it), [chain, draw, n]; [chain, draw] counts as n = 1.
 *
 * @throws {@link FormatError} for a damaged file, or one without such draws
 */
export function drawsFromNpz(bytes: Uint8Array, options: DrawsFileOptions = {}): DrawsFile {
  const { arrays, others } = readNpz(bytes, options)
  const draws = arrays.get('draws')
  if (draws === undefined) {
    throw formatError("npz: there is no array 'draws'", { value: [...arrays.keys()], expected: 'draws' })
  }
  const shape = draws.shape.length === 2 ? [...draws.shape, 1] : draws.shape
  if (shape.length !== 3 || shape.some((extent) => extent < 1)) {
    throw formatError(`npz: 'draws' has shape [${draws.shape.join(', ')}]`, {
      argument: 'draws',
      value: draws.shape,
      expected: '[chain, draw, n], none of them 0',
    })
  }
  const states = arrays.get('states')
  if (states && (states.shape.length !== 2 || states.shape[0] !== shape[0] || states.shape[1] !== shape[2])) {
    throw formatError(`npz: 'states' has shape [${states.shape.join(', ')}]`, {
      argument: 'states',
      value: states.shape,
      expected: `[${shape[0]}, ${shape[2]}]`,
    })
  }
  return {
    data: singlePrecision('draws', draws),
    shape: shape as unknown as readonly [number, number, number],
    states: states ? singlePrecision('states', states) : null,
    ...readRates(arrays, shape),
    provenance: readProvenance(others.get('provenance.json')),
    shard: readShard(others.get('shard.json')),
    partial: readPartial(others.get('partial.json')),
  }
}

/** Rates and the units that they are of; arrays of these names that other programs wrote alone are none of a run's. */
function readRates(arrays: ReadonlyMap<string, NpyArray>, shape: readonly number[]) {
  const [rates, units] = [arrays.get('rates'), arrays.get('rate_units')]
  if (rates === undefined || units === undefined) return { rates: null, rateUnits: [] }
  const expected = [...shape.slice(0, 2), units.data.length]
  if (units.shape.length !== 1 || rates.shape.join() !== expected.join()) {
    throw formatError(`npz: 'rates' has shape [${rates.shape}], 'rate_units' [${units.shape}]`, {
      argument: 'rates',
      value: rates.shape,
      expected: `[${expected}] and [${units.data.length}]`,
    })
  }
  return { rates: singlePrecision('rates', rates), rateUnits: Array.from(units.data, Number) }
}

function readShard(text: Uint8Array | undefined): Shard | null {
  if (text === undefined) return null
  const value = parseJson(text, 'npz: shard.json')
  const { index, of, chains } = isPlainObject(value) ? value : {}
  const whole = [index, of, chains].every((number) => Number.isSafeInteger(number) && (number as number) > 0)
  if (!whole || (index as number) > (of as number) || (of as number) > (chains as number)) {
    throw formatError('npz: shard.json describes no part of a run', { argument: 'shard', value: value as object })
  }
  return { index, of, chains } as Shard
}

function readPartial(text: Uint8Array | undefined): PartialRun | null {
  if (text === undefined) return null
  const value = parseJson(text, 'npz: partial.json')
  const blocks = isPlainObject(value) ? value['blocks'] : undefined
  const counts = ['firstChain', 'chains', 'steps', 'draws']
  const isBlock = (block: unknown) => isPlainObject(block) && counts.every((name) => Number.isSafeInteger(block[name]))
  if (!Array.isArray(blocks) || !blocks.every(isBlock)) {
    throw formatError('npz: partial.json does not tell how far the chains are', { argument: 'partial', value })
  }
  return { blocks } as PartialRun
}

function singlePrecision(name: string, array: NpyArray): Float32Array {
  if (array.data instanceof Float32Array) return array.data
  if (array.data instanceof Float64Array) return Float32Array.from(array.data)
  throw formatError(`npz: '${name}' has dtype ${array.dtype}`, {
    argument: name,
    value: array.dtype,
    expected: 'float32 or float64',
  })
}
