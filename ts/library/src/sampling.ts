// A sampling run: chains are shared out over workers in blocks, whole trajectories a call where they are short enough.
// Noise is addressed, so neither blocks nor workers show in the bits.
import { InvalidArgumentError } from './errors.js'
import { withoutReports } from './network.js'
import type { Pool, Remote } from './pool.js'
import { Run } from './run.js'
import type { DrawBlock, Draws, Network, SampleOptions, Tensor } from './types.js'
import type { Part, PartResult } from './worker_api.js'

/**
 * A sampling run: `await` gives all {@link Draws}, `for await` each {@link DrawBlock} as it comes, in no fixed order. A loop begun
 * in the same turn as the call misses none. Leaving the loop doesn't end the run: abort its signal for that.
 */
export type SampleRun = Run<Draws, DrawBlock>

/** Multiply-adds that a call should be about: some tenths of a second, so that it can be watched and aborted. */
const WORK_PER_CALL = 4e8
/** Chains of a block are a multiple of this, so that no vector is left part empty. */
const CHAIN_GRAIN = 32

interface Plan {
  readonly blockChains: number
  readonly blockSteps: number
}

function plan(network: Network, options: SampleOptions, workers: number): Plan {
  const { units: m, dimension: n } = network
  const units = options.evaluator === 'piecewise-linear' ? 10 : m
  const perStep = options.dynamics === 'recurrent' ? m * m : units * (2 * n + 1) + 20 * n
  const ceil = (value: number) => Math.max(CHAIN_GRAIN, Math.ceil(value / CHAIN_GRAIN) * CHAIN_GRAIN)
  const share = ceil(options.chains / workers)
  const fitting = WORK_PER_CALL / (perStep * options.steps)
  const blockChains = Math.min(options.blockChains ?? Math.min(share, ceil(fitting)), options.chains)
  const longest = Math.max(4, 4 * Math.floor((2 * WORK_PER_CALL) / (perStep * blockChains * 4)))
  return { blockChains, blockSteps: Math.min(options.blockSteps ?? longest, options.steps) }
}

/** What is left to do for a block of chains, and what it goes on from. */
interface Task extends Part {
  readonly initial: Float32Array | undefined
  readonly carried: boolean
}

/** The tasks that can run now; a block's next steps come when its last ones are done. */
class Queue {
  readonly #ready: Task[]
  readonly #waiting: ((task: Task | undefined) => void)[] = []
  #open: number

  constructor(tasks: Task[]) {
    this.#ready = tasks
    this.#open = tasks.length
  }

  next(): Promise<Task | undefined> {
    const task = this.#ready.shift()
    if (task !== undefined || this.#open === 0) return Promise.resolve(task)
    return new Promise((give) => this.#waiting.push(give))
  }

  /** Reports a task as done, with the one that follows it, if any. */
  done(next: Task | undefined): void {
    if (next !== undefined) {
      const waiting = this.#waiting.shift()
      if (waiting) waiting(next)
      else this.#ready.push(next)
      return
    }
    this.#open -= 1
    if (this.#open === 0) this.stop()
  }

  stop(): void {
    this.#open = 0
    this.#ready.length = 0
    for (const waiting of this.#waiting.splice(0)) waiting(undefined)
  }
}

export function sample(
  pool: Pool,
  streamVersion: number,
  budget: number,
  network: Network,
  options: SampleOptions,
): SampleRun {
  const { signal, onProgress, blockSteps: _, blockChains: __, start, ...settings } = options
  const { chains, steps } = options
  const n = network.dimension
  const burnIn = options.burnIn ?? 0
  const recordEvery = options.recordEvery ?? steps - burnIn
  const recordsUntil = (t: number) => Math.floor(Math.max(0, t - burnIn) / recordEvery)
  const states = start?.kind === 'states' ? start.states : undefined
  const law = start ?? (network.scaling?.x && { kind: 'data' as const })
  const config = { ...settings, recordEvery, ...(law && { start: states ? { kind: 'states' } : law }) }

  return new Run<Draws, DrawBlock>(async (emit) => {
    checkStart(states, chains, n)
    const bare = withoutReports(network)
    const { configuration, records } = await pool.run(async (api) => {
      const { id, ...opened } = await api.openSampling(bare, config, budget)
      await api.closeSampling(id)
      return opened
    }, signal)

    const { blockChains, blockSteps } = plan(network, options, pool.size)
    const draws = new Float32Array(chains * records * n)
    const last = new Float32Array(chains * n)
    const queue = new Queue(
      Array.from({ length: Math.ceil(chains / blockChains) }, (_, block) => {
        const chain = block * blockChains
        const count = Math.min(blockChains, chains - chain)
        return {
          chain,
          chains: count,
          from: 0,
          to: blockSteps,
          initial: states?.data.slice(chain * n, (chain + count) * n),
          carried: false,
        }
      }),
    )
    const began = performance.now()
    const total = chains * steps
    let done = 0

    const store = (task: Task, result: PartResult) => {
      const first = recordsUntil(task.from)
      const count = recordsUntil(task.to) - first
      for (let c = 0; c < task.chains; c += 1) {
        const row = result.draws.subarray(c * count * n, (c + 1) * count * n)
        draws.set(row, ((task.chain + c) * records + first) * n)
      }
      if (task.to === steps) last.set(result.states, task.chain * n)
      done += task.chains * (task.to - task.from)
      const rate = done / ((performance.now() - began) / 1000)
      onProgress?.({ stage: 'sample', done, total, unit: 'chain-steps', rate, secondsLeft: (total - done) / rate })
      emit({
        firstChain: task.chain,
        chains: task.chains,
        firstStep: task.from,
        steps: task.to - task.from,
        states: result.states,
        draws: result.draws,
      })
    }

    const lane = async (api: Remote) => {
      const { id } = await api.openSampling(bare, config, budget)
      try {
        for (let task = await queue.next(); task !== undefined; task = await queue.next()) {
          const { initial, carried, ...part } = task
          const result = await api.samplePart(id, part, initial, carried)
          store(task, result)
          const more = task.to < steps
          queue.done(
            more
              ? {
                  ...part,
                  from: task.to,
                  to: Math.min(task.to + blockSteps, steps),
                  initial: result.carry,
                  carried: true,
                }
              : undefined,
          )
          if (signal?.aborted) break
        }
      } finally {
        api.closeSampling(id).catch(() => {})
      }
    }

    const lanes = Math.min(pool.size, Math.ceil(chains / blockChains))
    try {
      await Promise.all(Array.from({ length: lanes }, () => pool.run(lane, signal)))
    } finally {
      queue.stop()
    }
    const shape: [number, number, number] = [chains, records, n]
    return {
      data: draws,
      shape,
      seed: options.seed ?? 0,
      states: last,
      hash: await pool.run((api) => api.hash(shape, draws)),
      provenance: { streamVersion, seed: options.seed ?? 0, configuration },
    }
  })
}

function checkStart(states: Tensor | undefined, chains: number, n: number): void {
  if (states === undefined || (states.shape[0] === chains && states.shape[1] === n)) return
  const expected = `[${chains}, ${n}], a state for each chain`
  throw new InvalidArgumentError(`start.states has shape [${states.shape.join(', ')}]; expected ${expected}`, {
    argument: 'start.states',
    value: `[${states.shape.join(', ')}]`,
    expected,
  })
}
