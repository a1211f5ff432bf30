// What all experiments share: presets, options, watched training and sampling, and the manifest of their arrays.
import type { Engine } from '../engine.js'
import { invalid } from '../errors.js'
import type {
  Architecture,
  Draws,
  Network,
  Progress,
  RunOptions,
  SampleOptions,
  TrainCheckpoint,
  TrainedNetwork,
  TrainingMethod,
  TrainOptions,
} from '../types.js'
import { type Activity, activityArrays } from './activity.js'
import { type Manifest, type ManifestArray, recordArray, STREAM_VERSION } from './manifest.js'
import type { Pictures } from './pictures.js'

/** The three circuits, in the order of tables and figures. */
export const ARCHITECTURES: readonly Architecture[] = ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']

/**
 * `quick`: ours, at most two minutes. `paper`: the authors' settings. `paper-short`: the same with a hundredth of the epochs and
 * steps, which teaches a network little but goes all of the paper's ways, for checks of bits.
 */
export type Preset = 'quick' | 'paper' | 'paper-short'

/** What a preset says of training: all but target, architecture and seed. */
export type TrainSettings = Omit<TrainOptions, 'target' | 'data' | 'seed' | 'architecture' | keyof RunOptions>
/** What a preset says of sampling: all but the seed. */
export type SampleSettings = Omit<SampleOptions, 'seed' | keyof RunOptions>

/** Which part of an experiment to run, and how. */
export interface ExperimentOptions extends RunOptions {
  /** Default `quick`. */
  readonly preset?: Preset
  /** Default: all that the experiment compares. */
  readonly architectures?: readonly Architecture[]
  /** How reservoir-samplers are trained; default `closed-form` for quick, else `adam`. */
  readonly method?: TrainingMethod
  /** Seed of training and sampling alike, 0 … 2⁵³ − 1; default 0. */
  readonly seed?: number
  /** What `mnist` and `cifar` learn from: needed by them; the others take none. */
  readonly pictures?: Pictures
  /** Of `mnist`: how many principal components of the pixels to learn, or the pixels themselves; default the preset's. */
  readonly components?: number | 'pixels'
  /** Of `mnist` and `cifar`: reservoir units m; default the preset's. */
  readonly units?: number
  /** Of `mnist` and `cifar`, preset `quick`: one network for all noise levels, log σ being an input of it; default false. */
  readonly noiseInput?: boolean
  /**
   * Reservoir units whose firing rates are recorded in one more chain of each reservoir-sampler that the experiment samples (of
   * `posterior`: of the circuit that combines cues), by the experiment's own step; default none, of `double-peak` 64 of them. Not of
   * `capacity`, which samples nothing.
   */
  readonly rates?: readonly number[]
  /** Called with the progress of each network, by its name; several run side by side. Default none. */
  readonly onEvent?: (event: { readonly name: string; readonly architecture: Architecture } & Progress) => void
  /** Gets checkpoints of each network that trains by Adam, by its name, about every `checkpointSeconds` (default 30). */
  readonly onCheckpoint?: (name: string, checkpoint: TrainCheckpoint) => void | Promise<void>
  /** Seconds between checkpoints of a network, at least; default 30. */
  readonly checkpointSeconds?: number
  /** Go on from these, by name; a network without one, by default each, starts anew. The results are those of a run never stopped. */
  readonly resume?: Readonly<Record<string, TrainCheckpoint>>
}

/** The targets of experiments that compare networks of several. */
export type ExperimentTarget = 'double-peak' | 'laplace-mixture' | 'ring' | 'spiral'

/** What every experiment's report has. */
export interface ExperimentReport {
  /** The experiment's name. */
  readonly experiment: string
  /** The preset that was run. */
  readonly preset: Preset
  /** The seed that was used. */
  readonly seed: number
  /** The complete settings of training and sampling, by network. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** Chains with the firing rates of chosen units; empty where none were asked for. */
  readonly activities: readonly Activity[]
  /** The arrays that the manifest has the hashes of, by the same names. */
  readonly arrays: ReadonlyMap<string, ManifestArray>
  /** Hashes of all arrays. */
  readonly manifest: Manifest
}

/** What an experiment that compares the architectures tells of each. */
export interface ComparedReport {
  /** Which one. */
  readonly architecture: Architecture
  /** The trained network, with a snapshot for each noise level. */
  readonly network: TrainedNetwork
  /** The draws, [chain, record, n]. */
  readonly draws: Draws
  /** Wall-clock seconds, while the other architectures ran as well; not part of the manifest. */
  readonly seconds: {
    /** Of training. */
    readonly train: number
    /** Of all sampling. */
    readonly sample: number
  }
}

/** How reservoir-samplers train in a preset, unless told otherwise. */
export function methodOf(preset: Preset, method: TrainingMethod | undefined): TrainingMethod {
  return method ?? (preset === 'quick' ? 'closed-form' : 'adam')
}

/** How an architecture trains in a preset: sampler-only networks always by Adam. */
export function methodFor(
  architecture: Architecture,
  preset: Preset,
  method: TrainingMethod | undefined,
): TrainingMethod {
  return architecture === 'reservoir-sampler' ? methodOf(preset, method) : 'adam'
}

/** Training and sampling of an experiment's networks: seeded, watched and resumed as its options say. */
export class Workshop {
  readonly engine: Engine
  readonly seed: number
  readonly #options: ExperimentOptions

  constructor(engine: Engine, options: ExperimentOptions) {
    this.engine = engine
    this.seed = options.seed ?? 0
    this.#options = options
  }

  #watch(name: string, architecture: Architecture) {
    const { signal, onProgress, onEvent } = this.#options
    return {
      ...(signal && { signal }),
      onProgress: (progress: Progress) => {
        onProgress?.(progress)
        onEvent?.({ name, architecture, ...progress })
      },
    }
  }

  /** Trains the network that `name` stands for in events and checkpoints. */
  train(name: string, options: TrainOptions & { readonly architecture: Architecture }): Promise<TrainedNetwork> {
    const { checkpointSeconds, onCheckpoint, resume } = this.#options
    const checkpoint = resume?.[name]
    const run = this.engine.train({
      seed: this.seed,
      ...options,
      ...this.#watch(name, options.architecture),
      ...(checkpointSeconds !== undefined && { checkpointSeconds }),
      ...(onCheckpoint && { onCheckpoint: (newest: TrainCheckpoint) => onCheckpoint(name, newest) }),
      ...(checkpoint && { resume: checkpoint }),
    })
    return run.then((network) => network)
  }

  /** Refuses rates of units that a reservoir of m units hasn't: to be asked before it is trained. */
  checkRates(units: number | undefined): void {
    const { rates } = this.#options
    const beyond =
      units === undefined
        ? undefined
        : rates?.find((unit, i) => !Number.isInteger(unit) || unit < 0 || unit >= units || rates.indexOf(unit) < i)
    if (beyond !== undefined) throw invalid('rates', beyond, `different units from 0 to ${units! - 1}`)
  }

  /** One chain of a network by `settings`, with the rates of the units that the options name, else of `usual`; none of neither. */
  async activity(
    name: string,
    network: Network,
    settings: SampleOptions,
    usual?: readonly number[],
  ): Promise<readonly Activity[]> {
    const { signal, rates = usual } = this.#options
    if (rates === undefined || network.architecture !== 'reservoir-sampler') return []
    const run = { seed: this.seed, ...settings, rates, ...(signal && { signal }) }
    return [{ name, draws: await this.engine.sample(network, run) }]
  }

  /** A configuration, with the units whose rates were asked for. */
  configuration(own: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { rates } = this.#options
    return rates === undefined ? own : { ...own, rates: [...rates] }
  }

  /** Samples a network. */
  sample(
    name: string,
    network: Network,
    settings: SampleSettings & {
      /** Default the experiment's. */
      readonly seed?: number
    },
  ): Promise<Draws> {
    const run = this.engine.sample(network, {
      seed: this.seed,
      ...settings,
      ...this.#watch(name, network.architecture),
    })
    return run.then((draws) => draws)
  }
}

/** An array to be hashed, by its name. */
export type NamedArray = readonly [string, ManifestArray]

/** A network's tensors and losses, under its name. */
export function networkArrays(name: string, network: TrainedNetwork): NamedArray[] {
  return [
    ...Object.entries(network.tensors).map(([tensor, values]): NamedArray => [`${name}/${tensor}`, values]),
    [`${name}/losses`, { shape: [network.losses.length], data: network.losses }],
  ]
}

/** One row of numbers. */
export function numbersArray(name: string, numbers: readonly number[] | Float64Array): NamedArray {
  return [name, { shape: [numbers.length], data: Float64Array.from(numbers) }]
}

/** The arrays of a report, those of its activities last, and its manifest. */
export async function hashed(
  engine: Engine,
  report: Omit<ExperimentReport, 'arrays' | 'manifest' | 'activities'>,
  own: readonly NamedArray[],
  activities: readonly Activity[] = [],
): Promise<Pick<ExperimentReport, 'arrays' | 'manifest' | 'activities'>> {
  const { experiment, preset, seed, configuration } = report
  const named = [...own, ...activityArrays(activities)]
  const records = named.map(async ([name, array]) => [name, await recordArray(engine, array)] as const)
  const manifest: Manifest = {
    format: 'langevin-rnn manifest',
    streamVersion: STREAM_VERSION,
    experiment,
    preset,
    seed,
    configuration,
    arrays: Object.fromEntries(await Promise.all(records)),
  }
  return { activities, arrays: new Map(named), manifest }
}

/** One coordinate of draws [chain, draw, n], or of points [point, n]. */
export function coordinate(data: Float32Array, n: number, axis: number): Float32Array {
  return Float32Array.from({ length: data.length / n }, (_, i) => data[i * n + axis]!)
}

/** The records of one time, [chain, n], of draws [chain, draw, n]. */
export function recordAt({ data, shape }: Draws, record: number): Float32Array {
  const [chains, records, n] = shape
  const out = new Float32Array(chains * n)
  for (let c = 0; c < chains; c += 1) {
    out.set(data.subarray((c * records + record) * n, (c * records + record + 1) * n), c * n)
  }
  return out
}

/** The slope of ln y over ln x by least squares; both above zero. For showing: its last bits may differ by engine. */
export function logSlope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)]
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mu, mv] = [mean(u), mean(v)]
  const over = u.reduce((sum, value, i) => sum + (value - mu) * (v[i]! - mv), 0)
  return over / u.reduce((sum, value) => sum + (value - mu) ** 2, 0)
}
