// The metrics on draws whose law is known: exact, independent draws, and autoregressive chains. Bounds are four standard errors of
// a mean over seeds, so that a fault shows and chance doesn't.

import type { Engine, GaussianMixture } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

const mixture: GaussianMixture = {
  kind: 'gaussian-mixture',
  weights: [0.3, 0.7],
  means: [
    [-1, 0.5],
    [1, 0],
  ],
  deviations: [0.5, 0.8],
}
const seeds = Array.from({ length: 60 }, (_, seed) => seed)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const spread = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

/** The mean over seeds is `expected` up to chance, which itself is at most `chance`. */
function expectMean(values: readonly number[], expected: number, chance: number) {
  const error = spread(values) / Math.sqrt(values.length - 1)
  expect(error).toBeLessThan(chance)
  expect(Math.abs(mean(values) - expected)).toBeLessThan(4 * error)
}

const chainsOf = async (chains: number, draws: number, seed: number) => {
  const { data } = await engine.targetDraws('double-peak', chains * draws, seed)
  return { shape: [chains, draws, 1], data }
}

test('independent draws: R-hat near 1, ESS near their number, a calibrated MCSE, even ranks', async () => {
  const found = await Promise.all(
    seeds.map(async (seed) => {
      const { coordinates } = await engine.diagnose(await chainsOf(4, 500, seed))
      return coordinates[0]!
    }),
  )
  expect(Math.max(...found.map(({ rHat }) => rHat!))).toBeLessThan(1.01)
  expect(mean(found.map(({ rHat }) => rHat!))).toBeLessThan(1.003)
  for (const key of ['essBulk', 'essTail'] as const) {
    const shares = found.map((each) => each[key]! / 2000)
    expect(Math.abs(mean(shares) - 1)).toBeLessThan(0.05)
    expect(Math.min(...shares)).toBeGreaterThan(0.75)
  }
  // The law's mean is 0: mean/MCSE is a standard normal, whose squares have mean 1.
  expectMean(
    found.map((each) => each.mean / each.mcseMean!),
    0,
    0.2,
  )
  expectMean(
    found.map((each) => (each.mean / each.mcseMean!) ** 2),
    1,
    0.3,
  )
  // ρ_t of white noise, whose sum of N − t products is divided by N, has variance (N − t)/N² a chain.
  const lags = Array.from({ length: 100 }, (_, i) => i + 1)
  const expected = lags.reduce((sum, t) => sum + (1 - t / 500) / 2000, 0)
  const rho = found.map(({ autocorrelation }) => autocorrelation!.slice(1).reduce((sum, r) => sum + r * r, 0))
  expectMean(rho, expected, 0.002)
  // Σ (count − 25)²/25 over 4 chains × 20 bins; drawn without replacement its mean is (bins − 1)(chains − 1) S/(S − 1).
  const unevenness = found.map(({ rankHistogram }) =>
    rankHistogram!.reduce((sum, count) => sum + (count - 25) ** 2 / 25, 0),
  )
  expectMean(unevenness, (19 * 3 * 2000) / 1999, 2.5)
})

test('ranks of a draw among draws of its law are uniform', async () => {
  // Simulation-based: the rank of the first chain's only draw among 99 others, over seeds.
  const { data } = await engine.targetDraws('double-peak', 100 * 400, 77)
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 400; i++) {
    const draws = { shape: [100, 1, 1], data: data.slice(100 * i, 100 * (i + 1)) }
    const { coordinates } = await engine.diagnose(draws, { rankBins: 10 })
    counts[coordinates[0]!.rankHistogram!.subarray(0, 10).indexOf(1)]! += 1
  }
  const unevenness = counts.reduce((sum, count) => sum + (count - 40) ** 2 / 40, 0)
  // χ² with 9 degrees of freedom exceeds 27.9 once in a thousand.
  expect(unevenness).toBeLessThan(27.9)
})

test('autoregressive chains: the autocorrelation, ESS and spectrum that theory gives', async () => {
  const phi = 0.7
  const [chains, draws] = [4, 4000]
  const standard: GaussianMixture = { kind: 'gaussian-mixture', weights: [1], means: [[0]], deviations: [1] }
  const { data } = await engine.targetDraws(standard, chains * draws, 5)
  for (let i = 0; i < data.length; i++) {
    if (i % draws > 0) data[i] = phi * data[i - 1]! + Math.sqrt(1 - phi * phi) * data[i]!
  }
  const { coordinates } = await engine.diagnose({ shape: [chains, draws, 1], data }, { interval: 0.5, segment: 64 })
  const { autocorrelation, essBulk, rHat, mcseMean, spectrum } = coordinates[0]!
  for (const t of [1, 2, 5, 10, 50]) expect(Math.abs(autocorrelation![t]! - phi ** t)).toBeLessThan(0.05)
  const expected = (chains * draws * (1 - phi)) / (1 + phi)
  expect(Math.abs(essBulk! / expected - 1)).toBeLessThan(0.15)
  expect(Math.abs(mcseMean! * Math.sqrt(expected) - 1)).toBeLessThan(0.1)
  expect(rHat).toBeLessThan(1.01)
  // Away from 0, where each segment's mean is taken away: 2Δ(1 − φ²)/|1 − φ e^(−2πifΔ)|².
  for (const j of [4, 8, 16, 24]) {
    const turn = 2 * Math.PI * spectrum!.frequency[j]! * 0.5
    const power = (2 * 0.5 * (1 - phi * phi)) / (1 - 2 * phi * Math.cos(turn) + phi * phi)
    expect(Math.abs(spectrum!.density[j]! / power - 1)).toBeLessThan(0.25)
  }
})

test('distances: unbiased ones about 0 on draws of one law, all of them larger on another', async () => {
  const found = await Promise.all(
    seeds.map(async (seed) => {
      const { data } = await engine.targetDraws(mixture, 300, 2 * seed)
      const reference = await engine.targetDraws(mixture, 300, 2 * seed + 1)
      const draws = { shape: [1, 300, 2], data }
      return engine.diagnose(draws, { reference, target: mixture, bandwidth: 1, seed })
    }),
  )
  const { data } = await engine.targetDraws(mixture, 300, 1000)
  const reference = await engine.targetDraws(mixture, 300, 1001)
  const moved = { shape: [1, 300, 2], data: data.map((x) => x + 0.6) }
  const other = await engine.diagnose(moved, { reference, target: mixture, bandwidth: 1 })

  const mmd = found.map(({ reference }) => reference!.mmdSquared)
  expectMean(mmd, 0, 1e-3)
  expect(other.reference!.mmdSquared).toBeGreaterThan(10 * spread(mmd))
  const stein = found.map(({ stein }) => stein!.uStatistic)
  expectMean(stein, 0, 5e-3)
  expect(other.stein!.uStatistic).toBeGreaterThan(10 * spread(stein))
  for (const key of ['energyDistance', 'slicedWasserstein'] as const) {
    const same = found.map(({ reference }) => reference![key])
    expect(Math.max(...same)).toBeLessThan(0.27)
    expect(other.reference![key]).toBeGreaterThan(2 * mean(same))
  }
})

test('a classifier tells nothing where there is nothing to tell', async () => {
  const accuracies: number[] = []
  for (let seed = 0; seed < 6; seed++) {
    const { data } = await engine.targetDraws(mixture, 1000, 2 * seed)
    const reference = await engine.targetDraws(mixture, 1000, 2 * seed + 1)
    const draws = { shape: [1, 1000, 2], data }
    const found = await engine.diagnose(draws, { reference, c2st: true, seed })
    accuracies.push(found.reference!.c2st!.accuracy)
  }
  // 2000 points are told by chance with a spread of 0.011.
  expect(Math.abs(mean(accuracies) - 0.5)).toBeLessThan(0.02)
  for (const accuracy of accuracies) expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.05)

  // N(0, I) against N(δ, I) is told best by the sign of the projection on δ: Φ(‖δ‖/2) of the time.
  const standard: GaussianMixture = { kind: 'gaussian-mixture', weights: [1], means: [[0, 0]], deviations: [1] }
  const shifted: GaussianMixture = { ...standard, means: [[1, 1]] }
  const { data } = await engine.targetDraws(shifted, 4000, 1)
  const reference = await engine.targetDraws(standard, 4000, 2)
  const found = await engine.diagnose({ shape: [1, 4000, 2], data }, { reference, c2st: true })
  expect(Math.abs(found.reference!.c2st!.accuracy - 0.76025)).toBeLessThan(0.02)
})

test('a trained network has mixed, and draws from its own law', async () => {
  const network = await engine.train({ target: 'double-peak', units: 64, seed: 1 })
  const draws = await engine.sample(network, {
    chains: 8,
    steps: 60_000,
    dt: 0.05,
    recordEvery: 20,
    burnIn: 1000,
    seed: 1,
  })
  const reference = await engine.targetDraws('double-peak', 10_000, 1)
  const found = await engine.diagnose(draws, { reference, network })
  expect(found.coordinates[0]!.rHat).toBeLessThan(1.01)
  expect(found.coordinates[0]!.essBulk).toBeGreaterThan(2000)
  expect(found.reference!.wasserstein[0]).toBeLessThan(0.06)
  expect(Math.abs(found.stein!.uStatistic)).toBeLessThan(0.01)
})
