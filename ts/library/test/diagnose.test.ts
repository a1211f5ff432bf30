// `engine.diagnose` as a user meets it: the oracle's numbers through workers, defaults, nulls, refusals, abort.
import { readFile } from 'node:fs/promises'
import type { DiagnoseOptions, Engine, Network, Tensor } from 'langevin-rnn'
import { AbortedError, createEngine, LangevinError } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface ChainCase {
  readonly name: string
  readonly chains: number
  readonly draws: number
  readonly segment: number
  readonly interval: number
  readonly bins: number
  readonly values: number[]
  readonly spectrum: number[]
  readonly autocorrelation: number[]
  readonly rank_histogram: number[]
  readonly mean: number
  readonly deviation: number
  readonly excess_kurtosis: number
  readonly ess_bulk: number
  readonly ess_tail: number
  readonly r_hat: number | null
  readonly mcse_mean: number
}

let engine: Engine
let oracle: { chains: ChainCase[] }
let network: Network

beforeAll(async () => {
  oracle = JSON.parse(await readFile(new URL('../../../test/oracle/metrics.json', import.meta.url), 'utf8'))
  engine = await createEngine({ workers: 2 })
  network = await engine.train({ target: 'double-peak', units: 32, points: 20_000, levels: 2, seed: 1 })
})
afterAll(() => engine.dispose())

const tensor = (shape: number[], values: ArrayLike<number>): Tensor => ({ shape, data: Float32Array.from(values) })

async function refused(draws: unknown, options?: object): Promise<LangevinError> {
  try {
    await engine.diagnose(draws as Tensor, options as DiagnoseOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(LangevinError)
    return error as LangevinError
  }
  throw new Error('it should have been refused')
}

test('each coordinate has the numbers of ArviZ and SciPy', async () => {
  for (const a of oracle.chains) {
    // The case beside itself doubled: two coordinates, interleaved.
    const draws = tensor(
      [a.chains, a.draws, 2],
      a.values.flatMap((x) => [x, 2 * x]),
    )
    const { segment, interval, bins: rankBins } = a
    const lags = a.autocorrelation.length - 1
    const { coordinates, shape } = await engine.diagnose(draws, { segment, interval, rankBins, lags })
    expect(shape).toEqual([a.chains, a.draws, 2])
    coordinates.forEach((found, d) => {
      const scale = d + 1
      const near = (got: number | null, expected: number | null) => {
        if (expected === null) expect(got, a.name).toBeNull()
        else expect(got, a.name).toBeCloseTo(expected, 8)
      }
      const allNear = (got: Float64Array, expected: number[]) => {
        expect(got, a.name).toHaveLength(expected.length)
        for (const [i, value] of expected.entries()) near(got[i]!, value)
      }
      near(found.mean, scale * a.mean)
      near(found.deviation, scale * a.deviation)
      near(found.excessKurtosis, a.excess_kurtosis)
      near(found.essBulk, a.ess_bulk)
      near(found.essTail, a.ess_tail)
      near(found.rHat, a.r_hat)
      near(found.mcseMean, scale * a.mcse_mean)
      const power = a.spectrum.map((value) => scale ** 2 * value)
      allNear(found.autocorrelation!, a.autocorrelation)
      allNear(found.spectrum!.density, power)
      allNear(
        found.spectrum!.frequency,
        power.map((_, j) => j / (segment * interval)),
      )
      expect([...found.rankHistogram!]).toEqual(a.rank_histogram)
    })
  }
})

test('distances to a reference of any shape', async () => {
  const draws = tensor([2, 3, 2], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
  const shifted = Float32Array.from(draws.data, (x, i) => (i % 2 === 0 ? x + 2 : x))
  for (const shape of [
    [6, 2],
    [3, 2, 2],
  ]) {
    const { reference } = await engine.diagnose(draws, { reference: tensor(shape, shifted) })
    expect([...reference!.wasserstein]).toEqual([2, 0])
    // 2 E|cos| over even directions is 4/π.
    expect(Math.abs(reference!.slicedWasserstein - 4 / Math.PI)).toBeLessThan(0.15)
    expect(reference!.energyDistance).toBeGreaterThan(0)
    expect(reference).toMatchObject({ points: 6, referencePoints: 6 })
  }
  const same = await engine.diagnose(draws, { reference: draws, bandwidth: 2 })
  expect(same.reference).toMatchObject({ slicedWasserstein: 0, bandwidth: 2 })
})

test('seed and number of directions decide the sliced distance, workers do not', async () => {
  const draws = await engine.targetDraws(mixture, 500, 1)
  const shaped = { shape: [1, 500, 2], data: draws.data }
  const reference = await engine.targetDraws(mixture, 400, 2)
  const of = async (on: Engine, options: object) =>
    (await on.diagnose(shaped, { reference, ...options })).reference!.slicedWasserstein
  await using single = await createEngine({ workers: 1 })
  const first = await of(engine, { seed: 1 })
  expect(await of(single, { seed: 1 })).toBe(first)
  expect(await of(engine, { seed: 2 })).not.toBe(first)
  expect(await of(engine, { seed: 1, directions: 1000 })).toBeCloseTo(first, 1)
})

const mixture = {
  kind: 'gaussian-mixture',
  weights: [0.4, 0.6],
  means: [
    [-1, 0],
    [1, 1],
  ],
  deviations: [0.5, 0.8],
} as const

test('the classifier tells other laws from this one, and has the same bits everywhere', async () => {
  // The case whose bits crates/core/tests/c2st.rs fixes natively.
  const values = Float32Array.from({ length: 400 }, (_, i) => Math.fround(Math.fround(0.03) * ((i * 37) % 101)))
  const draws = { shape: [1, 100, 2], data: values.slice(0, 200) }
  const reference = { shape: [100, 2], data: values.slice(200) }
  const { c2st } = (await engine.diagnose(draws, { reference, c2st: true, seed: 3 })).reference!
  expect([...c2st!.folds]).toEqual(NATIVE_FOLDS)
  expect(c2st!.accuracy).toBeCloseTo(NATIVE_FOLDS.reduce((sum, share) => sum + share, 0) / 5, 14)
  expect(c2st!.points).toBe(100)
  await using single = await createEngine({ workers: 1 })
  const again = (await single.diagnose(draws, { reference, c2st: true, seed: 3 })).reference!
  expect(again.c2st).toEqual(c2st)

  const far = { ...draws, data: draws.data.map((x) => x + 9) }
  const apart = (await engine.diagnose(far, { reference, c2st: true, folds: 3, c2stPoints: 60 })).reference!
  expect(apart.c2st).toMatchObject({ accuracy: 1, points: 60 })
  expect(apart.c2st!.folds).toHaveLength(3)
  expect((await engine.diagnose(far, { reference })).reference!.c2st).toBeNull()
})

/** Literals of crates/core/tests/c2st.rs. */
const NATIVE_FOLDS = [0.35, 0.325, 0.325, 0.425, 0.3]

test('the Stein discrepancy tells a law from another, and says how many points it took', async () => {
  const exact = await engine.targetDraws(mixture, 3000, 3)
  const draws = { shape: [3, 1000, 2], data: exact.data }
  const right = (await engine.diagnose(draws, { target: mixture, maxPoints: 1000 })).stein!
  const moved = { ...draws, data: draws.data.map((x) => x + 0.5) }
  const wrong = (await engine.diagnose(moved, { target: mixture, maxPoints: 1000 })).stein!
  expect(right.points).toBe(1000)
  expect(Math.abs(right.uStatistic)).toBeLessThan(0.03)
  expect(wrong.uStatistic).toBeGreaterThan(0.2)
  expect(wrong.vStatistic).toBeGreaterThan(wrong.uStatistic)

  const run = await engine.sample(network, { chains: 4, steps: 2000, dt: 0.05, recordEvery: 10, burnIn: 100, seed: 1 })
  const own = (await engine.diagnose(run, { network })).stein!
  expect(own.points).toBe(760)
  expect(Math.abs(own.uStatistic)).toBeLessThan(0.1)
})

describe('defaults', () => {
  test('a run tells the interval between its draws', async () => {
    const run = await engine.sample(network, { chains: 2, steps: 400, dt: 0.05, recordEvery: 4, seed: 1 })
    const { coordinates, interval } = await engine.diagnose(run)
    expect(interval).toBeCloseTo(0.2, 14)
    expect(coordinates[0]!.autocorrelation).toHaveLength(100)
    expect(coordinates[0]!.rankHistogram).toHaveLength(2 * 20)
    // 100 draws: segments of 64; half a cycle a draw is 2.5 cycles per τ.
    expect(coordinates[0]!.spectrum!.frequency).toHaveLength(33)
    expect(coordinates[0]!.spectrum!.frequency.at(-1)).toBeCloseTo(2.5, 12)
  })

  test('where dt changed as the run went on, or nothing tells it, a draw is the unit of time', async () => {
    const run = { chains: 2, steps: 400, dt: 0.05, recordEvery: 4, seed: 1 }
    const steady = await engine.sample(network, { ...run, changes: [{ step: 200, temperature: 2 }] })
    expect((await engine.diagnose(steady)).interval).toBeCloseTo(0.2, 14)
    const quicker = await engine.sample(network, { ...run, changes: [{ step: 200, dt: 0.1 }] })
    const { interval, coordinates } = await engine.diagnose(quicker)
    expect(interval).toBeNull()
    expect(coordinates[0]!.spectrum!.frequency.at(-1)).toBe(0.5)
    expect((await engine.diagnose(quicker, { interval: 2 })).interval).toBe(2)
    expect((await engine.diagnose({ shape: steady.shape, data: steady.data })).interval).toBeNull()
  })

  test('what is not defined is null', async () => {
    const { coordinates } = await engine.diagnose(tensor([6, 1, 1], [1, 2, 3, 4, 5, 7]))
    expect(coordinates[0]).toMatchObject({ essBulk: null, essTail: null, rHat: null, mcseMean: null })
    expect(coordinates[0]).toMatchObject({ autocorrelation: null, spectrum: null, rankHistogram: null })
    expect(coordinates[0]!.mean).toBeCloseTo(22 / 6, 12)
    const still = await engine.diagnose(tensor([2, 6, 1], new Float32Array(12)))
    expect(still.coordinates[0]).toMatchObject({ excessKurtosis: null, rHat: null, autocorrelation: null })
    expect(still).toMatchObject({ reference: null, stein: null })
  })
})

describe('refusals', () => {
  const draws = tensor(
    [2, 8, 2],
    Float32Array.from({ length: 32 }, (_, i) => (i * i) % 11),
  )
  const { data } = draws
  test.each([
    ['draws', 17, undefined],
    ['draws.shape', { shape: [4, 8], data }, undefined],
    ['draws.shape', { shape: [2, 8, 3], data }, undefined],
    ['draws.shape', { shape: [1, 1, 2], data: data.slice(0, 2) }, undefined],
    ['draws', { shape: [2, 8, 2], data: data.map((x, i) => (i === 9 ? Number.NaN : x)) }, undefined],
    ['reference.shape', draws, { reference: tensor([4, 3], new Float32Array(12)) }],
    ['reference.shape', draws, { reference: tensor([1, 2], [1, 2]) }],
    ['reference', draws, { reference: tensor([2, 2], [1, 2, Number.NaN, 4]) }],
    ['lags', draws, { lags: 8 }],
    ['segment', draws, { segment: 6 }],
    ['segment', draws, { segment: 16 }],
    ['rankBins', draws, { rankBins: 17 }],
    ['interval', draws, { interval: 0 }],
    ['bandwidth', draws, { bandwidth: -1 }],
    ['kernelScale', draws, { kernelScale: Number.POSITIVE_INFINITY }],
    ['maxPoints', draws, { maxPoints: 1 }],
    ['directions', draws, { directions: 0 }],
    ['seed', draws, { seed: -1 }],
    ['c2st', draws, { c2st: true }],
    ['folds', draws, { reference: draws, c2st: true, folds: 1 }],
    ['folds', draws, { reference: draws, c2st: true, folds: 33 }],
    ['lag', draws, { lag: 3 }],
    ['target', draws, { target: 17 }],
    ['draws', draws, { target: 'double-peak' }],
  ])('%s', async (argument, given, options) => {
    expect(await refused(given, options)).toMatchObject({ code: 'invalid-argument', argument })
  })

  test('network', async () => {
    expect(await refused(draws, { network })).toMatchObject({ argument: 'network' })
    const line = tensor([4, 8, 1], data)
    expect(await refused(line, { network, target: 'double-peak' })).toMatchObject({ argument: 'network' })
    expect((await engine.diagnose(line, { network })).stein?.points).toBe(32)
  })

  test('memory budget', async () => {
    await using small = await createEngine({ workers: 1, memoryBudget: 2 ** 20 })
    const many = { shape: [1, 40_000, 1], data: new Float32Array(40_000) }
    await expect(small.diagnose(many)).rejects.toMatchObject({ code: 'memory-budget', argument: 'draws' })
    expect((await small.diagnose(draws)).shape).toEqual([2, 8, 2])
  })

  test('abort', async () => {
    const signal = AbortSignal.abort('enough')
    await expect(engine.diagnose(draws, { signal })).rejects.toBeInstanceOf(AbortedError)
    const many = { shape: [1, 40_000, 1], data: (await engine.targetDraws('double-peak', 40_000, 1)).data }
    const controller = new AbortController()
    const promise = engine.diagnose(many, { reference: many, maxPoints: 40_000, signal: controller.signal })
    setTimeout(() => controller.abort(), 50)
    await expect(promise).rejects.toMatchObject({ code: 'aborted' })
    expect((await engine.diagnose(draws)).shape).toEqual([2, 8, 2])
  })
})
