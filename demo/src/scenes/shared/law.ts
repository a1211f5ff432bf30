// The true law of a plan: on the grid where it is drawn, and its distance from chains.
import type { Engine, Tensor } from 'langevin-rnn'
import type { Plan } from './plan.ts'

/** Density and score on the plan's grid. */
export interface Truth {
  readonly plan: Plan
  readonly grid: Tensor
  /** [point]. */
  readonly density: Float64Array
  /** [point, n]. */
  readonly score: Float64Array
}

const LINE_POINTS = 301
/** Points a side of the grid in two dimensions: odd, so that one is in the middle. */
export const PLANE_POINTS = 61

/** Where scores and densities are drawn; in two dimensions row by row, x₂ rising. */
export function gridOf({ dimension, range: [low, high] }: Plan): Tensor {
  const count = dimension === 1 ? LINE_POINTS : PLANE_POINTS
  const at = (i: number): number => low + ((high - low) * i) / (count - 1)
  if (dimension === 1) return { shape: [count, 1], data: Float32Array.from({ length: count }, (_, i) => at(i)) }
  const data = new Float32Array(2 * count * count)
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      data[2 * (row * count + column)] = at(column)
      data[2 * (row * count + column) + 1] = at(row)
    }
  }
  return { shape: [count * count, 2], data }
}

export async function truthOf(engine: Engine, plan: Plan): Promise<Truth> {
  const grid = gridOf(plan)
  return { plan, grid, ...(await engine.targetValues(plan.target, grid, plan.blur)) }
}

/** W1 between states [chain, n] and the law, the mean over axes. */
export async function wassersteinOf(engine: Engine, states: Float32Array, { axes }: Plan): Promise<number> {
  const dimension = axes.length
  const distances = axes.map(({ law, axis: inLaw }, axis) => {
    const column = new Float32Array(states.length / dimension)
    for (let i = 0; i < column.length; i++) column[i] = states[i * dimension + axis]!
    return engine.wasserstein(column, law, inLaw)
  })
  return (await Promise.all(distances)).reduce((sum, distance) => sum + distance, 0) / dimension
}
