// Puts the parts of a run together. Each part is read twice, to be checked before anything is written and to be copied, and is the only
// one in memory: time and input are linear in the bytes, memory is that of the largest part.
import type { DrawsFile, Provenance, Shard } from 'langevin-rnn'
import { FailedError } from './errors.js'
import { readAs } from './files_in.js'
import { shardChains } from './shards.js'

/** What has been learned about a part; its draws have been let go. */
export interface PartFacts {
  readonly file: string
  readonly shard: Shard
  readonly provenance: Provenance
  /** [chain, draw, n]. */
  readonly shape: readonly [number, number, number]
  readonly rateUnits: readonly number[]
}

/** A run that all parts of are there. */
export interface WholeRun {
  /** In the order of their chains. */
  readonly files: readonly string[]
  readonly shape: readonly [number, number, number]
  /** Units whose rates were recorded. */
  readonly rateUnits: readonly number[]
  /** What the whole run's own file would say. */
  readonly provenance: Provenance
}

export async function readPart(file: string): Promise<DrawsFile> {
  const { drawsFromNpz } = await import('langevin-rnn')
  return readAs(file, drawsFromNpz)
}

/** Reads a part to the last bit, checks it by itself, and keeps the facts. */
export async function examine(file: string): Promise<PartFacts> {
  const { shard, provenance, shape, states, partial, rateUnits } = await readPart(file)
  if (shard === null || provenance === null || states === null) {
    throw new FailedError(`'${file}' is no part of a run: it was not written by sample --shard`, 'foreign')
  }
  if (partial !== null) {
    throw new FailedError(`'${file}' is unfinished: the command that began it, with --resume, ends it`, 'unfinished')
  }
  const { count } = shardChains(shard.chains, shard)
  if (shape[0] !== count) {
    throw new FailedError(`'${file}' has ${shape[0]} chains; part ${name(shard)} has ${count}`, 'damaged')
  }
  const asked = (provenance.configuration['rates'] ?? []) as readonly number[]
  if (asked.join() !== rateUnits.join()) {
    throw new FailedError(`'${file}' has rates of units ${rateUnits}; its run recorded ${asked}`, 'damaged')
  }
  return { file, shard, provenance, shape, rateUnits }
}

const name = ({ index, of }: Shard): string => `${index}/${of}`

/** What all parts of one run have in common, by name. */
function common({ shard, provenance, shape }: PartFacts): Map<string, string> {
  const { chains: _, firstChain, ...configuration } = provenance.configuration
  const offset = Number(firstChain) - shardChains(shard.chains, shard).first
  return new Map(
    Object.entries({
      'stream version': provenance.streamVersion,
      seed: provenance.seed,
      'number of parts': shard.of,
      'number of chains': shard.chains,
      firstChain: offset,
      'shape of a chain': shape.slice(1),
      ...configuration,
    }).map(([key, value]) => [key, JSON.stringify(value)]),
  )
}

/** The run that parts belong to, all of them and each once; else the error names those that are foreign, there twice, or missing. */
export function assemble(parts: readonly PartFacts[]): WholeRun {
  const [stranger] = strangers(parts)
  if (stranger) throw new FailedError(stranger.why, 'foreign')
  const { of, chains } = parts[0]!.shard
  const byIndex = new Map<number, PartFacts>()
  for (const part of parts) {
    const other = byIndex.get(part.shard.index)
    if (other) {
      throw new FailedError(`'${part.file}' and '${other.file}' are both part ${name(part.shard)}`, 'duplicate')
    }
    byIndex.set(part.shard.index, part)
  }
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !byIndex.has(index))
  if (missing.length > 0) {
    const some = missing.slice(0, 20).map((index) => `${index}/${of}`)
    const more = missing.length > some.length ? ` and ${missing.length - some.length} more` : ''
    throw new FailedError(`${missing.length} of ${of} parts are missing: ${some.join(', ')}${more}`, 'missing')
  }
  const ordered = [...byIndex.values()].sort((a, b) => a.shard.index - b.shard.index)
  const { provenance, shape, rateUnits } = ordered[0]!
  return {
    files: ordered.map(({ file }) => file),
    shape: [chains, shape[1], shape[2]],
    rateUnits,
    provenance: { ...provenance, configuration: { ...provenance.configuration, chains } },
  }
}

/** Parts that differ from most others in what decides bits are of another run; and in what they differ. */
export function strangers(parts: readonly PartFacts[]): { file: string; why: string }[] {
  const runs = new Map<string, PartFacts[]>()
  for (const part of parts) {
    const key = JSON.stringify([...common(part)].sort())
    runs.set(key, [...(runs.get(key) ?? []), part])
  }
  const [most, ...others] = [...runs.values()].sort((a, b) => b.length - a.length)
  return others.flat().map((stranger) => {
    const [ours, theirs] = [common(most![0]!), common(stranger)]
    const key = [...new Set([...ours.keys(), ...theirs.keys()])].find((key) => ours.get(key) !== theirs.get(key))!
    const difference = `${key} is ${theirs.get(key) ?? 'not there'}, not ${ours.get(key) ?? 'there'}`
    return { file: stranger.file, why: `'${stranger.file}' is of another run than '${most![0]!.file}': ${difference}` }
  })
}
