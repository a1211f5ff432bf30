// How a sampling run is cut: chains in blocks that take turns, some steps a call, each call some tenths of a second.
import type { Network, SampleOptions } from '../types.js'

/** Multiply-adds that a call should be about: some tenths of a second, so that it can be watched and aborted. */
const WORK_PER_CALL = 4e8
/** Multiply-adds below which a run is one call to one worker: more messages would take longer than a second worker saves. */
const WORK_AT_ONCE = 1e7
/** Chains of a block are a multiple of this, so that no tile is left part empty: those of one output are of six vectors. */
const chainGrain = (outputs: number) => (outputs === 1 ? 24 : 32)

export interface Plan {
  readonly blockChains: number
  readonly blockSteps: number
  /** Whether the whole run is one part, too small to be worth more than one call. */
  readonly atOnce: boolean
}

export function plan(network: Network, options: SampleOptions, workers: number): Plan {
  const { units: m, dimension: n } = network
  const units = options.evaluator === 'piecewise-linear' ? 10 : m
  const rates = (options.rates?.length ?? 0) * (3 * n + 10)
  const perStep = options.dynamics === 'recurrent' ? m * m : units * (2 * n + 1) + 20 * n + rates
  const grain = chainGrain(n)
  const ceil = (value: number) => Math.max(grain, Math.ceil(value / grain) * grain)
  const small = perStep * options.chains * options.steps <= WORK_AT_ONCE
  const share = small ? options.chains : ceil(options.chains / workers)
  const fitting = WORK_PER_CALL / (perStep * options.steps)
  const blockChains = Math.min(options.blockChains ?? Math.min(share, ceil(fitting)), options.chains)
  const longest = Math.max(4, 4 * Math.floor((2 * WORK_PER_CALL) / (perStep * blockChains * 4)))
  const blockSteps = Math.min(options.blockSteps ?? longest, options.steps)
  return { blockChains, blockSteps, atOnce: small && blockChains === options.chains && blockSteps === options.steps }
}

/** Some chains, how far they are, and what they go on from. */
export interface Block {
  readonly chain: number
  readonly chains: number
  /** Steps taken. */
  steps: number
  /** Given states, or with `steps` > 0 what the last part carried over; undefined for the configured law. */
  carry: Float32Array | undefined
}

/** The chains from `first` to `end` in blocks of at most `most`. */
export function blocksBetween(first: number, end: number, most: number, steps: number): Block[] {
  return Array.from({ length: Math.ceil((end - first) / most) }, (_, k) => {
    const chain = first + k * most
    return { chain, chains: Math.min(most, end - chain), steps, carry: undefined }
  })
}

/** The blocks that can go on now, the one that has waited longest first, so that all go on alike. */
export class Queue {
  readonly #ready: Block[]
  readonly #waiting: ((block: Block | undefined) => void)[] = []
  #open: number
  #stopped = false

  constructor(blocks: Block[]) {
    this.#ready = blocks
    this.#open = blocks.length
    if (this.#open === 0) this.stop()
  }

  next(): Promise<Block | undefined> {
    const block = this.#ready.shift()
    if (block !== undefined || this.#stopped) return Promise.resolve(block)
    return new Promise((give) => this.#waiting.push(give))
  }

  /** Puts a block back that has steps left. */
  again(block: Block): void {
    if (this.#stopped) return
    const waiting = this.#waiting.shift()
    if (waiting) waiting(block)
    else this.#ready.push(block)
  }

  /** Lets go of a block that has none left. */
  done(): void {
    this.#open -= 1
    if (this.#open === 0) this.stop()
  }

  /** Nothing goes on any more. */
  stop(): void {
    this.#stopped = true
    this.#ready.length = 0
    for (const waiting of this.#waiting.splice(0)) waiting(undefined)
  }
}
