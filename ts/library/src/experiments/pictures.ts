// What the experiments on pictures share: features y of pictures (principal components, pixels, or a file's), a network that
// learns their law, draws of it decoded to pictures, and what they are judged by.
import type { Engine } from '../engine.js'
import { invalid } from '../errors.js'
import type { Draws, Network, PrincipalComponents, Tensor, TrainedNetwork } from '../types.js'
import type { Annealing } from './annealing.js'
import type { SampleSettings, TrainSettings } from './experiment.js'

/** Pictures to learn from, with what is known of them. */
export interface Pictures {
  /** Where they come from: a name, and the SHA-256 of each file; part of the configuration. */
  readonly source: {
    /** Of the set. */
    readonly name: string
    /** 64 hexadecimal digits, by the name of the file. */
    readonly sha256: Readonly<Record<string, string>>
  }
  /** Height, width and channels of a picture; pixels are row by row, channels fastest. */
  readonly shape: readonly [number, number, number]
  /** `pixels`: the arrays hold pixels, 0 or above. `features`: they hold features, which `decode` makes pictures of. */
  readonly holds: 'pixels' | 'features'
  /** What the network learns from, [picture, d]. */
  readonly train: Tensor
  /** Held out, [picture, d]: the yardstick of what is judged. */
  readonly test: Tensor
  /** The class of each picture, from 0; default none. */
  readonly labels?: {
    /** Of `train`. */
    readonly train: Uint8Array
    /** Of `test`. */
    readonly test: Uint8Array
  }
  /** Features [picture, d] to pixels [picture, height · width · channels]; needed for features. */
  readonly decode?: (features: Tensor) => Promise<Tensor>
  /** Probabilities [picture, class] of pixels [picture, height · width · channels]; by default no classes are told. */
  readonly classify?: (pixels: Tensor) => Tensor
}

/** The settings of a preset for pictures; the seed is the experiment's. */
export interface PicturesPreset {
  /** Principal components that pixels are projected on; null for the pixels themselves. Features are taken as they are. */
  readonly components: number | null
  /** How the network is trained. */
  readonly train: TrainSettings
  /** How chains come down through the levels' own networks; null where the last level's network alone draws. */
  readonly annealing: Annealing | null
  /** How the last level's network draws; null where chains come down through the levels. */
  readonly sample: SampleSettings | null
  /**
   * Whether draws end with x + σ² s(x), σ that of the last level: the mean of the clean picture given the draw, whose noise the network
   * was trained with (Tweedie's formula).
   */
  readonly denoise: boolean
}

/** What a classifier says of pictures. */
export interface ClassReport {
  /** Share of pictures whose most probable class has 0.9 or more. */
  readonly sure: number
  /** Share of each most probable class. */
  readonly shares: readonly number[]
  /** ½ Σ |share − the training pictures' share|; null where these have no labels. */
  readonly totalVariation: number | null
}

/** How near pictures are to those of training, by the distance of their features. */
export interface NearestReport {
  /** The nearest training picture of each. */
  readonly index: Uint32Array
  /** Its distance, [picture], in units of the features. */
  readonly distance: Float64Array
  /** The median of the distances, in units of the features. */
  readonly median: number
}

/** A classifier is sure from here. */
export const SURE = 0.9

/** Features of pictures, and the way back. */
export interface Encoding {
  /** What the network learns, [picture, n]. */
  readonly train: Tensor
  /** Held out, [picture, n]. */
  readonly test: Tensor
  /** The basis, where there is one. */
  readonly components: PrincipalComponents | null
  /** Features to pixels. */
  readonly decode: (features: Tensor) => Promise<Tensor>
}

/** Each row divided by its length; rows of nothing stay. Square roots are exact everywhere. */
function unitLength({ shape, data }: Tensor): Tensor {
  const d = shape[1]!
  const out = new Float32Array(data.length)
  for (let start = 0; start < data.length; start += d) {
    let square = 0
    for (let i = start; i < start + d; i += 1) square += data[i]! * data[i]!
    const length = Math.sqrt(square) || 1
    for (let i = start; i < start + d; i += 1) out[i] = data[i]! / length
  }
  return { shape, data: out }
}

/** Pixels are scaled to unit length, as in the paper, and projected; features stay as they are. */
export async function encode(
  engine: Engine,
  pictures: Pictures,
  components: number | null,
  signal: AbortSignal | undefined,
): Promise<Encoding> {
  const { holds, decode, shape } = pictures
  const pixels = shape[0] * shape[1] * shape[2]
  if (holds === 'features') {
    if (decode === undefined) throw invalid('pictures.decode', 'missing', 'a decoder, since these are features')
    return { train: pictures.train, test: pictures.test, components: null, decode }
  }
  if (pictures.train.shape[1] !== pixels) {
    throw invalid('pictures.shape', `[${shape.join(', ')}]`, `${pictures.train.shape[1]} pixels, as the pictures have`)
  }
  const [train, test] = [unitLength(pictures.train), unitLength(pictures.test)]
  if (components === null) return { train, test, components: null, decode: async (features) => features }
  const basis = await engine.principalComponents(train, components, signal ? { signal } : {})
  return {
    train: await engine.project(train, basis),
    test: await engine.project(test, basis),
    components: basis,
    decode: (features) => engine.reconstruct(features, basis),
  }
}

/** The pictures of an experiment's options. */
export function picturesOf(pictures: Pictures | undefined): Pictures {
  if (pictures !== undefined) return pictures
  throw invalid('pictures', 'missing', 'pictures to learn from')
}

/** The last record of each chain, [chain, n]. */
export function lastRecords({ data, shape: [chains, records, n] }: Draws): Tensor {
  const out = new Float32Array(chains * n)
  for (let c = 0; c < chains; c += 1) {
    out.set(data.subarray((c * records + records - 1) * n, (c * records + records) * n), c * n)
  }
  return { shape: [chains, n], data: out }
}

/** x + σ² s(x). */
export async function denoised(engine: Engine, network: Network, points: Tensor, noise: number): Promise<Tensor> {
  const held = network.noiseInput ? await engine.at(network, { noise }) : network
  const scores = await engine.score(held, points)
  return { ...points, data: points.data.map((x, i) => x + noise * noise * scores[i]!) }
}

/** The first `count` rows. */
export function firstRows({ shape: [rows = 0, d = 0], data }: Tensor, count: number): Tensor {
  const most = Math.min(rows, count)
  return { shape: [most, d], data: data.slice(0, most * d) }
}

/** What a classifier says; null without one. */
export function judge({ classify, labels }: Pictures, pixels: Tensor): ClassReport | null {
  if (classify === undefined) return null
  const { shape, data } = classify(pixels)
  const [count = 0, classes = 0] = shape
  const counts = new Array<number>(classes).fill(0)
  let sure = 0
  for (let i = 0; i < count; i += 1) {
    const row = data.subarray(i * classes, (i + 1) * classes)
    const most = row.reduce((best, value, k) => (value > row[best]! ? k : best), 0)
    counts[most]! += 1
    if (row[most]! >= SURE) sure += 1
  }
  const shares = counts.map((value) => value / count)
  const ofData = labels && classShares(labels.train, classes)
  return {
    sure: sure / count,
    shares,
    totalVariation: ofData ? ofData.reduce((sum, share, k) => sum + Math.abs(share - shares[k]!), 0) / 2 : null,
  }
}

/** The share of each class among labels. */
export function classShares(labels: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) if (label < classes) counts[label]! += 1
  return counts.map((count) => count / labels.length)
}

/** The nearest training picture of each, by features. */
export async function nearestTo(
  engine: Engine,
  points: Tensor,
  train: Tensor,
  signal: AbortSignal | undefined,
): Promise<NearestReport> {
  const { index, distance } = await engine.nearest(points, train, signal ? { signal } : {})
  const sorted = distance.toSorted()
  const middle = Math.floor((sorted.length - 1) / 2)
  return { index, distance, median: (sorted[middle]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2 }
}

/** A network's complete settings and draws, as the configuration has them. */
export function configurationOf(
  pictures: Pictures,
  components: number | null,
  { annealing, denoise }: PicturesPreset,
  network: TrainedNetwork,
  draws: Draws,
): Readonly<Record<string, unknown>> {
  const { source, shape, holds } = pictures
  return {
    'reservoir-sampler': {
      pictures: { source, shape, holds, components: holds === 'pixels' ? (components ?? 'pixels') : 'features' },
      train: network.provenance?.configuration,
      sample: withoutStates(draws.provenance.configuration),
      ...(annealing && { annealing }),
      denoise,
    },
  }
}

/** Settings of a run without the states that its chains began at, which other runs gave. */
function withoutStates(configuration: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { start } = configuration as { start?: { kind?: unknown } }
  return start?.kind === 'states' ? { ...configuration, start: { kind: 'states' } } : configuration
}
