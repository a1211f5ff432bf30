// The paper's first experiment: can each circuit sample ½N(−1, ½²) + ½N(1, ½²)? Trains, judges, samples, hashes.
import type { Engine } from '../engine.js'
import { throwIfAborted } from '../errors.js'
import type {
  Architecture,
  Draws,
  Progress,
  RunOptions,
  SampleOptions,
  Tensor,
  TrainCheckpoint,
  TrainedNetwork,
  TrainingMethod,
  TrainOptions,
} from '../types.js'
import { type Manifest, recordArray, STREAM_VERSION } from './manifest.js'

const TARGET = 'double-peak'
const ARCHITECTURES: readonly Architecture[] = ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']
/** 50^(−9/10): the last of the paper's levels 1·50^(−k/10), k = 0…9. Written out, since Math.pow may differ by engine. */
const PAPER_NOISE_MIN = 0.029575152732566
/** Scores and densities are drawn on this grid. */
const GRID = { low: -3, high: 3, points: 601 }
const BINS = { low: -3, high: 3, count: 60 }

/** What a preset says of training: all but target, architecture and seed. */
export type TrainSettings = Omit<TrainOptions, 'target' | 'data' | 'seed' | 'architecture' | keyof RunOptions>
/** What a preset says of sampling: all but the seed. */
export type SampleSettings = Omit<SampleOptions, 'seed' | keyof RunOptions>

/** The settings of a preset for one architecture; the seed is the experiment's. */
export interface DoublePeakPreset {
  /** How the network is trained. */
  readonly train: TrainSettings
  /** How it is sampled. */
  readonly sample: SampleSettings
}

/**
 * `quick`: ours, seconds. `paper`: the authors' settings. `paper-short`: the same with a hundredth of the epochs and steps,
 * which teaches a network little but goes all of the paper's ways, for checks of bits.
 */
export type Preset = 'quick' | 'paper' | 'paper-short'

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
  method: TrainingMethod = preset === 'quick' ? 'closed-form' : 'adam',
): DoublePeakPreset {
  const effective = architecture === 'reservoir-sampler' ? method : 'adam'
  return preset === 'quick' ? quick(architecture, effective) : paper(architecture, effective, preset === 'paper-short')
}

/** Which part of the experiment to run, and how. */
export interface DoublePeakOptions extends RunOptions {
  /** Default `quick`. */
  readonly preset?: Preset
  /** Default: all three. */
  readonly architectures?: readonly Architecture[]
  /** How the reservoir-sampler is trained; default `closed-form` for quick, else `adam`. */
  readonly method?: TrainingMethod
  /** Of training and sampling alike, 0 … 2⁵³ − 1; default 0. */
  readonly seed?: number
  /** Called with the progress of each architecture; several run side by side. */
  readonly onEvent?: (event: { readonly architecture: Architecture } & Progress) => void
  /** Gets checkpoints of each network that trains by Adam, about every `checkpointSeconds` (default 30). */
  readonly onCheckpoint?: (architecture: Architecture, checkpoint: TrainCheckpoint) => void | Promise<void>
  /** Seconds between checkpoints of a network, at least; default 30. */
  readonly checkpointSeconds?: number
  /** Go on from these; a network without one starts anew. The results are those of a run never stopped. */
  readonly resume?: Readonly<Partial<Record<Architecture, TrainCheckpoint>>>
}

/** What one architecture gave. */
export interface ArchitectureReport {
  /** Which one. */
  readonly architecture: Architecture
  /** The trained network, with a snapshot for each noise level. */
  readonly network: TrainedNetwork
  /** The last state of every chain, [5000, 1, 1]. */
  readonly draws: Draws
  /** Wall-clock time, while the other architectures ran as well; not part of the manifest. */
  readonly seconds: {
    /** Of training. */
    readonly train: number
    /** Of sampling. */
    readonly sample: number
  }
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
    /** σ of the level. */
    readonly noise: number
    /** s at each point of the grid. */
    readonly score: Float32Array
  }[]
  /** 60 bins from −3 to 3. */
  readonly histogram: {
    /** The 61 edges of the bins. */
    readonly edges: Float64Array
    /** Share of all draws a unit of x in each bin; draws outside the bins count in the total. */
    readonly density: Float64Array
  }
}

/** What the experiment gave; the same bits on every machine, save `seconds`. */
export interface DoublePeakReport {
  /** The experiment's name. */
  readonly experiment: 'double-peak'
  /** The preset that was run. */
  readonly preset: Preset
  /** The seed that was used. */
  readonly seed: number
  /** For each architecture the complete settings of training and sampling. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** 601 points from −3 to 3, for curves. */
  readonly grid: Float64Array
  /** ∂ log p on the grid. */
  readonly trueScore: Float64Array
  /** p on the grid. */
  readonly trueDensity: Float64Array
  /** W1 of as many exact, independent draws: the yardstick for `drawsWasserstein`. */
  readonly exactDrawsWasserstein: number
  /** A report for each architecture, in the order asked for. */
  readonly architectures: readonly ArchitectureReport[]
  /** Hashes of all arrays. */
  readonly manifest: Manifest
}

function gridTensor(): Tensor {
  const { low, high, points } = GRID
  const data = Float32Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1))
  return { shape: [points, 1], data }
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
export async function reproduceDoublePeak(engine: Engine, options: DoublePeakOptions = {}): Promise<DoublePeakReport> {
  const {
    preset = 'quick',
    architectures = ARCHITECTURES,
    method,
    seed = 0,
    signal,
    onProgress,
    onEvent,
    resume,
  } = options
  throwIfAborted(signal)
  const grid = gridTensor()
  const truth = await engine.targetValues(TARGET, grid)

  const one = async (architecture: Architecture): Promise<ArchitectureReport> => {
    const settings = doublePeakPreset(preset, architecture, method)
    const watch = {
      ...(signal && { signal }),
      onProgress: (progress: Progress) => {
        onProgress?.(progress)
        onEvent?.({ architecture, ...progress })
      },
    }
    const began = performance.now()
    const checkpoint = resume?.[architecture]
    const network = await engine.train({
      target: TARGET,
      architecture,
      seed,
      ...settings.train,
      ...watch,
      ...(options.checkpointSeconds !== undefined && { checkpointSeconds: options.checkpointSeconds }),
      ...(options.onCheckpoint && {
        onCheckpoint: (checkpoint: TrainCheckpoint) => options.onCheckpoint?.(architecture, checkpoint),
      }),
      ...(checkpoint && { resume: checkpoint }),
    })
    const trained = performance.now()
    const draws = await engine.sample(network, { seed, ...settings.sample, ...watch })
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
  const count = reports[0]?.draws.shape[0] ?? 5000
  const exact = await engine.targetDraws(TARGET, count, seed)
  const configuration = Object.fromEntries(
    reports.map(({ architecture, network, draws }) => [
      architecture,
      { train: network.provenance?.configuration, sample: draws.provenance.configuration },
    ]),
  )
  return {
    experiment: 'double-peak',
    preset,
    seed,
    configuration,
    grid: Float64Array.from(grid.data),
    trueScore: truth.score,
    trueDensity: truth.density,
    exactDrawsWasserstein: await engine.wasserstein(exact.data, TARGET),
    architectures: reports,
    manifest: {
      format: 'langevin-rnn manifest',
      streamVersion: STREAM_VERSION,
      experiment: 'double-peak',
      preset,
      seed,
      configuration,
      arrays: await arrays(engine, reports),
    },
  }
}

async function arrays(engine: Engine, reports: readonly ArchitectureReport[]): Promise<Manifest['arrays']> {
  const entries: [string, Promise<Manifest['arrays'][string]>][] = []
  for (const { architecture, network, draws, figures } of reports) {
    for (const [name, tensor] of Object.entries(network.tensors)) {
      entries.push([`${architecture}/${name}`, recordArray(engine, tensor.shape, tensor.data)])
    }
    entries.push([`${architecture}/losses`, recordArray(engine, [network.losses.length], network.losses)])
    entries.push([`${architecture}/draws`, recordArray(engine, draws.shape, draws.data)])
    const { fisherDivergence, lawWasserstein, drawsWasserstein } = figures
    const judged = Float64Array.of(fisherDivergence, lawWasserstein, drawsWasserstein)
    entries.push([`${architecture}/figures`, recordArray(engine, [judged.length], judged)])
  }
  return Object.fromEntries(await Promise.all(entries.map(async ([name, record]) => [name, await record] as const)))
}
