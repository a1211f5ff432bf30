// The four points of slcp, N((θ₀, θ₁), Σ) with deviations θ₂² and θ₃² and correlation tanh θ₄: what they tell of θ by their means m,
// deviations s and correlation r, which are all that they tell, and where in the prior's box θ is then to be looked for.
import type { Engine } from '../engine.js'
import type { Tensor } from '../types.js'

/** Half the prior's box. */
const BOUND = 3
/** Widths are no less than this, and no more than the box. */
const LEAST_WIDTH = 1e-3
/** Of the points' variances, as the simulator of the benchmark has it. */
const VARIANCE_ADDED = 1e-6
/** Of a box so wide that its change of variable is the logit; and the nearest to its wall. */
const LOGIT_WIDTH = 1e6
const NEAR_ONE = 1 - 1e-6

/** Centre and width of each parameter. */
export interface Place {
  readonly centre: readonly number[]
  readonly width: readonly number[]
}

/** Means, deviations and correlation of slcp's points, by which all that the points tell of θ is told. */
interface Statistics {
  readonly mean: readonly [number, number]
  readonly deviation: readonly [number, number]
  readonly correlation: number
}

function statistics(points: Float32Array): Statistics {
  const [count, mean, square] = [points.length / 2, [0, 0], [VARIANCE_ADDED, VARIANCE_ADDED]]
  for (let i = 0; i < points.length; i += 1) mean[i % 2]! += points[i]! / count
  let covariance = 0
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]! - mean[0]!, points[i + 1]! - mean[1]!]
    square[0]! += (x * x) / (count - 1)
    square[1]! += (y * y) / (count - 1)
    covariance += (x * y) / (count - 1)
  }
  // IEEE 754 has one square root.
  const deviation = [Math.sqrt(square[0]!), Math.sqrt(square[1]!)] as const
  return { mean: [mean[0]!, mean[1]!], deviation, correlation: covariance / (deviation[0] * deviation[1]) }
}

/**
 * Means, logarithms of the deviations, and 2 artanh of the correlation, [simulation, 5]. Both are logits: ln s that of (s − 1)/(s + 1)
 * in the box [−1, 1].
 */
export async function pointStimuli(engine: Engine, { shape: [rows, k], data }: Tensor): Promise<Tensor> {
  const found = Array.from({ length: rows! }, (_, i) => statistics(data.subarray(i * k!, (i + 1) * k!)))
  const inside = (value: number) => Math.min(NEAR_ONE, Math.max(-NEAR_ONE, value))
  const bounded = found.flatMap(({ deviation, correlation }) =>
    [...deviation.map((s) => (s - 1) / (s + 1)), correlation].map(inside),
  )
  const { data: logits } = await engine.changeVariable(
    { shape: [rows!, 3], data: Float32Array.from(bounded) },
    { bound: 1, centres: new Float64Array(bounded.length), widths: new Float64Array(bounded.length).fill(LOGIT_WIDTH) },
  )
  const stimuli = found.flatMap(({ mean }, i) => [...mean, ...logits.subarray(3 * i, 3 * i + 3)])
  return { shape: [rows!, 5], data: Float32Array.from(stimuli) }
}

/**
 * θ₀ is m₀ ± s₀/2. Given it, θ₁ lies on the points' line of regression, ± s₁ √(1 − r²)/2. θ₂ and θ₃ are of the size of √s₀ and √s₁, and
 * where the points correlate as much above or below these as the other; artanh r is about θ₄.
 */
export function placeOfPoints(points: Float32Array, stimulus: Float32Array, theta: Float32Array): Place {
  const { mean, deviation, correlation } = statistics(points)
  const [s, t] = deviation
  const along = (correlation * t) / s
  const shared = correlation * correlation
  const within = (width: number) => Math.min(2 * BOUND, Math.max(LEAST_WIDTH, width))
  const roots = [Math.sqrt(s), Math.sqrt(t)] as const
  const alike = 1 - shared + (shared * Math.abs(theta[2]!)) / roots[0]
  return {
    centre: [mean[0], mean[1] + along * (theta[0]! - mean[0]), 0, 0, 0.5 * stimulus[4]!],
    width: [within(s / 2), within((t * Math.sqrt(1 - shared)) / 2), within(roots[0]), within(roots[1] * alike), 1],
  }
}
