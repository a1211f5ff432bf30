// What a network learns of a task: x, where θ = μ(u) + w(u) x deep in the prior's box, beside the stimulus u; and the way back.
// μ is the data where they are θ and noise, else the line of least squares of θ over u; w is one width for all. Of slcp both are told
// by its four points. Where several θ give the same data, x is of one of them, see posterior_images.ts.
import type { Engine } from '../engine.js'
import type { Box, Task, Tensor } from '../types.js'
import { IMAGES } from './posterior_images.js'
import { loosened, PASSES, type Place, placesOfPoints, pointStimuli, tightened } from './posterior_points.js'

/** Half the prior's box, and the width within which its walls are felt, both in units of θ; what μ is. */
interface Prior {
  readonly bound: number
  readonly width: number
  readonly centre: 'data' | 'line' | 'points'
}
const PRIORS: Readonly<Record<Task, Prior>> = {
  'two-moons': { bound: 1, width: 0.03, centre: 'line' },
  'gaussian-mixture': { bound: 10, width: 0.1, centre: 'data' },
  'gaussian-linear': { bound: 0, width: 1, centre: 'line' },
  slcp: { bound: 3, width: 1, centre: 'points' },
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
  const { bound, width, centre } = PRIORS[task]
  const images = IMAGES[task]
  const { parameters: simulated, data } = await engine.simulate(task, simulations, seed)
  const parameters = images ? eachRow(simulated, images.first) : simulated
  const stimuliOf = (of: Tensor) => (PRIORS[task].centre === 'points' ? pointStimuli(engine, of) : Promise.resolve(of))
  const stimuli = await stimuliOf(data)
  const d = parameters.shape[1]!
  const byPoints = centre === 'points'
  const middle = centre === 'line' ? leastSquares(stimuli, parameters) : (u: Float32Array) => [...u]
  /** Of θ, each with its own data and stimulus, or all with one. */
  const boxOf = async (of: Tensor, us: Tensor, theta: Tensor): Promise<Box> => {
    const rows = Array.from({ length: theta.shape[0]! }, (_, i) => row(theta, i))
    const places: readonly Place[] = byPoints
      ? await placesOfPoints(engine, { points: (i) => row(of, i), stimulus: (i) => row(us, i), theta: rows })
      : rows.map((_, i) => ({ centre: middle(row(us, i)), width: new Array<number>(d).fill(width) }))
    const [centres, widths] = [new Float64Array(rows.length * d), new Float64Array(rows.length * d)]
    for (const [i, place] of places.entries()) {
      centres.set(bound > 0 ? place.centre.map((c) => Math.min(bound, Math.max(-bound, c))) : place.centre, i * d)
      widths.set(place.width, i * d)
    }
    return { bound, centres, widths }
  }
  const one = (numbers: Float32Array): Tensor => ({ shape: [1, numbers.length], data: numbers })
  const y = await engine.changeVariable(parameters, await boxOf(data, stimuli, parameters))
  const x = byPoints ? { ...y, data: y.data.map(tightened) } : y
  return {
    x,
    stimuli,
    scale: rootMeanVariance(x),
    stimulus: async (observation) => [...(await stimuliOf(one(observation))).data],
    async parameters(draws, observation) {
      const of = one(observation)
      const u = await stimuliOf(of)
      const y = byPoints ? { ...draws, data: draws.data.map(loosened) } : draws
      let theta: Tensor = { shape: draws.shape, data: new Float32Array(draws.data.length) }
      for (let pass = 0; pass < (byPoints ? PASSES : 1); pass += 1) {
        theta = await engine.changeVariable(y, await boxOf(of, u, theta), 'back')
      }
      // Prior and likelihood are the same at all images, so they take turns.
      return images ? eachRow(theta, (of, i) => images.image(of, i % images.count)) : theta
    },
  }
}

/** A table with another row in the place of each. */
function eachRow({ shape, data }: Tensor, change: (row: Float32Array, i: number) => ArrayLike<number>): Tensor {
  const out = new Float32Array(data.length)
  const [rows, d] = shape as [number, number]
  for (let i = 0; i < rows; i += 1) out.set(change(data.subarray(i * d, (i + 1) * d), i), i * d)
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
