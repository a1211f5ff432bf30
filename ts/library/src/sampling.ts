// A sampling run: blocks of chains take turns at the workers, whole trajectories a call where they are short enough.
// Noise is addressed, so neither blocks nor workers show in the bits.
import { CheckpointClock, checkSame, checkStreamVersion } from './checkpoints.js'
import { diagnose } from './diagnose.js'
import { checkDiagnose } from './diagnose_options.js'
import { AbortedError, WorkerError } from './errors.js'
import { hashOfTensors, withoutReports } from './network.js'
import { checkNetwork, checkSample, checkSet } from './options.js'
import type { Pool, Remote } from './pool.js'
import { type Control, Run } from './run.js'
import { checkBlocks, checkStart } from './sampling/check.js'
import { type Block, blocksBetween, type Plan, plan, Queue } from './sampling/plan.js'
import { Store } from './sampling/store.js'
import type {
  Change,
  Conditions,
  DrawBlock,
  Draws,
  DrawsSoFar,
  Network,
  Progress,
  SampleCheckpoint,
  SampleInspection,
  SampleOptions,
} from './types.js'
import type { CoreOptions, PartResult, RecordHashes } from './worker_api.js'

/** What an engine gives its runs. */
export interface Context {
  readonly pool: Pool
  readonly streamVersion: number
  /** Bytes. */
  readonly budget: number
}

/**
 * A sampling run: `await` gives all {@link Draws}, `for await` each {@link DrawBlock} as it comes, in no fixed order. A loop begun
 * in the same turn as the call misses none. Leaving the loop doesn't end the run: `stop()` it, or abort its signal.
 */
export class SampleRun extends Run<Draws, DrawBlock> {
  readonly #context: Context
  readonly #opened: Promise<Sampling>

  /** @internal */
  constructor(context: Context, network: unknown, options: unknown) {
    let opened: Promise<Sampling> | undefined
    super((control) => {
      opened = open(context, control, network, options)
      return opened.then((sampling) => sampling.finish())
    })
    this.#context = context
    this.#opened = opened as Promise<Sampling>
    this.#opened.catch(() => {})
  }

  /**
   * What has been drawn so far, how far each block of chains is, and what the draws tell; a copy, which the run leaves alone. It
   * still tells what there is when the run has ended or failed.
   *
   * @param diagnostics - whether to work the diagnostics out, as {@link Engine.diagnose} does; default true
   * @throws what stood in the way of the run's start, or {@link MemoryBudgetError} for diagnostics beyond the budget
   */
  async inspect({
    diagnostics = true,
  }: {
    /** Whether to work the diagnostics out; default true. */
    diagnostics?: boolean
  } = {}): Promise<SampleInspection> {
    const sampling = await this.#opened
    // A turn of the event loop, so that those who look again and again still let the workers' messages in.
    await new Promise((resolve) => setTimeout(resolve))
    const found = sampling.inspect()
    if (!diagnostics || found.shape[1] < 2) return { ...found, diagnostics: null }
    return { ...found, diagnostics: await diagnose(this.#context.pool, this.#context.budget, checkDiagnose(found, {})) }
  }

  /**
   * Changes dt, temperature, stimulus or noise level from the next block boundary on that no chain has passed: the same step for all chains, a multiple of
   * `blockSteps`. The change is recorded in `provenance.configuration.changes`, so that sampling by that configuration gives the
   * same bits.
   *
   * @returns the absolute step that it takes effect at, or null when no step is left for it
   * @throws {@link InvalidArgumentError} for values out of range; the run goes on as it was
   */
  async set(conditions: Partial<Conditions>): Promise<number | null> {
    return (await this.#opened).set(checkSet(conditions))
  }
}

async function open(
  context: Context,
  control: Control<DrawBlock>,
  given: unknown,
  unchecked: unknown,
): Promise<Sampling> {
  const network = checkNetwork(given)
  const options = checkSample(unchecked)
  control.follow(options.signal)
  control.follow(context.pool.closed)
  const sampling = new Sampling(context, control, network, options)
  await sampling.open()
  return sampling
}

class Sampling {
  readonly #context: Context
  readonly #control: Control<DrawBlock>
  readonly #network: Network
  readonly #options: SampleOptions
  /** The options as the core takes them. */
  readonly #settings: CoreOptions
  /** The run's number in each worker that it has been opened in. */
  readonly #opened = new Map<Remote, Promise<number>>()
  #configuration: Record<string, unknown> = {}
  #changes: readonly Change[]
  #store!: Store
  #plan!: Plan
  #queue!: Queue
  /** Steps that some chain has taken or is taking. */
  #horizon = 0
  #setting: Promise<unknown> = Promise.resolve()
  #progress: Progress | null = null
  #resumedAt = 0
  #networkHash = ''
  /** Of a run that was taken to its end when it was opened. */
  #hashes: RecordHashes | undefined
  readonly #clock: CheckpointClock
  #keeping: Promise<void> | undefined

  constructor(context: Context, control: Control<DrawBlock>, network: Network, options: SampleOptions) {
    const { signal: _, onProgress: __, blockSteps: ___, blockChains: ____, ...rest } = options
    const { checkpointSeconds = 30, onCheckpoint: _____, resume, start, ...settings } = rest
    const recordEvery = options.recordEvery ?? options.steps - (options.burnIn ?? 0)
    const law = start ?? (network.scaling?.x && { kind: 'data' })
    const kind = law?.kind === 'states' ? { kind: 'states' } : law
    this.#context = context
    this.#control = control
    this.#network = withoutReports(network)
    this.#options = options
    const { changes, ...fixed } = settings
    this.#changes = changes ?? (resume?.configuration['changes'] as Change[] | undefined) ?? []
    this.#settings = { ...fixed, recordEvery, ...(kind && { start: kind }) }
    this.#clock = new CheckpointClock(checkpointSeconds)
  }

  /** Checks the run in one worker, which may take it to its end at once, and lays out what it needs. */
  async open(): Promise<void> {
    const options = this.#options
    const { pool, budget } = this.#context
    const n = this.#network.dimension
    const { chains, steps, resume, onCheckpoint } = options
    const states = options.start?.kind === 'states' ? options.start.states : undefined
    checkStart(states, chains, n)
    this.#plan = plan(this.#network, options, pool.size)
    const kept = onCheckpoint !== undefined || resume !== undefined
    const first = await pool.run(async (api) => {
      if (this.#plan.atOnce && !kept) {
        const run = [this.#network, this.#coreOptions(), budget, chains, this.#changes, states?.data] as const
        const { id, whole, ...opened } = await api.sampleAtOnce(...run)
        if (whole === undefined) this.#opened.set(api, Promise.resolve(id))
        return { ...opened, drawn: [], hash: '', whole }
      }
      const { id, ...opened } = await api.openSampling(this.#network, this.#coreOptions(), budget)
      this.#opened.set(api, Promise.resolve(id))
      const drawn = resume
        ? await api.samplingRecords(
            id,
            resume.blocks.map((block) => block.steps),
          )
        : []
      const hash = kept ? await hashOfTensors(this.#network, (shape, data) => api.hash(shape, data)) : ''
      return { ...opened, drawn, hash, whole: undefined }
    }, options.signal)
    this.#configuration = first.configuration
    this.#networkHash = first.hash
    this.#store = new Store(chains, first.records, n, options.rates ?? [], steps)
    const blocks = resume ? this.#resumed(resume, first.drawn) : this.#blocks(0, chains)
    this.#resumedAt = this.#store.done
    if (first.whole !== undefined) {
      this.#horizon = steps
      this.#hashes = first.whole
      for (const block of blocks) this.#add(block, steps, first.whole)
    }
    this.#queue = new Queue(blocks.filter((block) => block.steps < steps))
  }

  /** Computes what is left, until the end or until the run is stopped. */
  async finish(): Promise<Draws> {
    const options = this.#options
    const { pool } = this.#context
    const lanes = Math.min(pool.size, Math.ceil(options.chains / this.#plan.blockChains))
    try {
      await Promise.all(Array.from({ length: lanes }, () => this.#lane()))
      await this.#keeping
      const found = this.#soFar()
      if (!found.complete) await this.#keep()
      const { shape, data, rates, rateUnits } = found
      const { hash, ratesHash } =
        this.#hashes ?? (await pool.run((api) => api.hashRecords(shape, rateUnits.length, data, rates), options.signal))
      return { ...found, hash, ratesHash }
    } catch (error) {
      if (error instanceof AbortedError) {
        throw new AbortedError(error.message, { cause: error.cause, partial: this.#soFar() })
      }
      this.#queue.stop()
      await this.#keeping?.catch(() => {})
      if (error instanceof WorkerError) await this.#keep()
      throw error
    } finally {
      this.#queue.stop()
      // Without waiting: an aborted run must not wait for its workers.
      for (const [api, opened] of this.#opened) opened.then((id) => api.closeSampling(id)).catch(() => {})
    }
  }

  inspect(): Omit<SampleInspection, 'diagnostics'> {
    return { ...this.#soFar(), progress: this.#progress }
  }

  /** One after another, so that of two changes the later one holds. */
  set(conditions: Partial<Conditions>): Promise<number | null> {
    const done = this.#setting.then(() => this.#change(conditions))
    this.#setting = done.catch(() => {})
    return done
  }

  async #change(conditions: Partial<Conditions>): Promise<number | null> {
    const options = this.#options
    const { pool } = this.#context
    const over = () => this.#horizon >= options.steps || this.#control.state === 'ended'
    const changes = () => withChange(this.#changes, { ...conditions, step: (options.firstStep ?? 0) + this.#horizon })
    if (over()) return null
    await pool.run(async (api) => api.checkChanges(await this.#id(api), changes()), options.signal)
    // Only now is it known to be good, and chains may have gone on meanwhile.
    if (over()) return null
    this.#changes = changes()
    return (options.firstStep ?? 0) + this.#horizon
  }

  #coreOptions(): CoreOptions {
    return { ...this.#settings, ...(this.#changes.length > 0 && { changes: this.#changes }) }
  }

  #soFar(): DrawsSoFar {
    const { seed = 0 } = this.#options
    const { streamVersion } = this.#context
    const provenance = { streamVersion, seed, configuration: this.#changed() }
    return { ...this.#store.soFar(), seed, provenance }
  }

  /** The configuration with the changes made since. */
  #changed(): Record<string, unknown> {
    return this.#changes.length > 0 ? { ...this.#configuration, changes: this.#changes } : this.#configuration
  }

  /** The run's number in a worker; opened there when it isn't yet. */
  #id(api: Remote): Promise<number> {
    const opened =
      this.#opened.get(api) ??
      api.openSampling(this.#network, this.#coreOptions(), this.#context.budget).then(({ id }) => id)
    this.#opened.set(api, opened)
    return opened
  }

  /** Takes blocks in turn until there are none. */
  async #lane(): Promise<void> {
    const options = this.#options
    const { pool } = this.#context
    const { blockSteps } = this.#plan
    for (let block = await this.#queue.next(); block !== undefined; block = await this.#queue.next()) {
      if (!(await this.#control.goOn())) {
        this.#queue.stop()
        return
      }
      const { chain, chains, steps: from, carry } = block
      const to = Math.min((Math.floor(from / blockSteps) + 1) * blockSteps, options.steps)
      this.#horizon = Math.max(this.#horizon, to)
      const part = { chain, chains, from, to }
      const result = await pool.run(
        async (api) => api.samplePart(await this.#id(api), part, this.#changes, carry, from > 0),
        options.signal,
      )
      this.#add(block, to, result)
      if (options.onCheckpoint) await this.#clock.keep(this.#control.seconds, () => this.#keep())
      if (to < options.steps) this.#queue.again(block)
      else this.#queue.done()
    }
  }

  /** Takes and tells what a block got by its steps up to `to`. */
  #add(block: Block, to: number, result: PartResult): void {
    const { chain, chains, steps: from } = block
    const { draws, rates, states } = result
    this.#store.add(block, to, result)
    this.#report({ firstChain: chain, chains, firstStep: from, steps: to - from, states, draws, rates })
  }

  #report(block: DrawBlock): void {
    const { chains, steps, onProgress } = this.#options
    const { done } = this.#store
    const total = chains * steps
    const rate = (done - this.#resumedAt) / this.#control.seconds
    const secondsLeft = (total - done) / rate
    this.#progress = { stage: 'sample', done, total, unit: 'chain-steps', rate, secondsLeft }
    onProgress?.(this.#progress)
    this.#control.emit(block)
  }

  /** Hands a checkpoint over, if anyone wants it. */
  async #keep(): Promise<void> {
    this.#keeping = Promise.resolve(
      this.#options.onCheckpoint?.({
        format: 'langevin-rnn checkpoint',
        stage: 'sample',
        streamVersion: this.#context.streamVersion,
        configuration: this.#changed(),
        network: this.#networkHash,
        ...this.#store.kept(),
      }),
    )
    await this.#keeping
  }

  /** Blocks that have yet to begin. */
  #blocks(first: number, end: number): Block[] {
    const options = this.#options
    const n = this.#network.dimension
    const states = options.start?.kind === 'states' ? options.start.states.data : undefined
    const blocks = blocksBetween(first, end, this.#plan.blockChains, 0)
    for (const block of blocks) block.carry = states?.slice(block.chain * n, (block.chain + block.chains) * n)
    return blocks
  }

  /** The blocks of a checkpoint, cut anew, and those that hadn't begun. */
  #resumed(resume: SampleCheckpoint, drawn: readonly number[]): Block[] {
    const options = this.#options
    const n = this.#network.dimension
    checkStreamVersion(resume, this.#context.streamVersion)
    checkSame({ ...resume.configuration, network: resume.network }, { ...this.#changed(), network: this.#networkHash })
    checkBlocks(resume, options, n, drawn)
    const k = options.rates?.length ?? 0
    const all: Block[] = []
    const width = resume.arrays.carry.length / resume.blocks.reduce((sum, block) => sum + block.chains, 0)
    let chain = 0
    const at = { draws: 0, rates: 0, states: 0, carry: 0 }
    const take = (name: keyof typeof at, length: number) => {
      at[name] += length
      return resume.arrays[name]?.subarray(at[name] - length, at[name]) ?? new Float32Array()
    }
    for (const { firstChain, chains, steps, draws } of resume.blocks) {
      all.push(...this.#blocks(chain, firstChain))
      const parts = blocksBetween(firstChain, firstChain + chains, this.#plan.blockChains, steps)
      this.#store.restore(parts, draws, {
        draws: take('draws', chains * draws * n),
        rates: take('rates', chains * draws * k),
        states: take('states', chains * n),
        carry: take('carry', chains * width),
      })
      this.#horizon = Math.max(this.#horizon, steps)
      all.push(...parts)
      chain = firstChain + chains
    }
    return [...all, ...this.#blocks(chain, options.chains)]
  }
}

/** The changes with one more; at a step that has one already the two become one. */
function withChange(changes: readonly Change[], change: Change): readonly Change[] {
  const before = changes.filter(({ step }) => step < change.step)
  const same = changes.find(({ step }) => step === change.step)
  const after = changes.filter(({ step }) => step > change.step)
  return [...before, { ...same, ...change }, ...after]
}
