// What a sampling run has drawn so far: records by chain, last states, and what each block of chains carries on.
import { MemoryBudgetError } from '../errors.js'
import type { ChainProgress, DrawsSoFar, SampleCheckpoint } from '../types.js'
import type { PartResult } from '../worker_api.js'
import type { Block } from './plan.js'

/** A block with what it has. */
interface Kept extends Block {
  records: number
}

/** What is recorded of each chain, so many numbers a draw. */
class Records {
  readonly data: Float32Array
  readonly #draws: number
  readonly #width: number

  constructor(chains: number, draws: number, width: number) {
    this.data = allocate(chains * draws * width)
    this.#draws = draws
    this.#width = width
  }

  /** Puts a block's next `count` draws where they belong. */
  add({ chain, chains, records }: Kept, count: number, rows: Float32Array): void {
    const length = count * this.#width
    // Whole rows lie side by side in both: a copy for each chain would cost more than a short run's steps.
    const [each, times] = count === this.#draws ? [chains * length, 1] : [length, chains]
    for (let c = 0; c < times; c += 1) {
      const row = rows.subarray(c * each, (c + 1) * each)
      this.data.set(row, ((chain + c) * this.#draws + records) * this.#width)
    }
  }

  /** The first `draws` draws of some blocks; without a number all that each has. */
  of(blocks: readonly Kept[], draws?: number): Float32Array {
    const lengths = blocks.map(({ chains, records }) => chains * (draws ?? records) * this.#width)
    const data = allocate(lengths.reduce((sum, length) => sum + length, 0))
    let at = 0
    for (const block of blocks) {
      const length = (draws ?? block.records) * this.#width
      for (let chain = block.chain; chain < block.chain + block.chains; chain += 1) {
        const from = chain * this.#draws * this.#width
        data.set(this.data.subarray(from, from + length), at)
        at += length
      }
    }
    return data
  }
}

export class Store {
  readonly #chains: number
  readonly #n: number
  readonly #units: readonly number[]
  readonly #steps: number
  readonly #draws: Records
  readonly #rates: Records
  readonly #states: Float32Array
  /** By first chain. */
  readonly #blocks = new Map<number, Kept>()
  /** Chains × steps done. */
  done = 0

  constructor(chains: number, records: number, n: number, units: readonly number[], steps: number) {
    this.#chains = chains
    this.#n = n
    this.#units = units
    this.#steps = steps
    this.#draws = new Records(chains, records, n)
    this.#rates = new Records(chains, records, units.length)
    this.#states = allocate(chains * n)
  }

  /** Takes what a block got by its steps up to `to`. */
  add(block: Block, to: number, result: PartResult): void {
    const { chain, chains } = block
    const n = this.#n
    const kept = this.#blocks.get(chain) ?? { ...block, records: 0 }
    const count = result.draws.length / (chains * n)
    this.#draws.add(kept, count, result.draws)
    this.#rates.add(kept, count, result.rates)
    this.#states.set(result.states, chain * n)
    this.done += chains * (to - block.steps)
    block.steps = to
    block.carry = result.carry
    this.#blocks.set(chain, { ...block, records: kept.records + count })
  }

  #inOrder(): Kept[] {
    return [...this.#blocks.values()].sort((a, b) => a.chain - b.chain)
  }

  /** The largest whole array: chains that have at least r draws, and r draws of each, for the best r. */
  soFar(): Omit<DrawsSoFar, 'seed' | 'provenance'> {
    const blocks = this.#inOrder()
    const chainsWith = (records: number) =>
      blocks.reduce((sum, block) => sum + (block.records >= records ? block.chains : 0), 0)
    const candidates = new Set(blocks.map((block) => block.records))
    let records = 0
    for (const r of candidates) if (r * chainsWith(r) > records * chainsWith(records)) records = r
    const kept = blocks.filter((block) => block.records >= records)
    const chains = chainsWith(records)
    const complete = kept.every((block) => block.steps === this.#steps) && chains === this.#chains
    return {
      data: complete ? this.#draws.data : this.#draws.of(kept, records),
      shape: [chains, records, this.#n],
      rates: this.#units.length === 0 ? null : complete ? this.#rates.data : this.#rates.of(kept, records),
      rateUnits: this.#units,
      states: complete ? this.#states : this.#statesOf(kept),
      complete,
      blocks: merged(blocks),
    }
  }

  #statesOf(blocks: readonly Kept[]): Float32Array {
    const n = this.#n
    return joined(blocks.map(({ chain, chains }) => this.#states.subarray(chain * n, (chain + chains) * n)))
  }

  /** What a checkpoint holds of the chains. */
  kept(): Pick<SampleCheckpoint, 'blocks' | 'arrays'> {
    const blocks = this.#inOrder()
    return {
      blocks: merged(blocks),
      arrays: {
        draws: this.#draws.of(blocks),
        ...(this.#units.length > 0 && { rates: this.#rates.of(blocks) }),
        states: this.#statesOf(blocks),
        carry: joined(blocks.map((block) => block.carry ?? new Float32Array())),
      },
    }
  }

  /** Takes a block of a checkpoint, cut into those that are to go on. */
  restore(parts: readonly Block[], records: number, arrays: PartResult): void {
    const chains = parts.reduce((sum, part) => sum + part.chains, 0)
    const n = this.#n
    const width = arrays.carry.length / chains
    let from = 0
    for (const part of parts) {
      const slice = (array: Float32Array, size: number) => array.slice(from * size, (from + part.chains) * size)
      const { steps } = part
      part.steps = 0
      this.add(part, steps, {
        draws: slice(arrays.draws, records * n),
        rates: slice(arrays.rates, records * this.#units.length),
        states: slice(arrays.states, n),
        carry: slice(arrays.carry, width),
      })
      from += part.chains
    }
  }
}

/** How far chains are, neighbours that are equally far together. */
function merged(blocks: readonly Kept[]): ChainProgress[] {
  const list: { firstChain: number; chains: number; steps: number; draws: number }[] = []
  for (const { chain, chains, steps, records } of blocks) {
    const last = list.at(-1)
    const joins = last !== undefined && last.firstChain + last.chains === chain && last.steps === steps
    if (joins) last.chains += chains
    else list.push({ firstChain: chain, chains, steps, draws: records })
  }
  return list
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = allocate(arrays.reduce((sum, array) => sum + array.length, 0))
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  return all
}

function allocate(length: number): Float32Array {
  try {
    return new Float32Array(length)
  } catch {
    throw new MemoryBudgetError(
      `chains needs ${length * 4} bytes, which can't be had; fewer chains, or a larger recordEvery`,
      {
        argument: 'chains',
        value: `needs ${length * 4} bytes`,
        expected: 'fewer chains, or a larger recordEvery',
      },
    )
  }
}
