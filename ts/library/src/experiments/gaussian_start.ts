// A network for training to begin with that has the score of a Gaussian as wide as the data with noise, s(y)_d = −y_d/(λ_d + σ²) in
// standardised units. Two relu units a dimension make it, ½y = relu(½y) − relu(−½y); the others keep their random W_fb and b, with
// W_out = 0. Random weights in many dimensions are far worse than nothing where σ is wide.
import type { Engine } from '../engine.js'
import { invalid } from '../errors.js'
import type { Network, TrainOptions } from '../types.js'
import { withWeights } from './with_weights.js'

/** How steeply the units rise that make the Gaussian's score: Adam changes their weights as it does the others'. */
export const RISE = 0.5

/**
 * The network that a run of `options` may begin with, its `initial`; the variances are those of the data's coordinates, as where these
 * are principal components.
 *
 * @param options - of a run by Adam on data of one's own: relu units, at least two for each coordinate
 * @throws an `InvalidArgumentError` for fewer units, or what `train` refuses
 */
export async function gaussianStart(engine: Engine, options: TrainOptions): Promise<Network> {
  const { noiseMax = 1, data, finalLearningRate: _, ...rest } = options
  if (data === undefined || !('data' in data)) throw invalid('data', 'missing or a stream', 'points [point, n] at hand')
  // One step that changes no weight: the run's own random weights, and its units of x.
  const one = { levels: 1, noiseMin: noiseMax, epochs: 1, points: 1, batch: 1, learningRate: 1e-30 }
  const network = await engine.train({ ...rest, data, noiseMax, ...one })
  const { dimension: n, units: m, scaling } = network
  if (m < 2 * n || network.activation !== 'relu') {
    throw invalid('units', `${m} of ${network.activation}`, `relu units, ${2 * n} or more for ${n} dimensions`)
  }
  const [wOut, wFb, bias] = [new Float32Array(n * m), values(network, 'W2.weight'), values(network, 'W2.bias')]
  for (let d = 0; d < n; d += 1) {
    const unit = scaling?.x?.deviation[d] ?? 1
    const variance = (varianceOf(data.data, n, d) + noiseMax * noiseMax) / (unit * unit)
    for (const [j, sign] of [2 * d, 2 * d + 1].map((unit, k) => [unit, 1 - 2 * k] as const)) {
      wFb.fill(0, j * n, (j + 1) * n)
      wFb[j * n + d] = sign * RISE
      bias[j] = 0
      wOut[d * m + j] = (sign * (1 - 1 / variance)) / RISE
    }
  }
  return withWeights(network, wOut, wFb, bias)
}

function values(network: Network, name: string): Float32Array {
  return Float32Array.from(network.tensors[name]!.data)
}

function varianceOf(rows: Float32Array, n: number, d: number): number {
  let [sum, square] = [0, 0]
  for (let i = d; i < rows.length; i += n) sum += rows[i]!
  const mean = (sum * n) / rows.length
  for (let i = d; i < rows.length; i += n) square += (rows[i]! - mean) * (rows[i]! - mean)
  return (square * n) / rows.length
}
