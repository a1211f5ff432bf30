// What a worker does: holds one wasm instance and, in it, the runs that its engine has opened. Every call is bounded in time.
import * as Comlink from 'comlink'
import type { PlainError } from './errors.js'
import * as raw from './raw.js'
import type {
  Checkpoint,
  ConfinementReport,
  Network,
  ReferenceDiagnostics,
  SteinDiscrepancy,
  Target,
  Tensor,
} from './types.js'

/** A network as the core returns it: without report and provenance. */
export type BareNetwork = Omit<Network, 'confinement' | 'provenance'>

/** How far a training run has come. */
export interface TrainingProgress {
  readonly done: number
  readonly total: number
  readonly loss?: number
  readonly noise: number
}

/** Where a run stands, with losses and levels since it began or was resumed. */
export type BareCheckpoint = Pick<Checkpoint, 'epoch' | 'steps' | 'adamSteps' | 'arrays' | 'losses'> &
  Pick<TrainingResult, 'levels'>

export interface TrainingResult {
  readonly network: BareNetwork
  readonly levels: readonly { readonly noise: number; readonly network: BareNetwork }[]
  readonly losses: Float64Array
  readonly confinement: ConfinementReport
}

/** Chains and steps relative to the run's first. */
export interface Part {
  readonly chain: number
  readonly chains: number
  readonly from: number
  readonly to: number
}

export interface PartResult {
  readonly draws: Float32Array
  readonly states: Float32Array
  readonly carry: Float32Array
}

export interface Opened {
  readonly id: number
  readonly configuration: Record<string, unknown>
}

/** One coordinate's diagnostics: NaN where there is none, empty arrays for what isn't asked for. */
export interface BareSummary {
  readonly mean: number
  readonly deviation: number
  readonly excessKurtosis: number
  readonly essBulk: number
  readonly essTail: number
  readonly rHat: number
  readonly mcseMean: number
  readonly autocorrelation: Float64Array
  readonly spectrum: Float64Array
  readonly rankHistogram: Uint32Array
}

/** Runs `work` and turns whatever the core throws into a value that survives cloning. */
function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      const plain: PlainError = {
        code: 'worker',
        message: `the wasm instance trapped (${error.message}); the call is lost, and the next one gets a fresh instance`,
        argument: 'trap',
      }
      throw plain
    }
    throw error
  }
}

function buffers(tensors: Iterable<ArrayBufferView>): Transferable[] {
  return [...new Set([...tensors].map((array) => array.buffer as ArrayBuffer))]
}

function tensor(network: Network, name: string): Float32Array {
  const found = network.tensors[name]
  if (found === undefined) {
    const plain: PlainError = {
      code: 'invalid-argument',
      message: `network has no tensor ${name}; expected the tensors of ${network.architecture}`,
      argument: 'network.tensors',
      value: Object.keys(network.tensors).join(', '),
      expected: name,
    }
    throw plain
  }
  return found.data
}

/** The network in wasm memory; whoever asks frees it. */
function handleOf(network: Network): raw.NetworkHandle {
  raw.checkArchitecture(network.architecture)
  const { dimension, activation } = network
  if (network.architecture === 'reservoir-sampler') {
    return raw.NetworkHandle.reservoir(
      dimension,
      network.units,
      activation,
      tensor(network, 'W1.weight'),
      tensor(network, 'W2.weight'),
      tensor(network, 'W2.bias'),
    )
  }
  return raw.NetworkHandle.samplerOnly(
    network.architecture === 'sampler-only-current',
    dimension,
    activation,
    tensor(network, 'W.weight'),
    tensor(network, 'W.bias'),
    tensor(network, 'gamma'),
    tensor(network, 'sig'),
  )
}

function withNetwork<T>(network: Network, work: (handle: raw.NetworkHandle) => T): T {
  return guarded(() => {
    const handle = handleOf(network)
    try {
      return work(handle)
    } finally {
      handle.free()
    }
  })
}

export class WorkerApi {
  #next = 0
  readonly #trainings = new Map<number, raw.TrainingHandle>()
  readonly #samplings = new Map<number, { network: raw.NetworkHandle; run: raw.SamplingHandle }>()

  start(module: WebAssembly.Module): { streamVersion: number; simd: boolean } {
    raw.instantiate(module)
    return { streamVersion: raw.streamVersion(), simd: raw.hasSimd() }
  }

  openTraining(options: object, source: { target: Target } | { data: Tensor }, budget: number): Opened {
    return guarded(() => {
      const run =
        'target' in source
          ? raw.TrainingHandle.onTarget(options, source.target, budget)
          : raw.TrainingHandle.onPoints(
              options,
              source.data.data,
              source.data.shape[0] ?? 0,
              source.data.shape[1] ?? 0,
              budget,
            )
      const id = this.#next++
      this.#trainings.set(id, run)
      return { id, configuration: run.config() as Record<string, unknown> }
    })
  }

  /** Trains for about `milliseconds`; at least one epoch or noise level. */
  advanceTraining(id: number, milliseconds: number): { complete: boolean; progress: TrainingProgress } {
    return guarded(() => {
      const run = this.#training(id)
      const end = performance.now() + milliseconds
      let complete = run.advance(1)
      while (!complete && performance.now() < end) complete = run.advance(1)
      return { complete, progress: run.progress() as TrainingProgress }
    })
  }

  checkpointTraining(id: number): BareCheckpoint {
    return guarded(() => {
      const checkpoint = this.#training(id).checkpoint() as BareCheckpoint
      return Comlink.transfer(checkpoint, buffers([...Object.values(checkpoint.arrays), checkpoint.losses]))
    })
  }

  resumeTraining(id: number, from: Pick<Checkpoint, 'epoch' | 'steps' | 'adamSteps' | 'arrays'>): void {
    guarded(() => {
      const names = Object.keys(from.arrays)
      const values = Object.values(from.arrays)
      this.#training(id).resume(from.epoch, BigInt(from.steps), BigInt(from.adamSteps), names, values)
    })
  }

  finishTraining(id: number): TrainingResult {
    return guarded(() => {
      const result = this.#training(id).finish() as TrainingResult
      this.closeTraining(id)
      const networks = [result.network, ...result.levels.map((level) => level.network)]
      const arrays = networks.flatMap((network) => Object.values(network.tensors).map((t) => t.data))
      return Comlink.transfer(result, buffers([...arrays, result.losses]))
    })
  }

  closeTraining(id: number): void {
    this.#trainings.get(id)?.free()
    this.#trainings.delete(id)
  }

  openSampling(network: Network, options: { readonly steps: number }, budget: number): Opened & { records: number } {
    return guarded(() => {
      const handle = handleOf(network)
      let run: raw.SamplingHandle
      try {
        run = new raw.SamplingHandle(handle, options, budget)
      } catch (error) {
        handle.free()
        throw error
      }
      const id = this.#next++
      this.#samplings.set(id, { network: handle, run })
      return { id, configuration: run.config() as Record<string, unknown>, records: run.records(options.steps) }
    })
  }

  /** One part of a run: whole trajectories of some chains, or some of their steps. */
  samplePart(id: number, part: Part, initial: Float32Array | undefined, carried: boolean): PartResult {
    return guarded(() => {
      const sampling = this.#samplings.get(id)
      if (sampling === undefined) throw new Error(`no sampling run ${id}`)
      const result = sampling.run.part(sampling.network, part, initial, carried) as PartResult
      return Comlink.transfer(result, buffers([result.draws, result.states, result.carry]))
    })
  }

  closeSampling(id: number): void {
    const sampling = this.#samplings.get(id)
    sampling?.run.free()
    sampling?.network.free()
    this.#samplings.delete(id)
  }

  score(network: Network, points: Float32Array): Float32Array {
    return withNetwork(network, (handle) => {
      const scores = handle.score(points)
      return Comlink.transfer(scores, buffers([scores]))
    })
  }

  evaluate(network: Network, target: Target): unknown {
    return withNetwork(network, (handle) => raw.evaluate(handle, target))
  }

  scoreError(network: Network, target: Target, noise: number, points: number, seed: number): unknown {
    return withNetwork(network, (handle) => raw.scoreError(handle, target, noise, points, BigInt(seed)))
  }

  targetValues(target: Target, points: Float32Array, noise: number): unknown {
    return guarded(() => raw.targetValues(target, points, noise))
  }

  targetDraws(target: Target, count: number, seed: number): Float32Array {
    return guarded(() => raw.targetDraws(target, count, BigInt(seed)))
  }

  wassersteinToLaw(draws: Float32Array, target: Target, axis: number | undefined): number {
    return guarded(() => raw.wassersteinToLaw(draws, target, axis))
  }

  wassersteinBetween(draws: Float32Array, reference: Float32Array): number {
    return guarded(() => raw.wassersteinBetween(draws, reference))
  }

  chainSummary(
    draws: Float32Array,
    chains: number,
    lags: number,
    segment: number,
    interval: number,
    rankBins: number,
  ): BareSummary {
    return guarded(() => raw.chainSummary(draws, chains, lags, segment, interval, rankBins) as BareSummary)
  }

  slicedWasserstein(draws: Float32Array, reference: Float32Array, n: number, directions: number, seed: number): number {
    return guarded(() => raw.slicedWasserstein(draws, reference, n, directions, BigInt(seed)))
  }

  pairDistances(
    draws: Float32Array,
    reference: Float32Array,
    n: number,
    bandwidth: number | undefined,
    most: number,
  ): Omit<ReferenceDiagnostics, 'wasserstein' | 'slicedWasserstein' | 'c2st'> {
    return guarded(() => raw.pairDistances(draws, reference, n, bandwidth, most))
  }

  classifierFold(
    draws: Float32Array,
    reference: Float32Array,
    n: number,
    fold: number,
    folds: number,
    seed: number,
    most: number,
  ): number {
    return guarded(() => raw.classifierFold(draws, reference, n, fold, folds, BigInt(seed), most))
  }

  steinDiscrepancy(
    draws: Float32Array,
    n: number,
    law: { readonly network: Network } | { readonly target: Target },
    scale: number,
    most: number,
  ): SteinDiscrepancy {
    if ('target' in law) return guarded(() => raw.steinToTarget(law.target, draws, n, scale, most))
    return withNetwork(law.network, (handle) => raw.steinToNetwork(handle, draws, n, scale, most))
  }

  hash(shape: readonly number[], data: Float32Array | Float64Array): string {
    return guarded(() =>
      data instanceof Float64Array
        ? raw.hashFloat64(Uint32Array.from(shape), data)
        : raw.hashFloat32(Uint32Array.from(shape), data),
    )
  }

  #training(id: number): raw.TrainingHandle {
    const run = this.#trainings.get(id)
    if (run === undefined) throw new Error(`no training run ${id}`)
    return run
  }
}
