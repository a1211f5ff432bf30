// What a worker does: holds one wasm instance and, in it, the runs that its engine has opened. Every call is bounded in time.
import * as Comlink from 'comlink'
import type { PlainError } from './errors.js'
import { Exchange } from './exchange.js'
import type { BareNetwork } from './network.js'
import type { PointPass } from './point_stream.js'
import * as raw from './raw.js'
import type { Box, Change, ConfinementReport, Network, Target, Task, Tensor, TrainCheckpoint } from './types.js'
import { MetricsApi } from './worker_metrics.js'
import { guarded, handleOf, withNetwork } from './worker_network.js'

/** How far a training run has come. */
export interface TrainingProgress {
  readonly done: number
  readonly total: number
  readonly loss?: number
  readonly noise: number
}

/** What a run goes on from. */
export type ResumePoint = Pick<TrainCheckpoint, 'epoch' | 'steps' | 'adamSteps' | 'arrays'>

/** Where a run stands, with losses and levels since it began or was resumed. */
export type BareCheckpoint = Pick<TrainCheckpoint, 'epoch' | 'steps' | 'adamSteps' | 'arrays' | 'losses'> &
  Pick<TrainingResult, 'levels'>

/** What one owner of units has learned, or the whole where there is one. */
export interface TrainingPiece {
  readonly network: BareNetwork
  readonly levels: readonly { readonly noise: number; readonly network: BareNetwork }[]
  readonly losses: Float64Array
}

export interface TrainingResult extends TrainingPiece {
  readonly confinement: ConfinementReport
}

/** A training run in this worker. */
interface Training {
  readonly run: raw.TrainingHandle
  /** Whether its steps are taken one by one: they may be long, or shared with other workers. */
  readonly stepwise: boolean
  exchange?: Exchange
}

/** Options of a sampling run as the core reads them. */
export interface CoreOptions {
  readonly steps: number
  readonly [name: string]: unknown
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
  readonly rates: Float32Array
  readonly states: Float32Array
  readonly carry: Float32Array
}

export interface Opened {
  readonly id: number
  readonly configuration: Record<string, unknown>
}

export interface OpenedSampling extends Opened {
  /** Of each chain by the end of the run. */
  readonly records: number
}

/** SHA-256 of what a run recorded; null for what it didn't. */
export interface RecordHashes {
  readonly hash: string
  readonly ratesHash: string | null
}

function buffers(tensors: Iterable<ArrayBufferView>): Transferable[] {
  return [...new Set([...tensors].map((array) => array.buffer as ArrayBuffer))]
}

const partBuffers = ({ draws, rates, states, carry }: PartResult) => buffers([draws, rates, states, carry])

function buffersOf({ network, levels, losses }: TrainingPiece): Transferable[] {
  const networks = [network, ...levels.map((level) => level.network)]
  return buffers([...networks.flatMap((each) => Object.values(each.tensors).map((t) => t.data)), losses])
}

export class WorkerApi extends MetricsApi {
  #next = 0
  readonly #trainings = new Map<number, Training>()
  readonly #samplings = new Map<number, { network: raw.NetworkHandle; run: raw.SamplingHandle }>()

  start(module: WebAssembly.Module): { streamVersion: number; simd: boolean } {
    raw.instantiate(module)
    return { streamVersion: raw.streamVersion(), simd: raw.hasSimd() }
  }

  /** How many workers to share a run among, `wanted` at most. */
  planTraining(
    options: object,
    target: Target | undefined,
    shape: readonly number[] | undefined,
    wanted: number,
    budget: number,
  ): number {
    return guarded(() => raw.trainingMembers(options, target, shape?.[0] ?? 0, shape?.[1] ?? 0, wanted, budget))
  }

  /** Opens a run, as one of `members` owners of its units. */
  openTraining(
    options: object,
    source: { target: Target } | { data: Tensor; stimuli?: Tensor | undefined },
    budget: number,
    member: number,
    members: number,
  ): Opened & { units: [number, number, number] } {
    return guarded(() => {
      const share = [budget, member, members] as const
      const run =
        'target' in source
          ? raw.TrainingHandle.onTarget(options, source.target, ...share)
          : raw.TrainingHandle.onPoints(
              options,
              source.data.data,
              source.data.shape[0] ?? 0,
              source.data.shape[1] ?? 0,
              source.stimuli?.data ?? new Float32Array(),
              ...share,
            )
      const id = this.#next++
      this.#trainings.set(id, { run, stepwise: run.stepwise() })
      const [first = 0, last = 0, all = 0] = run.units()
      return { id, configuration: run.config() as Record<string, unknown>, units: [first, last, all] }
    })
  }

  /** Puts a network's weights in the place of the random ones with which a run begins. */
  beginTraining(id: number, network: BareNetwork): void {
    withNetwork(network, (handle) => this.#training(id).run.beginFrom(handle))
  }

  /** Fresh points for a run's next epoch or level. */
  feedTraining(id: number, { data, stimuli }: PointPass): void {
    guarded(() => this.#training(id).run.feed(data.data, data.shape[1] ?? 0, stimuli?.data ?? new Float32Array()))
  }

  /** Gives a run its channels to the other owners, by owner. */
  connectTraining(id: number, ports: readonly (MessagePort | undefined)[]): void {
    this.#training(id).exchange = new Exchange(ports)
  }

  /**
   * Trains for about `milliseconds`; at least one step, epoch or noise level. With `epoch` it stops where an epoch ends. The
   * first owner's clock counts for all.
   */
  async advanceTraining(
    id: number,
    milliseconds: number,
    epoch: boolean,
  ): Promise<{ complete: boolean; betweenEpochs: boolean; progress: TrainingProgress }> {
    const training = this.#training(id)
    const { run, stepwise } = training
    const end = performance.now() + milliseconds
    let complete = false
    let betweenEpochs = true
    for (let last = false; !last; ) {
      if (stepwise) {
        guarded(() => run.beginStep())
        last = performance.now() >= end
        if (training.exchange !== undefined) last = await this.#exchange(run, training.exchange, last)
        complete = guarded(() => run.endStep())
        betweenEpochs = run.betweenEpochs()
      } else {
        complete = guarded(() => run.advance(1))
        last = performance.now() >= end
      }
      if (complete || (epoch && betweenEpochs)) break
    }
    return { complete, betweenEpochs, progress: run.progress() as TrainingProgress }
  }

  async #exchange(run: raw.TrainingHandle, exchange: Exchange, last: boolean): Promise<boolean> {
    const all = await exchange.swap(
      guarded(() => run.ownSums()),
      last,
    )
    guarded(() => {
      for (const [owner, sums] of all.sums.entries()) if (sums !== undefined) run.putSums(owner, sums)
    })
    return all.last
  }

  checkpointTraining(id: number): BareCheckpoint {
    return guarded(() => {
      const checkpoint = this.#training(id).run.checkpoint() as BareCheckpoint
      return Comlink.transfer(checkpoint, buffers([...Object.values(checkpoint.arrays), checkpoint.losses]))
    })
  }

  resumeTraining(id: number, from: ResumePoint): void {
    guarded(() => {
      const names = Object.keys(from.arrays)
      const values = Object.values(from.arrays)
      this.#training(id).run.resume(from.epoch, BigInt(from.steps), BigInt(from.adamSteps), names, values)
    })
  }

  /** The network as it is, and the losses since the run began or was resumed. */
  inspectTraining(id: number): { network: BareNetwork | null; losses: Float64Array } {
    return guarded(() => {
      const found = this.#training(id).run.inspect() as { network: BareNetwork | undefined; losses: Float64Array }
      const network = found.network ?? null
      const arrays = Object.values(network?.tensors ?? {}).map((t) => t.data)
      return Comlink.transfer({ network, losses: found.losses }, buffers([...arrays, found.losses]))
    })
  }

  finishTraining(id: number): TrainingResult {
    return guarded(() => {
      const result = this.#training(id).run.finish() as TrainingResult
      this.closeTraining(id)
      return Comlink.transfer(result, buffersOf(result))
    })
  }

  /** What this owner has: its own units. */
  pieceOfTraining(id: number): TrainingPiece {
    return guarded(() => {
      const piece = this.#training(id).run.piece() as TrainingPiece
      return Comlink.transfer(piece, buffersOf(piece))
    })
  }

  /** The report on the network that the owners have together. */
  confinementOfTraining(id: number, network: BareNetwork): ConfinementReport {
    return withNetwork(network, (handle) => this.#training(id).run.confinement(handle) as ConfinementReport)
  }

  closeTraining(id: number): void {
    const training = this.#trainings.get(id)
    const closed: PlainError = { code: 'aborted', message: 'the run was ended' }
    training?.exchange?.close(closed)
    training?.run.free()
    this.#trainings.delete(id)
  }

  openSampling(network: Network, options: CoreOptions, budget: number): OpenedSampling {
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

  /**
   * A whole run in one call, for one that is smaller than its messages: opened, sampled as one part, hashed and closed. Where sampling
   * fails the run stays open, so that it fails again as any other does.
   */
  sampleAtOnce(
    network: Network,
    options: CoreOptions,
    budget: number,
    chains: number,
    changes: readonly Change[],
    initial: Float32Array | undefined,
  ): OpenedSampling & { whole?: PartResult & RecordHashes } {
    const opened = this.openSampling(network, options, budget)
    const part = { chain: 0, chains, from: 0, to: options.steps }
    let result: PartResult
    try {
      result = this.samplePart(opened.id, part, changes, initial, false)
    } catch (error) {
      // A trapped instance takes no more calls.
      if ((error as PlainError).code === 'worker') throw error
      return opened
    }
    const units = (options['rates'] as readonly number[] | undefined)?.length ?? 0
    const hashes = this.hashRecords([chains, opened.records, network.dimension], units, result.draws, result.rates)
    this.closeSampling(opened.id)
    return Comlink.transfer({ ...opened, whole: { ...result, ...hashes } }, partBuffers(result))
  }

  /** Of draws [chain, draw, n] and of the rates [chain, draw, unit] of so many units. */
  hashRecords(
    shape: readonly [number, number, number],
    units: number,
    draws: Float32Array,
    rates: Float32Array | null,
  ): RecordHashes {
    const [chains, records] = shape
    return {
      hash: this.hash(shape, draws),
      ratesHash: units > 0 && rates ? this.hash([chains, records, units], rates) : null,
    }
  }

  /** Records of each chain up to each of some steps of the run. */
  samplingRecords(id: number, steps: readonly number[]): number[] {
    return guarded(() => steps.map((step) => this.#sampling(id).run.records(step)))
  }

  /** Checks changes that may take the place of the run's. */
  checkChanges(id: number, changes: readonly Change[]): void {
    guarded(() => {
      const { network, run } = this.#sampling(id)
      run.check(network, changes)
    })
  }

  /** One part of a run: whole trajectories of some chains, or some of their steps. */
  samplePart(
    id: number,
    part: Part,
    changes: readonly Change[],
    initial: Float32Array | undefined,
    carried: boolean,
  ): PartResult {
    return guarded(() => {
      const { network, run } = this.#sampling(id)
      const result = run.part(network, part, changes, initial, carried) as PartResult
      return Comlink.transfer(result, partBuffers(result))
    })
  }

  closeSampling(id: number): void {
    const sampling = this.#samplings.get(id)
    sampling?.run.free()
    sampling?.network.free()
    this.#samplings.delete(id)
  }

  at(network: Network, stimulus: Float64Array, noise: number | undefined): BareNetwork {
    return withNetwork(network, (handle) => handle.at(stimulus, noise) as BareNetwork)
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

  simulate(task: Task, count: number, seed: number): Float32Array {
    return guarded(() => raw.simulate(task, count, BigInt(seed)))
  }

  changeVariable(values: Float32Array, { bound, centres, widths }: Box, back: boolean): Float32Array {
    return raw.changeVariable(values, centres, widths, bound, back)
  }

  wassersteinToLaw(draws: Float32Array, target: Target, axis: number | undefined): number {
    return guarded(() => raw.wassersteinToLaw(draws, target, axis))
  }

  hash(shape: readonly number[], data: Float32Array | Float64Array): string {
    return guarded(() =>
      data instanceof Float64Array
        ? raw.hashFloat64(Uint32Array.from(shape), data)
        : raw.hashFloat32(Uint32Array.from(shape), data),
    )
  }

  #sampling(id: number): { network: raw.NetworkHandle; run: raw.SamplingHandle } {
    const sampling = this.#samplings.get(id)
    if (sampling === undefined) throw new Error(`no sampling run ${id}`)
    return sampling
  }

  #training(id: number): Training {
    const run = this.#trainings.get(id)
    if (run === undefined) throw new Error(`no training run ${id}`)
    return run
  }
}
