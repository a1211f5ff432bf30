// Simulation-based calibration (Talts et al. 2018, Algorithm 1): with θ* from the prior, u from p(u | θ*) and draws θ_1 … θ_L of p(θ | u), the rank
// of f(θ*) among f(θ_1) … f(θ_L) is uniform on {0, …, L}, for each f, which may look at u, too.
// Here θ ~ N(0, I) and u = Aθ + ½z, so that p(θ | u) is a Gaussian with correlation.

import { createEngine, type Engine, type Network } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const DATA_SETS = 240
const DRAWS = 59
const BINS = 10
const POINTS = 20_000
const NOISE = 0.5
const A = [
  [1, 0.5],
  [-0.3, 0.8],
] as const

type Pair = [number, number]
interface DataSet {
  readonly truth: Pair
  readonly stimulus: Pair
  readonly draws: readonly Pair[]
}

let engine: Engine
let dataSets: DataSet[]
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  const points = await simulate(POINTS, 1)
  const network = await engine.train({
    data: { shape: [POINTS, 2], data: Float32Array.from(points.flatMap(({ truth }) => truth)) },
    stimuli: { shape: [POINTS, 2], data: Float32Array.from(points.flatMap(({ stimulus }) => stimulus)) },
    units: 200,
    levels: 2,
    noiseMin: 0.05,
    seed: 2,
  })
  const shown = await simulate(DATA_SETS, 3)
  dataSets = await Promise.all(
    shown.map(async (each, i) => ({ ...each, draws: await posterior(network, each.stimulus, i) })),
  )
})
afterAll(() => engine.dispose())

/** `count` independent (θ, u). */
async function simulate(count: number, seed: number): Promise<{ truth: Pair; stimulus: Pair }[]> {
  const law = { kind: 'gaussian-mixture', weights: [1], means: [[0, 0, 0, 0]], deviations: [1] } as const
  const { data } = await engine.targetDraws(law, count, seed)
  return Array.from({ length: count }, (_, i) => {
    const [a, b, z, w] = data.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number]
    const [x, y] = mean([a, b])
    return { truth: [a, b], stimulus: [x + NOISE * z, y + NOISE * w] }
  })
}

/** Aθ, the mean of u. */
function mean([a, b]: Pair): Pair {
  return [A[0][0] * a + A[0][1] * b, A[1][0] * a + A[1][1] * b]
}

async function posterior(network: Network, stimulus: Pair, seed: number): Promise<Pair[]> {
  const { data } = await engine.sample(network, { chains: DRAWS, steps: 300, dt: 0.02, seed, stimulus })
  return Array.from({ length: DRAWS }, (_, i) => [data[2 * i]!, data[2 * i + 1]!])
}

const quantities = {
  'the first parameter': ([a]: Pair) => a,
  'the second parameter': ([, b]: Pair) => b,
  'their sum': ([a, b]: Pair) => a + b,
  // That of the likelihood alone finds draws that take no notice of u, such as the prior's.
  'the log likelihood': (theta: Pair, u: Pair) => {
    const [x, y] = mean(theta)
    return -((u[0] - x) ** 2 + (u[1] - y) ** 2) / (2 * NOISE ** 2)
  },
}
type Quantity = (typeof quantities)[keyof typeof quantities]

/** Σ (count − expected)² / expected of the ranks' histogram: χ² with BINS − 1 degrees of freedom where ranks are uniform. */
function unevenness(sets: readonly DataSet[], quantity: Quantity): number {
  const counts = new Array<number>(BINS).fill(0)
  for (const { truth, stimulus, draws } of sets) {
    const own = quantity(truth, stimulus)
    const rank = draws.filter((draw) => quantity(draw, stimulus) < own).length
    counts[Math.floor((rank * BINS) / (DRAWS + 1))]! += 1
  }
  const expected = sets.length / BINS
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** The same draws, farther from their mean or nearer to it. */
function spread(set: DataSet, factor: number): DataSet {
  const centre = [0, 1].map((d) => set.draws.reduce((sum, draw) => sum + draw[d]!, 0) / set.draws.length)
  const scaled = (draw: Pair, d: 0 | 1) => centre[d]! + factor * (draw[d] - centre[d]!)
  return { ...set, draws: set.draws.map((draw) => [scaled(draw, 0), scaled(draw, 1)]) }
}

// χ² with 9 degrees of freedom exceeds 27.9 once in a thousand.
const BOUND = 27.9

describe.each(Object.entries(quantities))('ranks of %s', (_, quantity) => {
  test('are uniform among draws of the trained network', () => {
    expect(unevenness(dataSets, quantity)).toBeLessThan(BOUND)
  })

  test.each([1.5, 1 / 1.5])('are not where the deviation is %f times as large', (factor) => {
    const wrong = dataSets.map((set) => spread(set, factor))
    expect(unevenness(wrong, quantity)).toBeGreaterThan(BOUND)
  })
})

test('ranks of the log likelihood are not uniform where draws belong to another stimulus', () => {
  const wrong = dataSets.map((set, i) => ({ ...set, draws: dataSets[(i + 1) % DATA_SETS]!.draws }))
  expect(unevenness(wrong, quantities['the log likelihood'])).toBeGreaterThan(BOUND)
})
