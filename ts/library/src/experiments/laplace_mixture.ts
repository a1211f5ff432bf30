// The paper's second experiment: can each circuit sample a mixture of two bivariate Laplace laws, heavy tails and all, and how
// much sooner with irreversible drift, dx = (I + Q) s(x) dt + √2 dB? Trains, judges, samples, races from a far start, hashes.
import type { Engine } from '../engine.js'
import { throwIfAborted } from '../errors.js'
import type { Architecture, Draws, Tensor, TrainingMethod } from '../types.js'
import { activitySettings } from './activity.js'
import {
  ARCHITECTURES,
  type ComparedReport,
  coordinate,
  type ExperimentOptions,
  type ExperimentReport,
  hashed,
  methodFor,
  type NamedArray,
  networkArrays,
  numbersArray,
  type Preset,
  recordAt,
  type SampleSettings,
  type TrainSettings,
  Workshop,
} from './experiment.js'

const TARGET = 'laplace-mixture'
/** 100^(−9/10): the last of the paper's levels 1·100^(−k/10), k = 0…9. Written out, since Math.pow may differ by engine. */
const PAPER_NOISE_MIN = 0.015848931924611134
const AXES = [0, 1] as const
/** Densities are shown on squares of 0.1. */
const GRID = { low: -4, high: 4, count: 80 }
/** W1 that a race is timed to, in units of x. */
const LINES = [0.4, 0.2, 0.1] as const
/** Exact sets of draws that the yardstick is the mean of. */
const EXACT_SETS = 10

/** The authors' Q is c (J − Jᵀ)/‖J − Jᵀ‖, the norm Frobenius's, with c = 0.01: in two dimensions ±0.01/√2 off the diagonal. */
const AUTHORS_SIZE = 0.00707106781186547

/** One race: chains from the far start with Q = size·[[0, 1], [−1, 0]]; 0 for none. */
export interface Race {
  /** The size of Q. */
  readonly size: number
  /** How the chains run; records are at even times. */
  readonly sample: SampleSettings
}

/** The settings of a preset for one architecture; the seed is the experiment's. */
export interface LaplaceMixturePreset {
  /** How the network is trained. */
  readonly train: TrainSettings
  /** How the draws are made that densities, kurtosis and W1 are of. */
  readonly sample: SampleSettings
  /** From U(0, 3.5)² without Q, with the authors', and with one that matters. */
  readonly races: readonly Race[]
  /** A few chains of a million steps, of which every thousandth is kept. */
  readonly long: SampleSettings
}

const FAR_START = { kind: 'uniform', low: 0, high: 3.5 } as const

function race(size: number, settings: SampleSettings): Race {
  const irreversible = [
    [0, size],
    [-size, 0],
  ]
  return { size, sample: { ...settings, start: FAR_START, ...(size > 0 && { irreversible }) } }
}

/** What the paper used: 1000 epochs, ten noise levels, Adam never restarted; 2 τ of Euler–Maruyama with dt = 1e-4. */
function paper(architecture: Architecture, method: TrainingMethod, shortened: boolean): LaplaceMixturePreset {
  const steps = shortened ? 200 : 20_000
  const reservoir = architecture === 'reservoir-sampler'
  const shared = { ...(reservoir && { units: 1000 }), activation: 'relu', noiseMin: PAPER_NOISE_MIN } as const
  const sample = { chains: 10_000, steps, dt: 1e-4, integrator: 'euler-maruyama', recordEvery: steps } as const
  return {
    train:
      method === 'adam'
        ? {
            ...shared,
            method,
            points: 10_000,
            noiseMax: 1,
            levels: 10,
            epochs: shortened ? 10 : 1000,
            batch: 64,
            learningRate: 1e-4,
            weightDecay: 5e-5,
            restartLevels: false,
          }
        : { ...shared, method, points: 400_000, levels: 1, anchorPull: 0.2 },
    sample: { ...sample, start: FAR_START },
    races: [0, AUTHORS_SIZE, 2].map((size) => race(size, { ...sample, recordEvery: 100 })),
    long: { ...sample, chains: 16, steps: 100 * steps, dt: 1e-2, recordEvery: steps / 10 },
  }
}

/**
 * Ours: the closed form at one level, its tail anchors as weak as these tails are, and Leimkuhler–Matthews. Ten records a chain,
 * 5 τ apart; antithetic chains, so that W1 isn't the luck of which side more of the draws fall.
 */
function quick(architecture: Architecture, method: TrainingMethod): LaplaceMixturePreset {
  const reservoir = architecture === 'reservoir-sampler'
  const integrator = 'leimkuhler-matthews'
  const records = 10
  return {
    train:
      method === 'adam'
        ? {
            ...(reservoir && { units: 128 }),
            activation: 'relu',
            method,
            points: 10_000,
            noiseMax: 0.5,
            noiseMin: 0.05,
            levels: 4,
            epochs: reservoir ? 80 : 40,
            batch: 100,
            learningRate: reservoir ? 2e-3 : 5e-3,
            restartLevels: false,
          }
        : { units: 300, activation: 'relu', method, points: 400_000, noiseMin: 0.05, levels: 1, anchorPull: 0.2 },
    sample: {
      chains: 10_000,
      steps: 1500 + 500 * records,
      dt: 0.01,
      integrator,
      burnIn: 1500,
      recordEvery: 500,
      antithetic: true,
    },
    // (I + Q) lengthens the drift by √(1 + size²), so at size 2 half the step has about the same bias.
    races: [
      race(0, { chains: 10_000, steps: 1200, dt: 0.01, integrator, recordEvery: 10 }),
      race(AUTHORS_SIZE, { chains: 10_000, steps: 1200, dt: 0.01, integrator, recordEvery: 10 }),
      race(2, { chains: 10_000, steps: 2400, dt: 0.005, integrator, recordEvery: 20 }),
    ],
    long: { chains: 16, steps: 1_000_000, dt: 0.01, integrator, recordEvery: 1000 },
  }
}

/**
 * The settings that a preset stands for: `train` and `sample` are options of the engine's methods of these names. Sampler-only
 * networks always train by Adam, whatever `method` says.
 *
 * @param method - how the reservoir-sampler trains; default `closed-form` for quick, else `adam`
 */
export function laplaceMixturePreset(
  preset: Preset,
  architecture: Architecture,
  method?: TrainingMethod,
): LaplaceMixturePreset {
  const effective = methodFor(architecture, preset, method)
  return preset === 'quick' ? quick(architecture, effective) : paper(architecture, effective, preset === 'paper-short')
}

/** A race as it went. */
export interface RaceReport {
  /** The size of Q, dimensionless; 0 for none. */
  readonly size: number
  /** Length of a step, in units of τ. */
  readonly dt: number
  /** Times of the records, [record], in units of τ. */
  readonly times: Float64Array
  /** W1 of all chains at each time, the mean of both axes, in units of x. */
  readonly wasserstein: Float64Array
  /** The same of each axis by itself; the manifest has their mean. */
  readonly axes: readonly [Float64Array, Float64Array]
  /** How soon the mean gets under 0.4, 0.2 and 0.1. */
  readonly reached: readonly {
    /** W1 to get under, in units of x. */
    readonly wasserstein: number
    /** The time of the first record under it, in units of τ; null when there was none. */
    readonly time: number | null
    /** The steps until then. */
    readonly steps: number | null
  }[]
}

/** What one architecture gave; its draws are [10,000, records, 2]. */
export interface LaplaceArchitectureReport extends ComparedReport {
  /** The figures of the table. */
  readonly figures: {
    /** E ‖s − ∇ log p‖² over 20,000 exact draws of the law with the last level's noise, in 1/x². */
    readonly fisherDivergence: number
    /** W1 of each axis: of the chains at one record, the mean of all records, exact, in units of x. */
    readonly wasserstein: readonly [number, number]
    /** Excess kurtosis of each axis, of all draws; 3 in the law, 0 for a Gaussian. */
    readonly excessKurtosis: readonly [number, number]
    /** Whether the drift points inward beyond the data; the whole report is in `network.confinement`. */
    readonly confined: boolean
  }
  /** Chains of a million steps; null for a network that isn't confined. */
  readonly long: {
    /** Chains. */
    readonly chains: number
    /** Steps of each. */
    readonly steps: number
    /** The largest |x| of any coordinate in any record, in units of x. */
    readonly farthest: number
  } | null
  /** With and without irreversible drift, from U(0, 3.5)². */
  readonly races: readonly RaceReport[]
  /** Share of all draws a unit of area in each square of the grid, row by row, x fastest. */
  readonly density: Float64Array
}

/** What the experiment gave; the same bits on every machine, save `seconds`. */
export interface LaplaceMixtureReport extends ExperimentReport {
  /** The experiment's name. */
  readonly experiment: 'laplace-mixture'
  /** Edges of the squares along either axis, [edge], in units of x. */
  readonly edges: Float64Array
  /** p in the middle of each square, x fastest. */
  readonly trueDensity: Float64Array
  /** Of ten sets of as many exact, independent draws: the yardsticks of `figures`. */
  readonly exact: {
    /** W1 of each axis, the mean of the sets. */
    readonly wasserstein: readonly [number, number]
    /** Excess kurtosis of each axis, of all sets together. */
    readonly excessKurtosis: readonly [number, number]
  }
  /** A report for each architecture, in the order asked for. */
  readonly architectures: readonly LaplaceArchitectureReport[]
}

/** Centres of the squares, [square, 2], x fastest. */
function squares(): Tensor {
  const { low, high, count } = GRID
  const width = (high - low) / count
  const data = new Float32Array(2 * count * count)
  for (let i = 0; i < count * count; i += 1) {
    data[2 * i] = low + width * ((i % count) + 0.5)
    data[2 * i + 1] = low + width * (Math.floor(i / count) + 0.5)
  }
  return { shape: [count * count, 2], data }
}

function histogram(points: Float32Array): Float64Array {
  const { low, high, count } = GRID
  const width = (high - low) / count
  const density = new Float64Array(count * count)
  for (let i = 0; i < points.length; i += 2) {
    const [column, row] = [Math.floor((points[i]! - low) / width), Math.floor((points[i + 1]! - low) / width)]
    if (column >= 0 && column < count && row >= 0 && row < count) density[row * count + column]! += 1
  }
  for (let i = 0; i < density.length; i += 1) density[i]! /= (points.length / 2) * width * width
  return density
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** W1 of both axes of points [point, 2]. */
async function wasserstein(engine: Engine, points: Float32Array): Promise<[number, number]> {
  const [x, y] = await Promise.all(AXES.map((axis) => engine.wasserstein(coordinate(points, 2, axis), TARGET, axis)))
  return [x!, y!]
}

/** The mean over sets of the W1 of each axis. */
async function meanWasserstein(engine: Engine, sets: readonly Float32Array[]): Promise<[number, number]> {
  const each = await Promise.all(sets.map((set) => wasserstein(engine, set)))
  return [mean(each.map(([x]) => x)), mean(each.map(([, y]) => y))]
}

async function kurtosis(engine: Engine, draws: Tensor): Promise<[number, number]> {
  const { coordinates } = await engine.diagnose(draws, { lags: 0, segment: 0, rankBins: 0 })
  const [x, y] = coordinates.map(({ excessKurtosis }) => excessKurtosis ?? Number.NaN)
  return [x!, y!]
}

async function run(engine: Engine, size: number, draws: Draws, dt: number, every: number): Promise<RaceReport> {
  const records = Array.from({ length: draws.shape[1] }, (_, record) => record)
  const both = await Promise.all(records.map((record) => wasserstein(engine, recordAt(draws, record))))
  const sets = both.map(mean)
  const reached = LINES.map((line) => {
    const first = sets.findIndex((distance) => distance < line)
    return first < 0
      ? { wasserstein: line, time: null, steps: null }
      : { wasserstein: line, time: (first + 1) * every * dt, steps: (first + 1) * every }
  })
  const times = Float64Array.from(records, (record) => (record + 1) * every * dt)
  const [x, y] = AXES.map((axis) => Float64Array.from(both, (axes) => axes[axis]!))
  return { size, dt, times, wasserstein: Float64Array.from(sets), axes: [x!, y!], reached }
}

/**
 * Runs the paper's second experiment on an engine: trains each architecture on the Laplace mixture, samples it, and times its way
 * from U(0, 3.5)² with and without irreversible drift. Deterministic but for `seconds`.
 *
 * @throws what {@link Engine.train} and {@link Engine.sample} throw; an `AbortedError` when the signal aborts
 */
export async function reproduceLaplaceMixture(
  engine: Engine,
  options: ExperimentOptions = {},
): Promise<LaplaceMixtureReport> {
  const { preset = 'quick', architectures = ARCHITECTURES, method, seed = 0, signal } = options
  throwIfAborted(signal)
  const workshop = new Workshop(engine, options)

  const one = async (architecture: Architecture): Promise<LaplaceArchitectureReport> => {
    const settings = laplaceMixturePreset(preset, architecture, method)
    if (architecture === 'reservoir-sampler') workshop.checkRates(settings.train.units)
    const began = performance.now()
    const network = await workshop.train(architecture, { target: TARGET, architecture, ...settings.train })
    const trained = performance.now()
    const draws = await workshop.sample(architecture, network, settings.sample)
    const races: RaceReport[] = []
    for (const { size, sample } of settings.races) {
      const chains = await workshop.sample(architecture, network, sample)
      races.push(await run(engine, size, chains, sample.dt, sample.recordEvery!))
    }
    const confined = network.confinement?.confined ?? false
    const long = confined ? await workshop.sample(architecture, network, settings.long) : null
    const sampled = performance.now()
    const noise = settings.train.noiseMin!
    const sets = Array.from({ length: draws.shape[1] }, (_, record) => recordAt(draws, record))
    return {
      architecture,
      network,
      draws,
      seconds: { train: (trained - began) / 1000, sample: (sampled - trained) / 1000 },
      figures: {
        fisherDivergence: (await engine.scoreError(network, TARGET, { noise, seed })).fisherDivergence,
        wasserstein: await meanWasserstein(engine, sets),
        excessKurtosis: await kurtosis(engine, draws),
        confined,
      },
      long: long && {
        chains: long.shape[0],
        steps: settings.long.steps,
        farthest: long.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
      },
      races,
      density: histogram(draws.data),
    }
  }

  const reports = await Promise.all(architectures.map(one))
  const activities = await Promise.all(
    reports.map(({ architecture, network, draws }) =>
      workshop.activity(architecture, network, activitySettings(draws)),
    ),
  )
  const count = reports[0]?.draws.shape[0] ?? 10_000
  const exact = await engine.targetDraws(TARGET, EXACT_SETS * count, seed)
  const exactSets = Array.from({ length: EXACT_SETS }, (_, k) =>
    exact.data.subarray(2 * k * count, 2 * (k + 1) * count),
  )
  const head = {
    experiment: TARGET,
    preset,
    seed,
    configuration: workshop.configuration(
      Object.fromEntries(
        reports.map(({ architecture, network, draws }) => {
          const { races, long } = laplaceMixturePreset(preset, architecture, method)
          const sample = draws.provenance.configuration
          return [architecture, { train: network.provenance?.configuration, sample, races, long }]
        }),
      ),
    ),
  } as const
  const { low, high, count: columns } = GRID
  return {
    ...head,
    edges: Float64Array.from({ length: columns + 1 }, (_, i) => low + ((high - low) * i) / columns),
    trueDensity: (await engine.targetValues(TARGET, squares())).density,
    exact: {
      wasserstein: await meanWasserstein(engine, exactSets),
      excessKurtosis: await kurtosis(engine, { ...exact, shape: [EXACT_SETS, count, 2] }),
    },
    architectures: reports,
    ...(await hashed(engine, head, reports.flatMap(arrays), activities.flat())),
  }
}

function arrays({ architecture, network, draws, figures, long, races }: LaplaceArchitectureReport): NamedArray[] {
  const judged = [figures.fisherDivergence, ...figures.wasserstein, ...figures.excessKurtosis, long?.farthest ?? 0]
  return [
    ...networkArrays(architecture, network),
    [`${architecture}/draws`, draws],
    numbersArray(`${architecture}/figures`, judged),
    ...races.map(({ wasserstein }, i) => numbersArray(`${architecture}/race-${i}`, wasserstein)),
  ]
}
