// A network as it travels to workers.
import type { Network } from './types.js'

/** A network as the core returns it: without report and provenance. */
export type BareNetwork = Omit<Network, 'confinement' | 'provenance'>

/** Its weights alone: reports, provenance and whatever training added stay where they are. */
export function withoutReports(network: Network): Network {
  const { architecture, activation, dimension, units, tensors } = network
  const { irreversibleScale, noiseInput, scaling } = network
  return {
    architecture,
    activation,
    dimension,
    units,
    tensors,
    ...(irreversibleScale !== undefined && { irreversibleScale }),
    ...(noiseInput && { noiseInput }),
    ...(scaling && { scaling }),
    confinement: null,
    provenance: null,
  }
}

/** SHA-256 over all tensors in the order of their names, as one array. */
export function hashOfTensors(
  { tensors }: Pick<Network, 'tensors'>,
  hash: (shape: number[], data: Float32Array) => Promise<string>,
): Promise<string> {
  const arrays = Object.keys(tensors)
    .sort()
    .map((name) => tensors[name]?.data ?? new Float32Array())
  const all = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0))
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  return hash([all.length], all)
}
