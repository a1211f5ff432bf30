// What a sampling command asks for, as the library takes it: its options, the part of the run, where the chains start.
import type { Command } from 'commander'
import type { Network, SampleOptions, Shard } from 'langevin-rnn'
import { givenFlags } from './flags.js'
import { SAMPLE_FLAGS } from './sample_flags.js'
import { type ShardChoice, shardChains } from './shards.js'
import { readStates, someStates, startLaw } from './starts.js'

export interface SampleJob {
  readonly settings: SampleOptions
  /** Which part of the run it is; undefined for the whole. */
  readonly shard: Shard | undefined
  /** What the provenance tells beyond the library's configuration. */
  readonly origin: Readonly<Record<string, unknown>>
}

export async function planSample(
  options: { readonly start?: string; readonly shard?: ShardChoice; readonly seed?: number },
  command: Command,
  network: Network,
): Promise<SampleJob> {
  const given = givenFlags(command, SAMPLE_FLAGS) as SampleOptions
  const { first, count } = options.shard ? shardChains(given.chains, options.shard) : { first: 0, count: given.chains }
  const settings: SampleOptions = {
    ...given,
    chains: count,
    ...(options.shard && { firstChain: (given.firstChain ?? 0) + first }),
    ...(options.seed !== undefined && { seed: options.seed }),
  }
  const shard = options.shard && { ...options.shard, chains: given.chains }
  if (options.start === undefined) return { settings, shard, origin: {} }
  const law = startLaw(options.start)
  if (law) return { settings: { ...settings, start: law }, shard, origin: {} }
  const all = await readStates(options.start, given.chains, network.dimension)
  const { states, sha256 } = someStates(all, first, count)
  return {
    settings: { ...settings, start: { kind: 'states', states } },
    shard,
    origin: { start: { kind: 'states', sha256 } },
  }
}
