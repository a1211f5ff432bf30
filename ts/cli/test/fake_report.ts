// A report of the double peak as the library gives it, made of formulas instead of networks: for tests of what shows it.
import type { Architecture, Draws } from 'langevin-rnn'
import type { ArchitectureReport, DoublePeakReport } from 'langevin-rnn/experiments'

const DEVIATION = 0.5
const NOISES = Array.from({ length: 10 }, (_, k) => 50 ** (-k / 9))
const POINTS = 801
const BINS = 60
const CHAINS = 500

const normal = (x: number, mean: number, variance: number) =>
  Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance)
const density = (x: number, variance: number) => (normal(x, -1, variance) + normal(x, 1, variance)) / 2

/** Score of the law smoothed by noise, which is what a level learns. */
function score(x: number, variance: number): number {
  const [left, right] = [normal(x, -1, variance), normal(x, 1, variance)]
  return (left * (-1 - x) + right * (1 - x)) / variance / (left + right || Number.MIN_VALUE)
}

/** One peak, as a sampler-only network's drift gives. */
const slope = (x: number, variance: number) => -x / (1 + variance)

export function fakeReport(
  architectures: readonly Architecture[],
  method: 'adam' | 'closed-form' = 'adam',
): DoublePeakReport {
  const grid = Float64Array.from({ length: POINTS }, (_, i) => -4 + (8 * i) / (POINTS - 1))
  const variance = DEVIATION ** 2
  const reports = architectures.map((architecture) => fakeArchitecture(architecture, grid, method))
  return {
    experiment: 'double-peak',
    preset: 'quick',
    seed: 7,
    configuration: Object.fromEntries(architectures.map((name) => [name, { train: { method } }])),
    grid,
    trueScore: grid.map((x) => score(x, variance)),
    trueDensity: grid.map((x) => density(x, variance)),
    exactDrawsWasserstein: 0.0138,
    activities: architectures.includes('reservoir-sampler')
      ? [{ name: 'reservoir-sampler', draws: fakeActivity() }]
      : [],
    architectures: reports,
    arrays: new Map(
      reports.flatMap(({ architecture, network, draws, figures }) => {
        const { fisherDivergence, lawWasserstein, drawsWasserstein } = figures
        const judged = Float64Array.of(fisherDivergence, lawWasserstein, drawsWasserstein)
        return Object.entries({
          ...network.tensors,
          losses: { shape: [network.losses.length], data: network.losses },
          draws,
          figures: { shape: [3], data: judged },
        }).map(([name, array]) => [`${architecture}/${name}`, array])
      }),
    ),
    manifest: {
      format: 'langevin-rnn manifest',
      streamVersion: 1,
      experiment: 'double-peak',
      preset: 'quick',
      seed: 7,
      configuration: Object.fromEntries(architectures.map((name) => [name, { train: { method } }])),
      arrays: Object.fromEntries(
        architectures.map((name) => [
          `${name}/draws`,
          { dtype: 'float32' as const, shape: [CHAINS, 1, 1], sha256: name.length.toString(16).padStart(64, '0') },
        ]),
      ),
    },
  }
}

/** Ten draws of an output that goes up, and units that peak one after another. */
function fakeActivity(): Draws {
  const data = Float32Array.from({ length: 10 }, (_, i) => i)
  return {
    data,
    shape: [1, 10, 1],
    rates: Float32Array.from({ length: 30 }, (_, i) => Math.exp(-((Math.floor(i / 3) - [8, 2, 5][i % 3]!) ** 2))),
    rateUnits: [4, 11, 60],
    seed: 7,
    states: data.slice(9),
    hash: '3'.repeat(64),
    ratesHash: '4'.repeat(64),
    provenance: { streamVersion: 1, seed: 7, configuration: { dt: 0.025, recordEvery: 2 } },
    complete: true,
    blocks: [],
  }
}

function fakeArchitecture(
  architecture: Architecture,
  grid: Float64Array,
  method: 'adam' | 'closed-form',
): ArchitectureReport {
  const reservoir = architecture === 'reservoir-sampler'
  const adam = method === 'adam' || !reservoir
  const noises = adam ? NOISES : [0.1]
  const law = (x: number, variance: number) => (reservoir ? density(x, variance) : normal(x, 0, 1 + variance))
  const one = (value: number, ...shape: number[]) => ({ shape, data: Float32Array.of(value) })
  const provenance = { streamVersion: 1, seed: 7, configuration: { architecture } }
  const network = {
    architecture,
    activation: 'relu' as const,
    dimension: 1,
    units: 1,
    tensors: reservoir
      ? { 'W1.weight': one(1, 1, 1), 'W2.weight': one(1, 1, 1), 'W2.bias': one(0, 1) }
      : { 'W.weight': one(1, 1, 1), 'W.bias': one(0, 1), gamma: one(1, 1), sig: one(1, 1, 1) },
    confinement: {
      confined: reservoir,
      radius: 2.7,
      rays: 2,
      radii: [2.7, 27, 270],
      outwardDrift: [-0.5, -0.4, -0.3],
      asymptoticSlope: reservoir ? -0.2 : 0.1,
      anchorWeight: 0.01,
      warning: reservoir ? null : 'the drift points outward beyond 27',
    },
    provenance,
  }
  const data = Float32Array.from({ length: CHAINS }, (_, i) => Math.sin(12.9 * i) + 0.4 * Math.sin(78.2 * i))
  const edges = Float64Array.from({ length: BINS + 1 }, (_, i) => -3 + (6 * i) / BINS)
  return {
    architecture,
    network: {
      ...network,
      complete: true,
      losses: adam
        ? Float64Array.from(
            { length: 1000 },
            (_, i) =>
              (0.5 / NOISES[Math.floor(i / 100)]! ** 2) * (1 + 0.1 * Math.sin(i * i)) * (1 + Math.exp(-(i % 100) / 10)),
          )
        : Float64Array.of(0.4),
      levels: noises.map((noise) => ({ noise, network })),
      hash: '1'.repeat(64),
    },
    draws: {
      data,
      shape: [CHAINS, 1, 1],
      seed: 7,
      states: data,
      hash: '2'.repeat(64),
      provenance,
      complete: true,
      blocks: [],
      rates: null,
      rateUnits: [],
      ratesHash: null,
    },
    seconds: { train: 0.25, sample: 0.125 },
    figures: {
      fisherDivergence: reservoir ? 0.0123 : 1.5,
      lawWasserstein: reservoir ? 0.0056 : 0.21,
      drawsWasserstein: reservoir ? 0.0141 : 0.214,
      lawModes: reservoir ? 2 : 1,
      confined: reservoir,
    },
    scoreCurves: noises.map((noise) => ({
      noise,
      score: Float32Array.from(grid, (x) => (reservoir ? score : slope)(x, DEVIATION ** 2 + noise ** 2)),
    })),
    histogram: {
      edges,
      density: edges.slice(0, -1).map((x, i) => law(x + 3 / BINS, DEVIATION ** 2) * (1 + 0.15 * Math.sin(7 * i))),
    },
  }
}
