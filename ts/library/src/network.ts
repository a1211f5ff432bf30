// A network as it travels to workers.
import type { Network } from './types.js'

/** Its weights alone: reports, provenance and whatever training added stay where they are. */
export function withoutReports(network: Network): Network {
  const { architecture, activation, dimension, units, tensors } = network
  return { architecture, activation, dimension, units, tensors, confinement: null, provenance: null }
}
