// Draws from files, as a diagnosis takes them: chains from an .npz file, a reference from .npz or .npy.
import type { NpyArray, Tensor } from 'langevin-rnn'
import { readBytes } from './commands/inspect.js'
import { FailedError } from './errors.js'

/** [chain, draw, n] of an array of an .npz file, [chain, draw] counting as n = 1; the time between draws where the file tells it. */
export async function readChains(file: string, array: string): Promise<{ draws: Tensor; interval: number | null }> {
  const { drawsFromNpz, readNpz } = await import('langevin-rnn')
  const bytes = await readBytes(file)
  const { arrays } = readNpz(bytes)
  const found = arrays.get(array)
  if (found === undefined) {
    const names = [...arrays.keys()].join(', ')
    throw new FailedError(`'${file}' has no array '${array}'; it has ${names || 'none'}`, 'format')
  }
  const shape = found.shape.length === 2 ? [...found.shape, 1] : found.shape
  if (shape.length !== 3) throw misshapen(file, found, '[chain, draw, n] or [chain, draw]')
  const configuration = arrays.has('draws') ? drawsFromNpz(bytes).provenance?.configuration : undefined
  const interval = Number(configuration?.['dt']) * Number(configuration?.['recordEvery'])
  return { draws: { shape, data: singles(file, found) }, interval: interval > 0 ? interval : null }
}

/** Points [point, n]: `draws` of an .npz file, all chains together, or an .npy array [point, n]; a vector counts as n = 1. */
export async function readReference(file: string): Promise<Tensor> {
  const { readNpy } = await import('langevin-rnn')
  const bytes = await readBytes(file)
  if (bytes[0] !== 0x93) {
    const { draws } = await readChains(file, 'draws')
    const n = draws.shape[2]!
    return { shape: [draws.data.length / n, n], data: draws.data }
  }
  const found = readNpy(bytes)
  const shape = found.shape.length === 1 ? [...found.shape, 1] : found.shape
  if (shape.length !== 2) throw misshapen(file, found, '[point, n]')
  return { shape, data: singles(file, found) }
}

function singles(file: string, { data, dtype }: NpyArray): Float32Array {
  if (data instanceof Float32Array) return data
  if (data instanceof Float64Array) return Float32Array.from(data)
  throw new FailedError(`'${file}' holds ${dtype}; expected float32 or float64`, 'format')
}

function misshapen(file: string, { shape }: NpyArray, expected: string): FailedError {
  return new FailedError(`'${file}' has an array of shape [${shape.join(', ')}]; expected ${expected}`, 'format')
}
