// Values behind a manifest's hashes: those that a reproduction left beside its manifest, and those of a new one; and the first
// index at which the two have other bits.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ExperimentReport, ManifestArray } from 'langevin-rnn/experiments'
import type { Kept } from './experiments/view.js'
import { readAs } from './files_in.js'

/** What holds the arrays that are no network's tensors, losses or draws. */
export const OTHER_ARRAYS = 'arrays.npz'

/** Entries that it may have: experiments over many networks have hundreds. */
const MAX_ENTRIES = 10_000

/** Where two arrays part. */
export interface Place {
  /** From 0, outermost extent first. */
  readonly index: readonly number[]
  readonly manifest: number
  readonly computed: number
}

/** The arrays of a manifest that no network's own files hold. */
export function otherArrays({ arrays }: ExperimentReport, kept: readonly Kept[]): Map<string, ManifestArray> {
  const held = new Set<unknown>(
    kept.flatMap(({ network, draws }) => [
      ...Object.values(network.tensors).map(({ data }) => data),
      network.losses,
      draws?.data,
    ]),
  )
  return new Map([...arrays].filter(([, { data }]) => !held.has(data)))
}

/** The array's values in a reproduction's folder; undefined where they are not there. */
export async function recordedValues(folder: string, array: string): Promise<ManifestArray | undefined> {
  const parts = array.split('/')
  const name = parts.pop()!
  // Some folders leave the architecture's name out.
  for (const path of [parts, parts.slice(1)].map((those) => join(folder, ...those))) {
    const found = await ofNetwork(path, name)
    if (found) return found
  }
  const { readNpz } = await import('langevin-rnn')
  return inFile(join(folder, OTHER_ARRAYS), (bytes) => readNpz(bytes, { maxEntries: MAX_ENTRIES }).arrays.get(array))
}

/** A tensor, the losses or the draws of a network whose files are in a folder. */
async function ofNetwork(folder: string, name: string): Promise<ManifestArray | undefined> {
  const { drawsFromNpz, readNpy, readSafetensors } = await import('langevin-rnn')
  if (name === 'losses') return inFile(join(folder, 'losses.npy'), readNpy)
  if (name === 'draws') return inFile(join(folder, 'draws.npz'), drawsFromNpz)
  return inFile(join(folder, 'network.safetensors'), (bytes) => readSafetensors(bytes).tensors.get(name))
}

async function inFile(
  file: string,
  read: (bytes: Uint8Array) => { readonly shape: readonly number[]; readonly data: unknown } | undefined,
): Promise<ManifestArray | undefined> {
  if (!existsSync(file)) return undefined
  const { shape, data } = (await readAs(file, read)) ?? {}
  return shape && (data instanceof Float32Array || data instanceof Float64Array) ? { shape, data } : undefined
}

/** The first index in row-major order whose values have other bits; any NaN equals any other, as in the hashes. */
export function firstDifference(manifest: ManifestArray, computed: ManifestArray): Place | undefined {
  const at = manifest.data.findIndex((value, i) => !Object.is(value, computed.data[i]))
  if (at < 0) return undefined
  let rest = at
  const index = [...manifest.shape].reverse().map((extent) => {
    const coordinate = rest % extent
    rest = Math.floor(rest / extent)
    return coordinate
  })
  return { index: index.reverse(), manifest: manifest.data[at]!, computed: computed.data[at]! }
}
