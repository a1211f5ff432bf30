// The paper's digits, and its colour pictures by the same path: a reservoir-sampler learns the law of features of pictures, and its
// draws are decoded, judged by a classifier where there is one, and held against the nearest picture of training.
import type { Engine } from '../engine.js'
import { invalid, throwIfAborted } from '../errors.js'
import type { Draws, Network, PrincipalComponents, Tensor, TrainedNetwork, TrainingMethod } from '../types.js'
import { activitySettings } from './activity.js'
import { annealedDraws, heldLevels } from './annealing.js'
import {
  type ExperimentOptions,
  type ExperimentReport,
  hashed,
  type NamedArray,
  networkArrays,
  numbersArray,
  type Preset,
  Workshop,
} from './experiment.js'
import { QUICK_DIGITS } from './mnist_settings.js'
import {
  type ClassReport,
  classShares,
  configurationOf,
  denoised,
  encode,
  firstRows,
  judge,
  lastRecords,
  type NearestReport,
  nearestTo,
  type Pictures,
  type PicturesPreset,
  picturesOf,
} from './pictures.js'

const NETWORK = 'reservoir-sampler'
/** 50^(−9/9): the last of the paper's levels 50^(−k/9), k = 0…9. */
const PAPER_NOISE_MIN = 0.02
/** Digits of a table of classes. */
const DIGITS = 10

/** What the paper used: 20,000 units, 1000 epochs at ten noise levels, Adam restarted at each; 15,000 steps of dt = 1e-5. */
function paper(method: TrainingMethod, shortened: boolean): PicturesPreset {
  const shared = { units: 20_000, activation: 'relu', noiseMax: 1, noiseMin: PAPER_NOISE_MIN, levels: 10 } as const
  return {
    components: 300,
    train:
      method === 'adam'
        ? {
            ...shared,
            method,
            epochs: shortened ? 10 : 1000,
            batch: 64,
            learningRate: 5e-4,
            weightDecay: 1e-4,
            // A hundredth of the epochs is still an hour; ten steps each will do to check bits.
            ...(shortened && { points: 640 }),
          }
        : { ...shared, method },
    sample: {
      chains: 100,
      steps: shortened ? 150 : 15_000,
      dt: 1e-5,
      integrator: 'euler-maruyama',
      recordEvery: shortened ? 150 : 15_000,
      start: { kind: 'normal', mean: 0, deviation: 1e-3 },
    },
    annealing: null,
    denoise: false,
  }
}

/**
 * Ours: fewer components and units, levels of which each keeps its network, and chains that pass through them; a last step takes the
 * noise of the last level away. Of features the noise levels are the library's, in units of their deviation.
 */
function quick(method: TrainingMethod, holds: Pictures['holds'], noiseInput: boolean): PicturesPreset {
  const { components, train, annealing } = QUICK_DIGITS
  const { noiseMax: _, noiseMin: __, ...anyUnits } = train
  const one = noiseInput && { noiseInput, levels: 1 }
  if (method === 'adam') {
    const settings = { ...(holds === 'pixels' ? train : anyUnits), ...one }
    return { components, train: settings, annealing, sample: null, denoise: true }
  }
  const closed = { units: 2000, activation: 'relu', method, noiseMin: 0.05, levels: 1, ...one } as const
  if (noiseInput) return { components, train: closed, annealing, sample: null, denoise: true }
  return {
    components,
    train: closed,
    annealing: null,
    sample: {
      chains: 1000,
      steps: 2000,
      dt: 0.002,
      integrator: 'leimkuhler-matthews',
      recordEvery: 2000,
      start: { kind: 'normal', mean: 0, deviation: 0.1 },
    },
    denoise: true,
  }
}

/**
 * The settings that a preset of `mnist` and `cifar` stands for: `train` and `sample` are options of the engine's methods of these names.
 *
 * @param method - default `adam` in every preset: from ten dimensions on the closed form is only where to begin
 * @param holds - what the pictures are given as; default `pixels`
 * @param noiseInput - one network for all noise levels, log σ being an input of it; default false
 * @throws an `InvalidArgumentError` for `noiseInput` with another preset than `quick`: the paper's networks have no such input
 */
export function picturesPreset(
  preset: Preset,
  method: TrainingMethod = 'adam',
  holds: Pictures['holds'] = 'pixels',
  noiseInput = false,
): PicturesPreset {
  if (preset === 'quick') return quick(method, holds, noiseInput)
  if (noiseInput)
    throw invalid('noiseInput', noiseInput, `false with the preset ${preset}, whose networks have no such input`)
  return paper(method, preset === 'paper-short')
}

/** Draws by a preset, with the noise of the last level: through the levels' own networks, or by the last alone, which comes with them. */
async function drawn(
  workshop: Workshop,
  network: TrainedNetwork,
  { annealing, sample }: PicturesPreset,
): Promise<{ readonly draws: Draws; readonly last: Network }> {
  if (annealing === null) return { draws: await workshop.sample(NETWORK, network, sample!), last: network }
  const levels = network.noiseInput ? await heldLevels(workshop.engine, network) : network
  const last = { ...levels.levels.at(-1)!.network, provenance: null }
  return { draws: await annealedDraws(workshop, NETWORK, levels, annealing), last }
}

/** What came out for the network. */
export interface PicturesNetworkReport {
  /** Always the reservoir-sampler: the others can't represent such a law. */
  readonly architecture: 'reservoir-sampler'
  /** The trained network, with a snapshot for each noise level. */
  readonly network: TrainedNetwork
  /** The draws of features, [chain, record, n]. */
  readonly draws: Draws
  /** What is shown and judged, [chain, n]: each chain's last record, without the last level's noise where the preset takes it away. */
  readonly features: Tensor
  /** Whether the preset takes that noise away. */
  readonly denoised: boolean
  /** The same as pixels, [chain, height · width · channels]. */
  readonly pixels: Tensor
  /** Wall-clock seconds; not part of the manifest. */
  readonly seconds: {
    /** Of encoding. */
    readonly encode: number
    /** Of training. */
    readonly train: number
    /** Of sampling. */
    readonly sample: number
  }
  /** What the classifier says; null without one. */
  readonly classes: {
    /** Of the draws as shown. */
    readonly draws: ClassReport
    /** Of the chains' last records as they are, with noise. */
    readonly noisy: ClassReport
    /** Of as many held-out pictures, encoded and decoded. */
    readonly test: ClassReport
  } | null
  /** Are draws copies? Distances of features to the nearest training picture. */
  readonly nearest: {
    /** Of the draws as shown. */
    readonly draws: NearestReport
    /** Of as many held-out pictures. */
    readonly test: NearestReport
    /** The share of draws that are nearer to a training picture than 99 of 100 held-out pictures are. */
    readonly copies: number
  }
}

/** What an experiment on pictures gave; the same bits on every machine, save `seconds` and what a classifier or decoder says. */
export interface PicturesReport extends ExperimentReport {
  /** The experiment's name. */
  readonly experiment: 'mnist' | 'cifar'
  /** Height, width and channels of a picture. */
  readonly shape: readonly [number, number, number]
  /** The basis, where pixels were projected. */
  readonly components: PrincipalComponents | null
  /** The share of the data's variance that the components have; null without them. */
  readonly explained: number | null
  /** The share of each class among the training pictures; null without labels. */
  readonly dataShares: readonly number[] | null
  /** The nearest training picture of each draw, as pixels and as it is decoded from its features. */
  readonly nearestPixels: Tensor
  /** As many held-out pictures, encoded and decoded, [picture, height · width · channels]. */
  readonly testPixels: Tensor
  /** The one network, as in the other experiments' reports. */
  readonly architectures: readonly PicturesNetworkReport[]
}

function rowsAt({ shape: [, d = 0], data }: Tensor, index: Uint32Array): Tensor {
  const out = new Float32Array(index.length * d)
  for (const [i, row] of index.entries()) out.set(data.subarray(row * d, (row + 1) * d), i * d)
  return { shape: [index.length, d], data: out }
}

async function reproduce(
  experiment: PicturesReport['experiment'],
  engine: Engine,
  options: ExperimentOptions,
): Promise<PicturesReport> {
  const { preset = 'quick', seed = 0, signal, units, noiseInput } = options
  throwIfAborted(signal)
  const pictures = picturesOf(options.pictures)
  const settings = picturesPreset(preset, options.method, pictures.holds, noiseInput)
  const components = options.components === 'pixels' ? null : (options.components ?? settings.components)
  const workshop = new Workshop(engine, options)
  workshop.checkRates(units ?? settings.train.units)
  const began = performance.now()
  const encoding = await encode(engine, pictures, components, signal)
  const encoded = performance.now()
  const network = await workshop.train(NETWORK, {
    data: encoding.train,
    architecture: NETWORK,
    ...settings.train,
    ...(units !== undefined && { units }),
  })
  const trained = performance.now()
  const { draws, last } = await drawn(workshop, network, settings)
  const activities = await workshop.activity(NETWORK, last, activitySettings(draws))
  const sampled = performance.now()

  const noisy = lastRecords(draws)
  const features = settings.denoise ? await denoised(engine, network, noisy, network.levels.at(-1)!.noise) : noisy
  const held = firstRows(encoding.test, features.shape[0]!)
  const [pixels, noisyPixels, testPixels] = await Promise.all([features, noisy, held].map(encoding.decode))
  const [ofDraws, ofNoisy, ofTest] = [pixels!, noisyPixels!, testPixels!].map((each) => judge(pictures, each))
  const nearest = {
    draws: await nearestTo(engine, features, encoding.train, signal),
    test: await nearestTo(engine, held, encoding.train, signal),
  }
  const near = nearest.test.distance.toSorted()[Math.floor(nearest.test.distance.length / 100)]!
  const report: PicturesNetworkReport = {
    architecture: NETWORK,
    network,
    draws,
    features,
    denoised: settings.denoise,
    pixels: pixels!,
    seconds: {
      encode: (encoded - began) / 1000,
      train: (trained - encoded) / 1000,
      sample: (sampled - trained) / 1000,
    },
    classes: ofDraws && ofNoisy && ofTest ? { draws: ofDraws, noisy: ofNoisy, test: ofTest } : null,
    nearest: { ...nearest, copies: nearest.draws.distance.filter((d) => d < near).length / features.shape[0]! },
  }
  const configuration = workshop.configuration(configurationOf(pictures, components, settings, network, draws))
  const head = { experiment, preset, seed, configuration }
  const { components: basis } = encoding
  return {
    ...head,
    shape: pictures.shape,
    components: basis,
    explained: basis && basis.variances.reduce((sum, variance) => sum + variance, 0) / basis.totalVariance,
    dataShares: pictures.labels ? classShares(pictures.labels.train, DIGITS) : null,
    nearestPixels: await encoding.decode(rowsAt(encoding.train, nearest.draws.index)),
    testPixels: testPixels!,
    architectures: [report],
    ...(await hashed(engine, head, arrays(report, basis), activities)),
  }
}

function arrays(
  { network, draws, features, nearest }: PicturesNetworkReport,
  basis: PrincipalComponents | null,
): NamedArray[] {
  const named: NamedArray[] = [
    ...networkArrays(NETWORK, network),
    [`${NETWORK}/draws`, draws],
    [`${NETWORK}/features`, features],
    numbersArray(`${NETWORK}/nearest`, nearest.draws.distance),
  ]
  if (basis !== null) {
    const [d, n] = [basis.mean.length, basis.variances.length]
    named.unshift(['components', { shape: [n, d], data: basis.components }], numbersArray('mean', basis.mean))
  }
  return named
}

/**
 * Runs the paper's digits on an engine: a reservoir-sampler of the principal components of `options.pictures` (or of their pixels, or
 * of features), its draws as pictures. Deterministic but for `seconds`, and for what a classifier or decoder that isn't says.
 *
 * @throws an `InvalidArgumentError` without pictures; what {@link Engine.principalComponents}, {@link Engine.train} and
 *   {@link Engine.sample} throw; an `AbortedError` when the signal aborts
 */
export function reproduceMnist(engine: Engine, options: ExperimentOptions = {}): Promise<PicturesReport> {
  return reproduce('mnist', engine, options)
}

/**
 * The same of features of colour pictures, which a decoder of one's own makes pictures of.
 *
 * @throws as {@link reproduceMnist}
 */
export function reproduceCifar(engine: Engine, options: ExperimentOptions = {}): Promise<PicturesReport> {
  return reproduce('cifar', engine, options)
}
