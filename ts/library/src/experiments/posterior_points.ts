// The four points of slcp, N((θ₀, θ₁), Σ) with deviations θ₂² and θ₃² and correlation tanh θ₄: what they tell of θ by their means m,
// deviations s and correlation r, which are all that they tell, and where in the prior's box θ is then to be looked for. Of first images,
// see posterior_images.ts: |θ₂| and |θ₃| are stretched to the whole box.
import type { Engine } from '../engine.js'
import type { Tensor } from '../types.js'
import { stretched, unstretched } from './posterior_images.js'

/** Half the prior's box. */
const BOUND = 3
/** Widths are no less than this, and no more than the box. */
const LEAST_WIDTH = 1e-3
/** Of the points' variances, as the simulator of the benchmark has it. */
const VARIANCE_ADDED = 1e-6
/** Of a box so wide that its change of variable is the logit; and the nearest to its wall. */
const LOGIT_WIDTH = 1e6
const NEAR_ONE = 1 - 1e-6
/** tanh 3: no law of the prior correlates more, and points that do tell no more than that. */
const MOST_CORRELATED = 0.9950547536867305

/** Places hang on other coordinates: those of θ₂ and θ₄ on none, of θ₀ and θ₃ on θ₂, of θ₁ on all. So many times the way back is gone. */
export const PASSES = 3

/** Centre and width of each parameter. */
export interface Place {
  readonly centre: readonly number[]
  readonly width: readonly number[]
}

/** What places are made of, by row: the points, their stimulus, and θ. */
interface Told {
  points(row: number): Float32Array
  stimulus(row: number): Float32Array
  readonly theta: readonly Float32Array[]
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
 * Means, logarithms of the deviations, and 2 artanh of tanh 3 times the correlation, [simulation, 5]. Both are logits: ln s that of
 * (s − 1)/(s + 1) in the box [−1, 1].
 */
export async function pointStimuli(engine: Engine, { shape: [rows, k], data }: Tensor): Promise<Tensor> {
  const found = Array.from({ length: rows! }, (_, i) => statistics(data.subarray(i * k!, (i + 1) * k!)))
  const inside = (value: number) => Math.min(NEAR_ONE, Math.max(-NEAR_ONE, value))
  const bounded = found.flatMap(({ deviation, correlation }) =>
    [...deviation.map((s) => (s - 1) / (s + 1)), MOST_CORRELATED * correlation].map(inside),
  )
  const { data: logits } = await engine.changeVariable(
    { shape: [rows!, 3], data: Float32Array.from(bounded) },
    { bound: 1, centres: new Float64Array(bounded.length), widths: new Float64Array(bounded.length).fill(LOGIT_WIDTH) },
  )
  const stimuli = found.flatMap(({ mean }, i) => [...mean, ...logits.subarray(3 * i, 3 * i + 3)])
  return { shape: [rows!, 5], data: Float32Array.from(stimuli) }
}

/** tanh of each value, [row]. */
async function hyperbolicTangents(engine: Engine, values: readonly number[]): Promise<Float32Array> {
  const [centres, widths] = [new Float64Array(values.length), new Float64Array(values.length).fill(LOGIT_WIDTH)]
  const doubled = { shape: [values.length, 1], data: Float32Array.from(values, (value) => 2 * value) }
  return (await engine.changeVariable(doubled, { bound: 1, centres, widths }, 'back')).data
}

/**
 * Places of θ, of first images: each with its own points and their stimulus, or all with one. |θ₂| and |θ₃| are of the size of √s₀ and √s₁,
 * and where the points correlate as much above or below these as the other; artanh r is about θ₄. Given these, four points with mean m
 * tell of (θ₀, θ₁) that it is m, give or take half of the law's own deviation: θ₀ by itself, θ₁ about the law's line of regression.
 */
export async function placesOfPoints(engine: Engine, of: Told): Promise<readonly Place[]> {
  const correlations = of.theta.map((theta) => theta[4]!)
  const tangents = await hyperbolicTangents(engine, correlations)
  return of.theta.map((theta, i) => {
    const { mean, deviation, correlation } = statistics(of.points(i))
    const [size, other] = [unstretched(theta[2]!), unstretched(theta[3]!)]
    const law = [size * size, other * other] as const
    const variance = law[0] * law[0] + VARIANCE_ADDED
    const along = (tangents[i]! * law[0] * law[1]) / variance
    const across = Math.max(0, law[1] * law[1] + VARIANCE_ADDED - along * along * variance)
    const shared = correlation * correlation
    const roots = [Math.sqrt(deviation[0]), Math.sqrt(deviation[1])] as const
    const expected = [roots[0], roots[1] * (1 - shared + (shared * size) / roots[0])] as const
    const within = (width: number) => Math.min(2 * BOUND, Math.max(LEAST_WIDTH, width))
    return {
      centre: [mean[0], mean[1] + along * (theta[0]! - mean[0]), ...expected.map(stretched), 0.5 * of.stimulus(i)[4]!],
      width: [Math.sqrt(variance) / 2, Math.sqrt(across) / 2, ...expected, 1].map(within),
    }
  })
}

/**
 * The walls of the box make tails e^−|y| of the change of variable; y = x √(1 + x²/4) makes them e^−x²/2 of x, whose score is the leak
 * alone. The roots of IEEE 754 are the same everywhere.
 */
export const tightened = (y: number): number => y * Math.sqrt(2 / (1 + Math.sqrt(1 + y * y)))
/** y of x. */
export const loosened = (x: number): number => x * Math.sqrt(1 + (x * x) / 4)
