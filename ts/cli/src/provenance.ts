// What a file of draws tells about the network that drew them: enough to know it again.
import type { Draws, Engine, Network, Scaling } from 'langevin-rnn'

/** A network by what decides its drift. */
export interface NetworkIdentity {
  readonly architecture: string
  readonly activation: string
  /** SHA-256 over all tensors in the order of their names, as one float32 array: `hash` of a trained network. */
  readonly sha256: string
  readonly irreversibleScale?: number
  readonly noiseInput?: boolean
  readonly scaling?: Scaling
}

export async function identify(engine: Pick<Engine, 'hash'>, network: Network): Promise<NetworkIdentity> {
  const names = Object.keys(network.tensors).sort()
  const arrays = names.map((name) => network.tensors[name]!.data)
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  const sha256 = await engine.hash({ shape: [all.length], data: all })
  const { architecture, activation, irreversibleScale, noiseInput, scaling } = network
  return {
    architecture,
    activation,
    sha256,
    ...(irreversibleScale !== undefined && { irreversibleScale }),
    ...(noiseInput !== undefined && { noiseInput }),
    ...(scaling && { scaling }),
  }
}

/** Draws whose provenance also names the network, and what else the run was given by files. */
export function withOrigin(draws: Draws, origin: Readonly<Record<string, unknown>>): Draws {
  const { provenance } = draws
  return { ...draws, provenance: { ...provenance, configuration: { ...provenance.configuration, ...origin } } }
}
