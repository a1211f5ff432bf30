// Chains from a file of draws, as a diagnosis takes them.
import type { Provenance, Tensor } from 'langevin-rnn'
import { FailedError } from './errors.js'
import { readAs } from './files_in.js'

/** Chains, and where they came from when the file tells it. */
export interface Chains extends Tensor {
  readonly provenance: Provenance | null
  /** Firing rates that were recorded with them; null where there are none. */
  readonly rates: Float32Array | null
  readonly rateUnits: readonly number[]
  /** What the coordinates are called, where they are no outputs. */
  readonly names: readonly string[] | null
}

/** [chain, draw, n] of an array of an .npz file, [chain, draw] counting as n = 1. */
export async function readChains(file: string, array: string): Promise<Chains> {
  const { drawsFromNpz, readNpz } = await import('langevin-rnn')
  if (array === 'draws') return { ...(await readAs(file, drawsFromNpz)), names: null }
  const { arrays } = await readAs(file, readNpz)
  const found = arrays.get(array)
  if (found === undefined) {
    const names = [...arrays.keys()].join(', ')
    throw new FailedError(`'${file}' has no array '${array}'; it has ${names || 'none'}`, 'format')
  }
  const { data, dtype } = found
  const shape = found.shape.length === 2 ? [...found.shape, 1] : found.shape
  if (shape.length !== 3 || !(data instanceof Float32Array || data instanceof Float64Array)) {
    const is = `${dtype} [${found.shape.join(', ')}]`
    const expected = 'float32 or float64, [chain, draw, n] or [chain, draw]'
    throw new FailedError(`'${array}' in '${file}' is ${is}; expected ${expected}`, 'format')
  }
  // Other arrays were recorded at the times of the draws.
  const draws = arrays.has('draws') ? await readAs(file, drawsFromNpz) : null
  const names = array === 'rates' && draws ? draws.rateUnits.map((unit) => `unit ${unit}`) : null
  const own = { shape, data: Float32Array.from(data), names }
  return { ...own, provenance: draws?.provenance ?? null, rates: null, rateUnits: [] }
}
