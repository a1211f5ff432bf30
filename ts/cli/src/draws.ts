// Draws from files, as a diagnosis takes them: chains from an .npz file, a reference from data of any kind.
import type { NpyArray, Provenance, Tensor } from 'langevin-rnn'
import { readBytes } from './commands/inspect.js'
import { FailedError } from './errors.js'

/** Chains, and where they came from when the file tells it. */
export interface Chains extends Tensor {
  readonly provenance: Provenance | null
}

/** [chain, draw, n] of an array of an .npz file, [chain, draw] counting as n = 1. */
export async function readChains(file: string, array: string): Promise<Chains> {
  const { drawsFromNpz, readNpz } = await import('langevin-rnn')
  const bytes = await readBytes(file)
  const { arrays } = readNpz(bytes)
  const found = arrays.get(array)
  if (found === undefined) {
    const names = [...arrays.keys()].join(', ')
    throw new FailedError(`'${file}' has no array '${array}'; it has ${names || 'none'}`, 'format')
  }
  const shape = found.shape.length === 2 ? [...found.shape, 1] : found.shape
  if (shape.length !== 3) {
    const expected = '[chain, draw, n] or [chain, draw]'
    throw new FailedError(`'${array}' in '${file}' has shape [${shape.join(', ')}]; expected ${expected}`, 'format')
  }
  const provenance = arrays.has('draws') ? drawsFromNpz(bytes).provenance : null
  return { shape, data: singles(file, found), provenance }
}

/** Points [point, n] of any file of data; of draws all chains together. */
export async function readReference(file: string): Promise<Tensor> {
  const { readPoints } = await import('langevin-rnn')
  return readPoints(await readBytes(file))
}

function singles(file: string, { data, dtype }: NpyArray): Float32Array {
  if (data instanceof Float32Array) return data
  if (data instanceof Float64Array) return Float32Array.from(data)
  throw new FailedError(`'${file}' holds ${dtype}; expected float32 or float64`, 'format')
}
