// What can a circuit represent? The error of the learned score, E ‖s(x) − ∇ log p_σ(x)‖², against the number of units. A reservoir's
// basis functions φ(W_fb x + b) grow in number, and sums of them come as near to any score as one likes; a sampler-only network
// has n of them whatever one does (the argument of the paper's figure 1).
import type { Engine } from '../engine.js'
import { invalid, throwIfAborted } from '../errors.js'
import type { Architecture, TrainedNetwork, TrainingMethod } from '../types.js'
import {
  ARCHITECTURES,
  type ExperimentOptions,
  type ExperimentReport,
  type ExperimentTarget,
  hashed,
  logSlope,
  methodOf,
  networkArrays,
  numbersArray,
  type Preset,
  type TrainSettings,
  Workshop,
} from './experiment.js'

/** The targets, and the noise σ with which their scores are learned and judged. */
const NOISES: Readonly<Record<ExperimentTarget, number>> = {
  'double-peak': 0.1,
  'laplace-mixture': 0.2,
  ring: 0.2,
  spiral: 0.2,
}
const TARGETS: readonly ExperimentTarget[] = ['double-peak', 'laplace-mixture', 'ring', 'spiral']
const UNITS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1000] as const
/** Points over which errors are taken. */
const JUDGED = 20_000

/**
 * How a preset trains a network, at the one noise level that its score is judged at or, by Adam, down to it. Sampler-only networks
 * always train by Adam, whatever `method` says.
 *
 * @param method - how the reservoir-sampler trains; default `closed-form` for quick, else `adam`
 */
export function capacityPreset(
  preset: Preset,
  architecture: Architecture,
  target: ExperimentTarget,
  method?: TrainingMethod,
): TrainSettings {
  const noise = NOISES[target]
  const reservoir = architecture === 'reservoir-sampler'
  const shared = { activation: 'relu', noiseMin: noise } as const
  if (reservoir && methodOf(preset, method) === 'closed-form') {
    const heavy = target === 'laplace-mixture'
    return { ...shared, method: 'closed-form', points: 100_000, levels: 1, ...(heavy && { anchorPull: 0.2 }) }
  }
  const epochs = { quick: 40, paper: 1000, 'paper-short': 10 }[preset]
  const annealed = { ...shared, method: 'adam', points: 10_000, noiseMax: 1, levels: 10, epochs } as const
  if (preset === 'quick') return { ...annealed, batch: 100, learningRate: 5e-3, levels: 4, noiseMax: 0.5 }
  return { ...annealed, batch: 64, learningRate: 1e-4, weightDecay: 5e-5, restartLevels: false }
}

/** One network's score error. */
export interface CapacityPoint {
  /** m; for a sampler-only network the column that it stands in: it has as many units as the target has dimensions. */
  readonly units: number
  /** E ‖s − ∇ log p_σ‖² over 20,000 exact draws of the target with noise, in 1/x². */
  readonly fisherDivergence: number
  /** Whether the drift points inward beyond the data. */
  readonly confined: boolean
}

/** Errors of one architecture on one target. */
export interface CapacityCurve {
  /** The target. */
  readonly target: ExperimentTarget
  /** σ of the noise with which the score was learned and judged, in units of x. */
  readonly noise: number
  /** The architecture. */
  readonly architecture: Architecture
  /** By number of units. */
  readonly points: readonly CapacityPoint[]
  /** d ln error / d ln units by least squares, of a reservoir-sampler up to the least error, of others over all columns. */
  readonly slope: number
  /** E ‖∇ log p_σ‖²: the error of a score of zero. */
  readonly fisherInformation: number
}

/** What the experiment gave; the same bits on every machine, save `seconds`. */
export interface CapacityReport extends ExperimentReport {
  /** The experiment's name. */
  readonly experiment: 'capacity'
  /** A curve for each target and architecture. */
  readonly curves: readonly CapacityCurve[]
  /** Wall-clock seconds; not part of the manifest. */
  readonly seconds: number
}

/**
 * Runs the experiment on an engine: trains every architecture at every number of units on four targets. A sampler-only network
 * can't have more units than its target has dimensions, so what is varied for it is chance: each column is a training of its own,
 * from other weights and on other draws.
 *
 * @throws what {@link Engine.train} throws; an `AbortedError` when the signal aborts
 */
export async function reproduceCapacity(engine: Engine, options: ExperimentOptions = {}): Promise<CapacityReport> {
  const { preset = 'quick', architectures = ARCHITECTURES, method, seed = 0, signal } = options
  throwIfAborted(signal)
  if (options.rates) throw invalid('rates', options.rates.join(', '), 'none: this experiment samples nothing')
  const workshop = new Workshop(engine, options)
  const began = performance.now()

  const curve = async (architecture: Architecture, target: ExperimentTarget) => {
    const noise = NOISES[target]
    const networks: TrainedNetwork[] = []
    const points: CapacityPoint[] = []
    let fisherInformation = 0
    for (const [column, units] of UNITS.entries()) {
      const network = await workshop.train(`${architecture}-${target}-${units}`, {
        target,
        architecture,
        ...capacityPreset(preset, architecture, target, method),
        ...(architecture === 'reservoir-sampler' ? { units } : { seed: workshop.seed + column }),
      })
      const error = await engine.scoreError(network, target, { noise, points: JUDGED, seed: workshop.seed })
      fisherInformation = error.fisherInformation
      points.push({
        units,
        fisherDivergence: error.fisherDivergence,
        confined: network.confinement?.confined ?? false,
      })
      networks.push(network)
    }
    // Beyond the least error, more units fit the chance in a finite number of draws.
    const least = Math.min(...points.map(({ fisherDivergence }) => fisherDivergence))
    const last =
      architecture === 'reservoir-sampler' ? points.findIndex((point) => point.fisherDivergence === least) : -1
    const fitted = last > 0 ? points.slice(0, last + 1) : points
    const slope = logSlope(
      fitted.map(({ units }) => units),
      fitted.map(({ fisherDivergence }) => fisherDivergence),
    )
    return { curve: { target, noise, architecture, points, slope, fisherInformation }, networks }
  }

  const all = await Promise.all(
    TARGETS.flatMap((target) => architectures.map((architecture) => curve(architecture, target))),
  )
  const head = {
    experiment: 'capacity',
    preset,
    seed,
    configuration: Object.fromEntries(
      architectures.map((architecture) => [
        architecture,
        {
          train: capacityPreset(preset, architecture, 'double-peak', method),
          targets: Object.fromEntries(
            TARGETS.map((name) => [name, capacityPreset(preset, architecture, name, method)]),
          ),
          units: UNITS,
        },
      ]),
    ),
  } as const
  const arrays = all.flatMap(({ curve: { target, architecture, points }, networks }) => [
    ...networks.flatMap((network, i) => networkArrays(`${architecture}/${target}/${UNITS[i]}`, network)),
    numbersArray(
      `${architecture}/${target}/errors`,
      points.map(({ fisherDivergence }) => fisherDivergence),
    ),
  ])
  return {
    ...head,
    curves: all.map((one) => one.curve),
    seconds: (performance.now() - began) / 1000,
    ...(await hashed(engine, head, arrays)),
  }
}
