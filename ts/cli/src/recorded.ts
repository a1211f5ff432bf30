// Values behind a manifest's hashes: those that a reproduction left beside its manifest, and those of a new one; and the first
// index at which the two have other bits.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DoublePeakReport, ExperimentReport } from 'langevin-rnn/experiments'
import { FailedError } from './errors.js'
import { readAs } from './files_in.js'

export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array
}

/** Where two arrays part. */
export interface Place {
  /** From 0, outermost extent first. */
  readonly index: readonly number[]
  readonly manifest: number
  readonly computed: number
}

/** Numbers by which networks and draws are judged, in the order in which manifests hash them. */
const figuresOf = (figures: Readonly<Record<string, unknown>>): Values => {
  const names = ['fisherDivergence', 'lawWasserstein', 'drawsWasserstein']
  return { shape: [names.length], data: Float64Array.from(names, (name) => Number(figures[name])) }
}

/** The array of a manifest as a new computation has it; undefined in reports that keep no networks. */
export function computedValues(of: ExperimentReport, array: string): Values | undefined {
  const { architectures } = of as Partial<DoublePeakReport>
  const [architecture, name = ''] = split(array)
  const report = architectures?.find((one) => one.architecture === architecture)
  if (report === undefined) return undefined
  const { network, draws, figures } = report
  if (name === 'losses') return { shape: [network.losses.length], data: network.losses }
  if (name === 'draws') return draws
  return name === 'figures' ? figuresOf({ ...figures }) : network.tensors[name]
}

/** The file of a reproduction's folder that has the array's values. */
export function fileOf(array: string): string {
  const [architecture, name] = split(array)
  if (name === 'figures') return 'results.json'
  const file = name === 'losses' ? 'losses.npy' : name === 'draws' ? 'draws.npz' : 'network.safetensors'
  return join(architecture, file)
}

/** The array's values in a reproduction's folder; undefined where they are not there. */
export async function recordedValues(folder: string, array: string): Promise<Values | undefined> {
  const file = join(folder, fileOf(array))
  if (!existsSync(file)) return undefined
  const { drawsFromNpz, readNpy, readSafetensors } = await import('langevin-rnn')
  const [architecture, name = ''] = split(array)
  return readAs(file, (bytes) => {
    if (name === 'figures') return figuresIn(file, bytes, architecture)
    if (name === 'losses') return floating(readNpy(bytes))
    return floating(name === 'draws' ? drawsFromNpz(bytes) : readSafetensors(bytes).tensors.get(name))
  })
}

function figuresIn(file: string, bytes: Uint8Array, architecture: string): Values | undefined {
  try {
    const results = JSON.parse(new TextDecoder().decode(bytes)) as {
      architectures: { architecture: string; figures: Record<string, unknown> }[]
    }
    const found = results.architectures.find((one) => one.architecture === architecture)
    return found && figuresOf(found.figures)
  } catch {
    throw new FailedError(`'${file}' is no results of a reproduction`, 'format')
  }
}

function floating(
  array: { readonly shape: readonly number[]; readonly data: unknown } | undefined,
): Values | undefined {
  const { shape, data } = array ?? {}
  return shape && (data instanceof Float32Array || data instanceof Float64Array) ? { shape, data } : undefined
}

/** The first index in row-major order whose values have other bits; any NaN equals any other, as in the hashes. */
export function firstDifference(manifest: Values, computed: Values): Place | undefined {
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

function split(array: string): [architecture: string, name: string] {
  const slash = array.indexOf('/')
  return [array.slice(0, slash), array.slice(slash + 1)]
}
