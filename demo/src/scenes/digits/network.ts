// The trained network and its principal components as the scene uses them: in the network's own units y = (x − μ)/δ, in which pieces
// of a run have the bits of the whole. A picture is m + Cᵀ(μ + δ y).
import { type Engine, type Network, networkFromSafetensors, readSafetensors, type Tensor } from 'langevin-rnn'

/** Pixels across and down. */
export const SIDE = 28
/** Gaussian noise, as wide as the digits are. */
export const START = { kind: 'normal', mean: 0, deviation: 1 } as const

export interface DigitsNetwork {
  /** Its score is that of y. */
  readonly network: Network
  /** σ/δ of each coordinate. */
  readonly noise: readonly number[]
  /** From y to pictures. */
  readonly basis: Parameters<Engine['reconstruct']>[1]
}

/** @param network of digits.safetensors; @param components of digits-components.safetensors */
export function digitsNetwork(network: Uint8Array, components: Uint8Array): DigitsNetwork {
  const { scaling, ...own } = networkFromSafetensors(network)
  const { tensors, metadata } = readSafetensors(components)
  const { mean: centre, deviation } = scaling!.x!
  const sigma = Number(metadata.get('noise'))
  const [mean, rows] = ['mean', 'components'].map((name) => Float64Array.from(tensors.get(name)!.data)) as [
    Float64Array,
    Float64Array,
  ]
  rows.forEach((value, at) => {
    mean[at % mean.length]! += centre[Math.floor(at / mean.length)]! * value
    rows[at] = deviation[Math.floor(at / mean.length)]! * value
  })
  return {
    // Its confinement report is in the units that it was trained in, and workers have no use for it.
    network: { ...own, confinement: null },
    noise: deviation.map((one) => sigma / one),
    basis: { mean, components: rows, variances: new Float64Array(), totalVariance: 0 },
  }
}

/** y + (σ/δ)² s(y): the mean of the digits that y may be a noisy one of. */
export async function denoise(engine: Engine, { network, noise }: DigitsNetwork, y: Tensor): Promise<Tensor> {
  const score = await engine.score(network, y)
  return { shape: y.shape, data: y.data.map((value, at) => value + noise[at % noise.length]! ** 2 * score[at]!) }
}
