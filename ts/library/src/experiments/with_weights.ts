// Weights put together by hand: s(y) = −y + W_out φ(W_fb y + b).
import type { Network } from '../types.js'

/**
 * A network like another one, but for its weights: nothing is known of its confinement or training.
 *
 * @param wOut - W_out [n, m]
 * @param wFb - W_fb [m, n]
 * @param bias - b [m]
 */
export function withWeights(like: Network, wOut: Float32Array, wFb: Float32Array, bias: Float32Array): Network {
  const { architecture, activation, dimension: n, scaling } = like
  const m = bias.length
  const tensors = {
    ...like.tensors,
    'W1.weight': { shape: [n, m], data: wOut },
    'W2.weight': { shape: [m, n], data: wFb },
    'W2.bias': { shape: [m], data: bias },
  }
  const shape = { architecture, activation, dimension: n, units: m }
  return { ...shape, tensors, ...(scaling && { scaling }), confinement: null, provenance: null }
}
