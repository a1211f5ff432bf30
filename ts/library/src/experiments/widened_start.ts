// A network for training to begin with that goes on from a smaller one with fewer coordinates: where the two share coordinates it has the
// small one's score, elsewhere a Gaussian's. With δ′ the new unit of x and r = δ′/δ, the score in new units is r times that in old ones:
// −r² y′ + r W_out φ(r W_fb y′ + b), whose leak two relu units a coordinate bring from −1 to −r².
import type { Engine } from '../engine.js'
import { invalid } from '../errors.js'
import type { Network, TrainOptions } from '../types.js'
import { gaussianStart, RISE } from './gaussian_start.js'
import { withWeights } from './with_weights.js'

/** Of a deviation: how far means of the same coordinate may be apart. */
const SAME_MEAN = 1e-4

/**
 * The network that a run of `options` may begin with, its `initial`.
 *
 * @param network - a reservoir-sampler of relu units, trained at the noise level `options.noiseMax` on the first coordinates of the same
 *   points: the first principal components, where `options.data` holds more of them
 * @param options - of a run by Adam on data of one's own with more coordinates: its units are two for each of them, the network's own, and
 *   any number of fresh ones, whose W_out is 0
 * @throws an `InvalidArgumentError` for fewer units, a network that isn't so, or what `train` refuses
 */
export async function widenedStart(engine: Engine, network: Network, options: TrainOptions): Promise<Network> {
  const asked = 'a reservoir-sampler of relu units with fewer coordinates than the data, and no inputs'
  if (network.architecture !== 'reservoir-sampler' || network.activation !== 'relu' || network.tensors['W_in.weight']) {
    throw invalid('network', `${network.architecture} of ${network.activation}`, asked)
  }
  const wide = await gaussianStart(engine, options)
  const { dimension: n, units: m } = wide
  const { dimension: n0, units: m0 } = network
  if (n0 >= n) throw invalid('network.dimension', n0, `fewer than the data's ${n}`)
  if (m < 2 * n + m0)
    throw invalid('units', m, `${2 * n + m0} or more for ${n} dimensions and a network of ${m0} units`)
  const [old, now] = [network.scaling?.x, wide.scaling?.x]
  const ratio = Array.from({ length: n0 }, (_, d) => (now?.deviation[d] ?? 1) / (old?.deviation[d] ?? 1))
  for (let d = 0; d < n0; d += 1) {
    const apart = Math.abs((now?.mean[d] ?? 0) - (old?.mean[d] ?? 0))
    if (!(apart <= SAME_MEAN * (now?.deviation[d] ?? 1))) {
      throw invalid('network.scaling', `a mean ${apart} from the data's`, 'that of the same coordinate')
    }
  }
  const copy = (name: string) => Float32Array.from(wide.tensors[name]!.data)
  const [wOut, wFb, bias] = [copy('W1.weight'), copy('W2.weight'), copy('W2.bias')]
  const given = (name: string) => network.tensors[name]!.data
  for (const [d, r] of ratio.entries()) {
    for (const k of [0, 1]) wOut[d * m + 2 * d + k] = ((1 - 2 * k) * (1 - r * r)) / RISE
  }
  for (let j = 0; j < m0; j += 1) {
    const to = 2 * n + j
    wFb.fill(0, to * n, (to + 1) * n)
    for (const [d, r] of ratio.entries()) {
      wFb[to * n + d] = r * given('W2.weight')[j * n0 + d]!
      wOut[d * m + to] = r * given('W1.weight')[d * m0 + j]!
    }
    bias[to] = given('W2.bias')[j]!
  }
  return withWeights(wide, wOut, wFb, bias)
}
