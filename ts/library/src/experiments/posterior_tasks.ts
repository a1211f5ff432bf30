// What a network learns of a task: x, where θ = μ(u) + w(u) x deep in the prior's box, beside the stimulus u; and the way back.
// μ is the data where they are θ and noise, else the line of least squares of θ over u; w is one width for all. Of slcp both are told
// by its four points. Where two θ give the same data, x is of one of them: of two-moons, which has |θ₀ + θ₁|, of θ₀ + θ₁ ≥ 0.
import type { Engine } from '../engine.js'
import type { Box, Task, Tensor } from '../types.js'
import { type Place, placeOfPoints, pointStimuli } from './posterior_points.js'

/** Half the prior's box, and the width within which its walls are felt, both in units of θ; what μ is; whether θ has a mirror image. */
interface Prior {
  readonly bound: number
  readonly width: number
  readonly centre: 'data' | 'line' | 'points'
  readonly mirrored: boolean
}
const PRIORS: Readonly<Record<Task, Prior>> = {
  'two-moons': { bound: 1, width: 0.03, centre: 'line', mirrored: true },
  'gaussian-mixture': { bound: 10, width: 0.1, centre: 'data', mirrored: false },
  'gaussian-linear': { bound: 0, width: 1, centre: 'line', mirrored: false },
  slcp: { bound: 3, width: 1, centre: 'points', mirrored: false },
}
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
  const { bound, width, centre, mirrored } = PRIORS[task]
  const { parameters: simulated, data } = await engine.simulate(task, simulations, seed)
  const parameters = mirrored ? reflected(simulated, (x, y) => x + y < 0) : simulated
  const stimuliOf = (of: Tensor) => (task === 'slcp' ? pointStimuli(engine, of) : Promise.resolve(of))
  const stimuli = await stimuliOf(data)
  const d = parameters.shape[1]!
  const middle = centre === 'line' ? leastSquares(stimuli, parameters) : (u: Float32Array) => [...u]
  const chartAt: (data: Float32Array, u: Float32Array, theta: Float32Array) => Place =
    centre === 'points' ? placeOfPoints : (_, u) => ({ centre: middle(u), width: new Array<number>(d).fill(width) })
  /** Of θ, each with its own data and stimulus, or all with one. */
  const boxOf = (of: Tensor, us: Tensor, theta: Tensor): Box => {
    const count = theta.shape[0]!
    const [centres, widths] = [new Float64Array(count * d), new Float64Array(count * d)]
    for (let i = 0; i < count; i += 1) {
      const place = chartAt(row(of, i), row(us, i), row(theta, i))
      centres.set(bound > 0 ? place.centre.map((c) => Math.min(bound, Math.max(-bound, c))) : place.centre, i * d)
      widths.set(place.width, i * d)
    }
    return { bound, centres, widths }
  }
  const one = (numbers: Float32Array): Tensor => ({ shape: [1, numbers.length], data: numbers })
  const x = await engine.changeVariable(parameters, boxOf(data, stimuli, parameters))
  return {
    x,
    stimuli,
    scale: rootMeanVariance(x),
    stimulus: async (observation) => [...(await stimuliOf(one(observation))).data],
    async parameters(draws, observation) {
      const of = one(observation)
      const u = await stimuliOf(of)
      const back = (theta: Tensor) => engine.changeVariable(draws, boxOf(of, u, theta), 'back')
      // A place may hang on coordinates whose own hangs on none: of slcp only the second pass has them.
      const first = await back({ shape: draws.shape, data: new Float32Array(draws.data.length) })
      const theta = centre === 'points' ? await back(first) : first
      // Prior and likelihood are the same on either side, so every other draw goes there.
      return mirrored ? reflected(theta, (_x, _y, i) => i % 2 === 1) : theta
    },
  }
}

/** (−y, −x) in the place of those θ = (x, y) that are told, by themselves or by their number. */
function reflected({ shape, data }: Tensor, told: (x: number, y: number, i: number) => boolean): Tensor {
  const out = data.slice()
  for (let i = 0; 2 * i < data.length; i += 1) {
    const [x, y] = [data[2 * i]!, data[2 * i + 1]!]
    if (told(x, y, i)) out.set([-y, -x], 2 * i)
  }
  return { shape, data: out }
}

/** A row of a table, or of a table of one row that one. */
function row({ shape, data }: Tensor, i: number): Float32Array {
  const [rows, width] = shape as [number, number]
  const at = rows === 1 ? 0 : i * width
  return data.subarray(at, at + width)
}

/** The line θ = A u + c of least squares, by the normal equations in the order of the rows. */
function leastSquares(
  { shape, data: u }: Tensor,
  { shape: [, d], data: theta }: Tensor,
): (u: Float32Array) => number[] {
  const [rows, k] = shape as [number, number]
  const width = k + 1 + d!
  // [uᵀu | uᵀθ] with u after a 1.
  const system = Array.from({ length: k + 1 }, () => new Float64Array(width))
  const joined = new Float64Array(width)
  joined[0] = 1
  for (let i = 0; i < rows; i += 1) {
    joined.set(u.subarray(i * k, (i + 1) * k), 1)
    joined.set(theta.subarray(i * d!, (i + 1) * d!), k + 1)
    for (let a = 0; a <= k; a += 1) {
      const sums = system[a]!
      for (let b = 0; b < width; b += 1) sums[b]! += joined[a]! * joined[b]!
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
  return (of) =>
    Array.from({ length: d! }, (_, j) =>
      system.reduce((sum, line, a) => sum + line[k + 1 + j]! * (a === 0 ? 1 : of[a - 1]!), 0),
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
