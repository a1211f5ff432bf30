// Simulations as the core gives them, [simulation, d + k], parted into parameters and data.
import type { Simulations, Task, Tensor } from './types.js'

/** d, the parameters of each task. */
export const PARAMETERS: Readonly<Record<Task, number>> = {
  'two-moons': 2,
  'gaussian-mixture': 2,
  'gaussian-linear': 10,
  slcp: 5,
}

/** Columns `first` … `end` of rows of `width` numbers. */
function columns(rows: Float32Array, width: number, first: number, end: number): Tensor {
  const [count, kept] = [rows.length / width, end - first]
  const data = new Float32Array(count * kept)
  for (let i = 0; i < count; i += 1) data.set(rows.subarray(i * width + first, i * width + end), i * kept)
  return { shape: [count, kept], data }
}

export function simulations(task: Task, count: number, rows: Float32Array): Simulations {
  const [width, d] = [rows.length / count, PARAMETERS[task]]
  return { parameters: columns(rows, width, 0, d), data: columns(rows, width, d, width) }
}
