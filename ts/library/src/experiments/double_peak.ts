// The paper's first experiment: can each circuit sample ½N(−1, ½²) + ½N(1, ½²)? Trains, judges, samples, hashes.
import type { Engine } from '../engine.js'
import { throwIfAborted } from '../errors.js'
import type { Architecture, Tensor, TrainingMethod } from '../types.js'
import {
  ARCHITECTURES,
  type ComparedReport,
  type ExperimentOptions,
  type ExperimentReport,
  hashed,
  methodFor,
  type NamedArray,
  networkArrays,
  numbersArray,
  type Preset,
  type SampleSettings,
  type TrainSettings,
  Workshop,
} from './experiment.js'

const TARGET = 'double-peak'
/** 50^(−9/10): the last of the paper's levels 1·50^(−k/10), k = 0…9. Written out, since Math.pow may differ by engine. */
const PAPER_NOISE_MIN = 0.029575152732566
/** Scores and densities are drawn on this grid. */
const GRID = { low: -3, high: 3, points: 601 }
const BINS = { low: -3, high: 3, count: 60 }
/** A chain whose rates are looked at, whatever the preset: 20 τ of it, a record each 0.05 τ. */
const ACTIVITY = { chains: 1, steps: 1000, dt: 0.025, burnIn: 200, recordEvery: 2 } as const
const ACTIVE_UNITS = 64

/** The settings of a preset for one architecture; the seed is the experiment's. */
export interface DoublePeakPreset {
  /** How the network is trained. */
  readonly train: TrainSettings
  /** How it is sampled. */
  readonly sample: SampleSettings
}

/** What the paper used: 1000 epochs, ten noise levels, AMSGrad restarted at each; Euler–Maruyama with dt = 1e-4. */
function paper(architecture: Architecture, method: TrainingMethod, shortened: boolean): DoublePeakPreset {
  const steps = shortened ? 100 : 10_000
  const reservoir = architecture === 'reservoir-sampler'
  const shared = { ...(reservoir && { units: 1000 }), activation: 'relu', noiseMin: PAPER_NOISE_MIN } as const
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
            batch: 32,
            learningRate: 1e-4,
            weightDecay: 1e-3,
            amsgrad: true,
            restartLevels: true,
          }
        : { ...shared, method, points: 200_000, noiseMax: 0.5, levels: 4 },
    sample: {
      chains: 5000,
      steps,
      dt: 1e-4,
      integrator: 'euler-maruyama',
      start: { kind: 'uniform', low: -2, high: 2 },
      recordEvery: steps,
    },
  }
}

/**
 * Ours: the closed form and Leimkuhler–Matthews, under a second. Antithetic chains, since the figure of merit of so few
 * draws would otherwise be the luck of how many fall on either side.
 */
function quick(architecture: Architecture, method: TrainingMethod): DoublePeakPreset {
  const reservoir = architecture === 'reservoir-sampler'
  return {
    train:
      method === 'adam'
        ? {
            ...(reservoir && { units: 64 }),
            activation: 'relu',
            method,
            points: 10_000,
            noiseMax: 0.5,
            noiseMin: 0.05,
            levels: 4,
            epochs: reservoir ? 80 : 40,
            batch: 100,
            learningRate: reservoir ? 2e-3 : 5e-3,
            amsgrad: true,
            restartLevels: true,
          }
        : { units: 64, activation: 'relu', method, points: 200_000, noiseMax: 0.5, noiseMin: 0.05, levels: 4 },
    sample: {
      chains: 5000,
      steps: 400,
      dt: 0.05,
      integrator: 'leimkuhler-matthews',
      start: { kind: 'uniform', low: -2, high: 2 },
      recordEvery: 400,
      antithetic: true,
    },
  }
}

/**
 * The settings that a preset stands for: `train` and `sample` are options of the engine's methods of these names. Sampler-only
 * networks always train by Adam, whatever `method` says.
 *
 * @param method - how the reservoir-sampler trains; default `closed-form` for quick, else `adam`
 */
export function doublePeakPreset(
  preset: Preset,
  architecture: Architecture,
  method?: TrainingMethod,
): DoublePeakPreset {
  const effective = methodFor(architecture, preset, method)
  return preset === 'quick' ? quick(architecture, effective) : paper(architecture, effective, preset === 'paper-short')
}

/** What one architecture gave; its draws are the last state of every chain, [5000, 1, 1]. */
export interface ArchitectureReport extends ComparedReport {
  /** The figures of the table. */
  readonly figures: {
    /** ∫ p (s − ∂ log p)² dx, no factor ½, in 1/x². */
    readonly fisherDivergence: number
    /** W1 of the exact stationary law p∞ ∝ exp ∫ s, by quadrature, in units of x. */
    readonly lawWasserstein: number
    /** W1 of the draws, exact, in units of x. */
    readonly drawsWasserstein: number
    /** Peaks of the exact stationary law. */
    readonly lawModes: number
    /** Whether the drift points inward beyond the data; the whole report is in `network.confinement`. */
    readonly confined: boolean
  }
  /** Learned score at the end of each noise level, on the report's grid. */
  readonly scoreCurves: readonly {
    /** σ of the level, in units of x. */
    readonly noise: number
    /** s at each point of the grid. */
    readonly score: Float32Array
  }[]
  /** 60 bins from −3 to 3. */
  readonly histogram: {
    /** The 61 edges of the bins, [edge], in units of x. */
    readonly edges: Float64Array
    /** Share of all draws a unit of x in each bin; draws outside the bins count in the total. */
    readonly density: Float64Array
  }
}

/** What the experiment gave; the same bits on every machine, save `seconds`. */
export interface DoublePeakReport extends ExperimentReport {
  /** The experiment's name. */
  readonly experiment: 'double-peak'
  /** 601 points from −3 to 3, [point], in units of x, for curves. */
  readonly grid: Float64Array
  /** ∂ log p on the grid. */
  readonly trueScore: Float64Array
  /** p on the grid. */
  readonly trueDensity: Float64Array
  /** W1 of as many exact, independent draws: the yardstick for `drawsWasserstein`. */
  readonly exactDrawsWasserstein: number
  /** A report for each architecture, in the order asked for. */
  readonly architectures: readonly ArchitectureReport[]
}

function gridTensor(): Tensor {
  const { low, high, points } = GRID
  const data = Float32Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1))
  return { shape: [points, 1], data }
}

function someUnits(m: number): number[] {
  const count = Math.min(m, ACTIVE_UNITS)
  return Array.from({ length: count }, (_, i) => Math.floor((i * m) / count))
}

/** Share of draws a unit of x in each bin; draws outside the range count in the total. */
function histogram(draws: Float32Array): ArchitectureReport['histogram'] {
  const { low, high, count } = BINS
  const width = (high - low) / count
  const edges = Float64Array.from({ length: count + 1 }, (_, i) => low + width * i)
  const density = new Float64Array(count)
  for (const x of draws) {
    const bin = Math.floor((x - low) / width)
    if (bin >= 0 && bin < count) density[bin]! += 1
  }
  for (let i = 0; i < count; i += 1) density[i]! /= draws.length * width
  return { edges, density }
}

/**
 * Runs the paper's first experiment on an engine: trains each architecture on ½N(−1, ½²) + ½N(1, ½²), samples it, and judges
 * both. Deterministic but for `seconds`.
 *
 * @throws what {@link Engine.train} and {@link Engine.sample} throw; an `AbortedError` when the signal aborts
 */
export async function reproduceDoublePeak(engine: Engine, options: ExperimentOptions = {}): Promise<DoublePeakReport> {
  const { preset = 'quick', architectures = ARCHITECTURES, method, seed = 0, signal } = options
  throwIfAborted(signal)
  const workshop = new Workshop(engine, options)
  const grid = gridTensor()
  const truth = await engine.targetValues(TARGET, grid)

  const one = async (architecture: Architecture): Promise<ArchitectureReport> => {
    const settings = doublePeakPreset(preset, architecture, method)
    if (architecture === 'reservoir-sampler') workshop.checkRates(settings.train.units)
    const began = performance.now()
    const network = await workshop.train(architecture, { target: TARGET, architecture, ...settings.train })
    const trained = performance.now()
    const draws = await workshop.sample(architecture, network, settings.sample)
    const sampled = performance.now()
    const quality = await engine.evaluate(network, TARGET)
    return {
      architecture,
      network,
      draws,
      seconds: { train: (trained - began) / 1000, sample: (sampled - trained) / 1000 },
      figures: {
        fisherDivergence: quality.fisherDivergence,
        lawWasserstein: quality.lawWasserstein,
        drawsWasserstein: await engine.wasserstein(draws.data, TARGET),
        lawModes: quality.modes,
        confined: network.confinement?.confined ?? false,
      },
      scoreCurves: await Promise.all(
        network.levels.map(async (level) => ({ noise: level.noise, score: await engine.score(level.network, grid) })),
      ),
      histogram: histogram(draws.data),
    }
  }

  const reports = await Promise.all(architectures.map(one))
  const reservoir = reports.find(({ architecture }) => architecture === 'reservoir-sampler')?.network
  const activities = reservoir
    ? await workshop.activity('reservoir-sampler', reservoir, ACTIVITY, someUnits(reservoir.units))
    : []
  const count = reports[0]?.draws.shape[0] ?? 5000
  const exact = await engine.targetDraws(TARGET, count, seed)
  const head = {
    experiment: TARGET,
    preset,
    seed,
    configuration: workshop.configuration(
      Object.fromEntries(
        reports.map(({ architecture, network, draws }) => [
          architecture,
          {
            train: network.provenance?.configuration,
            sample: draws.provenance.configuration,
            ...(network === reservoir && { activity: activities[0]?.draws.provenance.configuration }),
          },
        ]),
      ),
    ),
  } as const
  return {
    ...head,
    grid: Float64Array.from(grid.data),
    trueScore: truth.score,
    trueDensity: truth.density,
    exactDrawsWasserstein: await engine.wasserstein(exact.data, TARGET),
    architectures: reports,
    ...(await hashed(engine, head, reports.flatMap(arrays), activities)),
  }
}

function arrays({ architecture, network, draws, figures }: ArchitectureReport): NamedArray[] {
  const { fisherDivergence, lawWasserstein, drawsWasserstein } = figures
  return [
    ...networkArrays(architecture, network),
    [`${architecture}/draws`, draws],
    numbersArray(`${architecture}/figures`, [fisherDivergence, lawWasserstein, drawsWasserstein]),
  ]
}
