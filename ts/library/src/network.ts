// A network as it travels to workers.
import type { Network } from './types.js'

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
