// What a network learns of a task: x, where θ = μ(u) + w(u) x deep in the prior's box, beside the stimulus u; and the way back.
// μ is the line of least squares of θ over u, w one width for all; of slcp both are told by its four points.
import type { Engine } from '../engine.js'
import type { Box, Task, Tensor } from '../types.js'

/** Half the prior's box, and the width within which its walls are felt, both in units of θ. */
const BOXES: Readonly<Record<Task, { readonly bound: number; readonly width: number }>> = {
  'two-moons': { bound: 1, width: 0.1 },
  'gaussian-mixture': { bound: 10, width: 1 },
  'gaussian-linear': { bound: 0, width: 1 },
  slcp: { bound: 3, width: 1 },
}
/** Widths of slcp are no less than this, and no more than the box. */
const LEAST_WIDTH = 1e-3
/** Of the points' variances, as the simulator of the benchmark has it. */
const VARIANCE_ADDED = 1e-6
/** Of a box so wide that its change of variable is the logit; and the nearest to its wall. */
const LOGIT_WIDTH = 1e6
const NEAR_ONE = 1 - 1e-6

/** A task as its networks know it. */
export interface Chart {
  /** Simulations as training takes them: x [simulation, d] … */
  readonly x: Tensor
  /** … and u [simulation, k]. */
  readonly stimuli: Tensor
  /** Root mean square of the deviations of x: what noise levels are told in. */
  readonly scale: number
  /** u of one observation. */
  stimulus(observation: Float32Array): Promise<number[]>
  /** θ of draws x [draw, d] of the posterior of one observation. */
  parameters(draws: Tensor, observation: Float32Array): Promise<Tensor>
}

/** Simulates a task and lays out its chart. */
export async function chartOf(engine: Engine, task: Task, simulations: number, seed: number): Promise<Chart> {
  const { parameters, data } = await engine.simulate(task, simulations, seed)
  const stimuliOf = (of: Tensor) => (task === 'slcp' ? pointStimuli(engine, of) : Promise.resolve(of))
  const stimuli = await stimuliOf(data)
  const line = task === 'slcp' ? null : leastSquares(stimuli, parameters)
  const d = parameters.shape[1]!
  const { bound, width } = BOXES[task]
  const boxOf = (of: Tensor, repeats = 1): Box => {
    const [rows, k] = of.shape as [number, number]
    const [centres, widths] = [new Float64Array(rows * d * repeats), new Float64Array(rows * d * repeats)]
    for (let i = 0; i < rows; i += 1) {
      const row = of.data.subarray(i * k, (i + 1) * k)
      const place = line ? { centre: line(row), width: new Array<number>(d).fill(width) } : placeOfPoints(row)
      for (let r = 0; r < repeats; r += 1) {
        const at = (i * repeats + r) * d
        centres.set(bound > 0 ? place.centre.map((c) => Math.min(bound, Math.max(-bound, c))) : place.centre, at)
        widths.set(place.width, at)
      }
    }
    return { bound, centres, widths }
  }
  const one = (observation: Float32Array): Tensor => ({ shape: [1, observation.length], data: observation })
  const x = await engine.changeVariable(parameters, boxOf(data))
  return {
    x,
    stimuli,
    scale: rootMeanVariance(x),
    stimulus: async (observation) => [...(await stimuliOf(one(observation))).data],
    parameters: (draws, observation) => engine.changeVariable(draws, boxOf(one(observation), draws.shape[0]!), 'back'),
  }
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
async function pointStimuli(engine: Engine, { shape: [rows, k], data }: Tensor): Promise<Tensor> {
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

/** Centres and widths of slcp's θ: m and s/2 for the means θ₀ and θ₁; 0 and √s for θ₂ and θ₃, whose squares are s; none for θ₄. */
function placeOfPoints(points: Float32Array): { centre: number[]; width: number[] } {
  const { mean, deviation } = statistics(points)
  const within = (width: number) => Math.min(2 * BOXES.slcp.bound, Math.max(LEAST_WIDTH, width))
  return {
    centre: [...mean, 0, 0, 0],
    width: [...deviation.map((s) => within(s / 2)), ...deviation.map((s) => within(Math.sqrt(s))), 1],
  }
}

/** The line θ = A u + c of least squares, by the normal equations in the order of the rows. */
function leastSquares(
  { shape, data: u }: Tensor,
  { shape: [, d], data: theta }: Tensor,
): (row: Float32Array) => number[] {
  const [rows, k] = shape as [number, number]
  const width = k + 1 + d!
  // [uᵀu | uᵀθ] with u after a 1.
  const system = Array.from({ length: k + 1 }, () => new Float64Array(width))
  const row = new Float64Array(width)
  row[0] = 1
  for (let i = 0; i < rows; i += 1) {
    row.set(u.subarray(i * k, (i + 1) * k), 1)
    row.set(theta.subarray(i * d!, (i + 1) * d!), k + 1)
    for (let a = 0; a <= k; a += 1) {
      const sums = system[a]!
      for (let b = 0; b < width; b += 1) sums[b]! += row[a]! * row[b]!
    }
  }
  // Gauss and Jordan; the matrix is positive definite, so no pivots are chosen.
  for (let a = 0; a <= k; a += 1) {
    const pivot = system[a]!
    const inverse = 1 / pivot[a]!
    for (let b = 0; b < width; b += 1) pivot[b]! *= inverse
    for (const [other, sums] of system.entries()) {
      const factor = sums[a]!
      if (other !== a) for (let b = 0; b < width; b += 1) sums[b]! -= factor * pivot[b]!
    }
  }
  return (row) =>
    Array.from({ length: d! }, (_, j) =>
      system.reduce((sum, of, a) => sum + of[k + 1 + j]! * (a === 0 ? 1 : row[a - 1]!), 0),
    )
}

function rootMeanVariance({ shape, data }: Tensor): number {
  const [rows, d] = shape as [number, number]
  const [sums, squares] = [new Float64Array(d), new Float64Array(d)]
  for (let i = 0; i < data.length; i += 1) sums[i % d]! += data[i]! / rows
  for (let i = 0; i < data.length; i += 1) {
    const x = data[i]! - sums[i % d]!
    squares[i % d]! += (x * x) / rows
  }
  return Math.sqrt(squares.reduce((sum, square) => sum + square / d, 0))
}
