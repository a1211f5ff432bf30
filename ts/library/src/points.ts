// What is worked out from points [point, n], shared by all workers: principal components, projections, nearest points.
import { InvalidArgumentError, invalid, MemoryBudgetError } from './errors.js'
import { checkTensor, checkWhole } from './options.js'
import type { Pool } from './pool.js'
import type { NearestPoints, PrincipalComponents, Tensor } from './types.js'

/** Groups whose sums are added in their order, whoever computed them: as in the core. */
const GROUPS = 16
/** Rows of one call of a projection. */
const ROWS = 4096

/** Points, `least` or more, whose numbers are all finite. */
function checkPoints(tensor: unknown, argument: string, least: number, n?: number): Tensor {
  const points = checkTensor(tensor, argument, 2)
  const { shape, data } = points
  if (shape[0]! < least || (n === undefined ? shape[1]! < 1 : shape[1] !== n)) {
    const expected = `[point, ${n ?? 'n'}], ${least} point${least > 1 ? 's' : ''} or more`
    throw new InvalidArgumentError(`${argument}.shape is [${shape.join(', ')}]; expected ${expected}`, {
      argument: `${argument}.shape`,
      value: `[${shape.join(', ')}]`,
      expected,
    })
  }
  const index = data.findIndex((value) => !Number.isFinite(value))
  if (index >= 0) {
    const value = `${data[index]} at index ${index}`
    const expected = 'finite numbers only'
    throw invalid(argument, value, expected)
  }
  return points
}

/** The first `count` components of points [point, d]. */
export async function principalComponents(
  pool: Pool,
  budget: number,
  points: unknown,
  count: number,
  signal: AbortSignal | undefined,
): Promise<PrincipalComponents> {
  const { shape, data } = checkPoints(points, 'data', 2)
  const [rows = 0, d = 0] = shape
  checkWhole('components', count, 1, Math.min(rows, d))
  // Of each worker its sums and rows, here and there; where it ends, the sums, the covariance and its vectors.
  const matrix = 8 * (d + 4) ** 2
  const needed = pool.size * (2 * matrix + 8 * Math.ceil((rows * d) / GROUPS)) + 4 * matrix
  if (needed > budget) {
    const value = `needs ${needed} bytes of a budget of ${budget}`
    const expected = 'fewer coordinates, fewer workers or a larger memoryBudget'
    throw new MemoryBudgetError(`data ${value}; ${expected}`, { argument: 'data', value, expected })
  }
  const origin = data.slice(0, d)
  const place = (group: number) => Math.floor((rows * group) / GROUPS) * d
  const sumsOf = (group: number) =>
    // Sliced when a worker is free, so that no more is copied than is being worked on.
    pool.run((api) => api.secondMoments(data.slice(place(group), place(group + 1)), origin), signal)
  const groups = Array.from({ length: GROUPS }, (_, group) => group)
  let sums: Float64Array | undefined
  for (let first = 0; first < GROUPS; first += pool.size) {
    for (const group of await Promise.all(groups.slice(first, first + pool.size).map(sumsOf))) {
      sums ??= new Float64Array(group.length)
      for (let i = 0; i < group.length; i += 1) sums[i]! += group[i]!
    }
  }
  return pool.run((api) => api.principalComponents(sums!, origin, count), signal)
}

/** C (x − μ) of points, or with `back` μ + Cᵀ y. */
export async function project(pool: Pool, points: unknown, basis: PrincipalComponents, back: boolean): Promise<Tensor> {
  const { mean, components } = checkBasis(basis)
  const d = mean.length
  const n = components.length / d
  const [before, matrix, after] = back
    ? [new Float64Array(n), components, mean]
    : [mean, transposed(components, n, d), new Float64Array(n)]
  const [inputs, outputs] = [before.length, after.length]
  const { shape, data } = checkPoints(points, 'points', 1, inputs)
  const [count = 0] = shape
  const out = new Float32Array(count * outputs)
  const parts = Array.from({ length: Math.ceil(count / ROWS) }, async (_, part) => {
    const first = part * ROWS
    const rows = await pool.run((api) =>
      api.affine(data.slice(first * inputs, (first + ROWS) * inputs), before, matrix, after),
    )
    out.set(rows, first * outputs)
  })
  await Promise.all(parts)
  return { shape: [count, outputs], data: out }
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!)
}

function checkBasis(basis: PrincipalComponents): PrincipalComponents {
  const { mean, components } = basis ?? {}
  const fits = mean instanceof Float64Array && components instanceof Float64Array && mean.length > 0
  if (fits && components.length > 0 && components.length % mean.length === 0) return basis
  const expected = 'what principalComponents gave: mean [d] and components [n, d]'
  const value = fits ? `${components.length} numbers of components, ${mean.length} of a mean` : typeof basis
  throw invalid('basis', value, expected)
}

/** The nearest reference point to each point: every worker looks among some of them. */
export async function nearest(
  pool: Pool,
  points: unknown,
  reference: unknown,
  signal: AbortSignal | undefined,
): Promise<NearestPoints> {
  const { shape, data } = checkPoints(points, 'points', 1)
  const [count = 0, n = 0] = shape
  const among = checkPoints(reference, 'reference', 1, n)
  const [all = 0] = among.shape
  const each = Math.ceil(all / pool.size)
  const starts = Array.from({ length: Math.ceil(all / each) }, (_, part) => part * each)
  const found = await Promise.all(
    starts.map((first) =>
      pool.run((api) => api.nearestPoints(data, among.data.slice(first * n, (first + each) * n), n), signal),
    ),
  )
  const index = new Uint32Array(count)
  const distance = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  // In the order of the points, and only what is nearer: the first of equals stays.
  for (const [part, own] of found.entries()) {
    for (let i = 0; i < count; i += 1) {
      if (!(own[i]! < distance[i]!)) continue
      distance[i] = own[i]!
      index[i] = starts[part]! + own[count + i]!
    }
  }
  return { index, distance }
}
