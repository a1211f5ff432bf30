// A run cut into parts: the i-th of k parts of C chains has chains ⌊(i−1)C/k⌋ … ⌊iC/k⌋ − 1, contiguous and none of them empty.
import { UsageError } from './errors.js'

/** The `index`-th of `of` parts, counted from 1. */
export interface ShardChoice {
  readonly index: number
  readonly of: number
}

/** A parser of `i/k`. */
export function parseShard(text: string): ShardChoice {
  const match = /^\s*(\d{1,9})\s*\/\s*(\d{1,9})\s*$/.exec(text)
  const [index, of] = [Number(match?.[1]), Number(match?.[2])]
  if (index >= 1 && index <= of) return { index, of }
  throw new UsageError(`--shard '${text}' is no part of a run`, {
    argument: '--shard',
    value: text,
    expected: 'i/k with 1 ≤ i ≤ k, such as 2/8',
  })
}

/** The chains of a part, counted from the run's first. */
export function shardChains(chains: number, { index, of }: ShardChoice): { first: number; count: number } {
  if (of > chains) {
    throw new UsageError(`--shard ${index}/${of} of ${chains} chains leaves parts without chains`, {
      argument: '--shard',
      value: `${index}/${of}`,
      expected: `at most ${chains} parts`,
    })
  }
  const edge = (part: number) => Math.floor((part * chains) / of)
  return { first: edge(index - 1), count: edge(index) - edge(index - 1) }
}
