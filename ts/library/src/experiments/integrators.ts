// How far is the law of the discretised circuit from that of its stochastic differential equation? W1 of the stationary law against
// the step dt, for the three integrators: E W1 ∝ dt for Euler–Maruyama and exponential Euler, dt² for Leimkuhler–Matthews.
import type { Engine } from '../engine.js'
import { throwIfAborted } from '../errors.js'
import type { Architecture, Integrator, ScoreQuality, TrainedNetwork, TrainingMethod } from '../types.js'
import { activitySettings } from './activity.js'
import { doublePeakPreset } from './double_peak.js'
import {
  coordinate,
  type ExperimentOptions,
  type ExperimentReport,
  type ExperimentTarget,
  hashed,
  logSlope,
  networkArrays,
  numbersArray,
  type Preset,
  type SampleSettings,
  type TrainSettings,
  Workshop,
} from './experiment.js'
import { laplaceMixturePreset } from './laplace_mixture.js'

const INTEGRATORS: readonly Integrator[] = ['euler-maruyama', 'exponential-euler', 'leimkuhler-matthews']
/** Each target with its largest step, about where Euler–Maruyama stops being stable, and chains for the time and noise that it needs. */
const TARGETS = [
  { target: 'double-peak', n: 1, largest: 0.32, chains: 20_000 },
  { target: 'laplace-mixture', n: 2, largest: 0.16, chains: 16_000 },
  { target: 'ring', n: 2, largest: 0.08, chains: 8000 },
  { target: 'spiral', n: 2, largest: 0.06, chains: 8000 },
] as const
/** Steps are the largest over these. */
const DIVISORS = [1, 2, 4, 8] as const
/** Chains start in the law of the target's own scale, run this long before the first record, and give as many records, 1 τ apart. */
const BURN_IN = 10
const RECORDS = 40
/** The reference of a two-dimensional network: Leimkuhler–Matthews at the largest step over this. */
const REFERENCE_DIVISOR = 16
/** Quantiles that stand for an exact law; their own W1 to it is below 1e-5. */
const QUANTILES = 400_000
/** Errors that are this many times the yardstick's count for the order: the others are noise. */
const ABOVE_NOISE = 3

/** How a preset trains the network of a target: as the double peak's and the Laplace mixture's own experiments do. */
function training(
  preset: Preset,
  architecture: Architecture,
  target: ExperimentTarget,
  method: TrainingMethod | undefined,
): TrainSettings {
  if (target === 'double-peak') return doublePeakPreset(preset, architecture, method).train
  const { train } = laplaceMixturePreset(preset, architecture, method)
  if (preset !== 'quick') return train
  // The fewer units, the more chains there is time for; a blunter pole takes longer steps.
  const { anchorPull, ...rest } = train
  const own = train.method === 'closed-form' && { units: 128, points: 100_000 }
  const heavy = target === 'laplace-mixture'
  return { ...rest, ...own, noiseMin: heavy ? 0.2 : 0.1, ...(heavy && anchorPull && { anchorPull }) }
}

/** W1 of one integrator by step. */
export interface IntegratorCurve {
  /** The target that the network learned. */
  readonly target: ExperimentTarget
  /** The network's architecture. */
  readonly architecture: Architecture
  /** The integrator. */
  readonly integrator: Integrator
  /** Steps, in units of τ, rising. */
  readonly dt: readonly number[]
  /** W1 to the network's own stationary law, the mean over axes, at each step, in units of x; null where chains ran away. */
  readonly wasserstein: readonly (number | null)[]
  /** d ln W1 / d ln dt over the steps whose W1 is at least three times the yardstick's; null where fewer than two are. */
  readonly order: number | null
}

/** How well a set of draws of this size can do. */
export interface IntegratorYardstick {
  /** The target. */
  readonly target: ExperimentTarget
  /** The network's architecture. */
  readonly architecture: Architecture
  /** W1 of as many draws with next to no error of discretisation, of another seed, in units of x. */
  readonly wasserstein: number
  /** W1 between the network's own law and the target: what training left, the mean over axes, in units of x. */
  readonly network: number
}

/** What the experiment gave; the same bits on every machine, save `seconds`. */
export interface IntegratorsReport extends ExperimentReport {
  /** The experiment's name. */
  readonly experiment: 'integrators'
  /** A curve for each target, architecture and integrator. */
  readonly curves: readonly IntegratorCurve[]
  /** A yardstick for each target and architecture. */
  readonly yardsticks: readonly IntegratorYardstick[]
  /** Wall-clock seconds; not part of the manifest. */
  readonly seconds: number
}

/** Quantiles of a law given on an even grid, at (i + ½)/`QUANTILES`. */
function quantiles({ grid, density }: ScoreQuality): Float32Array {
  const step = grid[1]! - grid[0]!
  const out = new Float32Array(QUANTILES)
  let [below, at] = [0, 0]
  for (let i = 1; i < grid.length && at < QUANTILES; i += 1) {
    const mass = 0.5 * step * (density[i - 1]! + density[i]!)
    while (at < QUANTILES && (at + 0.5) / QUANTILES <= below + mass) {
      out[at] = grid[i - 1]! + (step * ((at + 0.5) / QUANTILES - below)) / mass
      at += 1
    }
    below += mass
  }
  return out.fill(grid[grid.length - 1]!, at)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Runs the experiment on an engine: one network for each target, sampled by each integrator at four steps, against the network's
 * own stationary law; that is exact in one dimension, and in two it is what Leimkuhler–Matthews gives at a far smaller step.
 *
 * @param options - `architectures`: default the reservoir-sampler alone
 * @throws what {@link Engine.train} and {@link Engine.sample} throw; an `AbortedError` when the signal aborts
 */
export async function reproduceIntegrators(
  engine: Engine,
  options: ExperimentOptions = {},
): Promise<IntegratorsReport> {
  const { preset = 'quick', architectures = ['reservoir-sampler'], method, seed = 0, signal } = options
  throwIfAborted(signal)
  const workshop = new Workshop(engine, options)
  const began = performance.now()

  const study = async (architecture: Architecture, { target, n, largest, chains }: (typeof TARGETS)[number]) => {
    const name = `${architecture}-${target}`
    const train = training(preset, architecture, target, method)
    if (architecture === 'reservoir-sampler') workshop.checkRates(train.units)
    const network = await workshop.train(name, { target, architecture, ...train })
    const shortened = preset === 'paper-short' ? 100 : 1
    const draws = async (dt: number, integrator: Integrator, extra: number) => {
      const every = Math.round(1 / dt)
      const settings: SampleSettings = {
        chains: chains / shortened,
        steps: (BURN_IN + RECORDS) * every,
        dt,
        integrator,
        burnIn: BURN_IN * every,
        recordEvery: every,
        antithetic: true,
        ...(n === 1 && train.activation === 'relu' && { evaluator: 'piecewise-linear' }),
      }
      return workshop.sample(name, network, { ...settings, firstChain: extra * chains })
    }
    const axes = Array.from({ length: n }, (_, axis) => axis)
    const split = (data: Float32Array) => axes.map((axis) => coordinate(data, n, axis))
    const finest = largest / REFERENCE_DIVISOR
    const reference =
      n === 1
        ? [quantiles(await engine.evaluate(network, target))]
        : split((await draws(finest, 'leimkuhler-matthews', 1)).data)
    const distance = async (data: Float32Array) =>
      mean(await Promise.all(split(data).map((values, axis) => engine.wasserstein(values, reference[axis]!))))
    const toTarget = await Promise.all(reference.map((values, axis) => engine.wasserstein(values, target, axis)))
    const yardstick = await distance((await draws(finest, 'leimkuhler-matthews', 2)).data)

    const dt = DIVISORS.map((divisor) => largest / divisor).reverse()
    const curves = await Promise.all(
      INTEGRATORS.map(async (integrator): Promise<IntegratorCurve> => {
        const wasserstein: (number | null)[] = []
        for (const step of dt) {
          wasserstein.push(await draws(step, integrator, 0).then(({ data }) => distance(data), ranAway))
        }
        const clear = dt.flatMap((step, i) => {
          const w1 = wasserstein[i] ?? null
          return w1 !== null && w1 >= ABOVE_NOISE * yardstick ? [{ step, w1 }] : []
        })
        const order =
          clear.length < 2
            ? null
            : logSlope(
                clear.map(({ step }) => step),
                clear.map(({ w1 }) => w1),
              )
        return { target, architecture, integrator, dt, wasserstein, order }
      }),
    )
    const finestDraws = options.rates && (await draws(dt[0]!, 'leimkuhler-matthews', 0))
    const activity = finestDraws
      ? await workshop.activity(`${architecture}/${target}`, network, activitySettings(finestDraws))
      : []
    return {
      network,
      activity,
      curves,
      yardstick: { target, architecture, wasserstein: yardstick, network: mean(toTarget) },
    }
  }

  const studies = await Promise.all(
    TARGETS.flatMap((target) => architectures.map((architecture) => study(architecture, target))),
  )
  const head = {
    experiment: 'integrators',
    preset,
    seed,
    configuration: workshop.configuration(
      Object.fromEntries(
        architectures.map((architecture) => [
          architecture,
          {
            train: training(preset, architecture, 'double-peak', method),
            targets: TARGETS.map((target) => ({
              ...target,
              train: training(preset, architecture, target.target, method),
            })),
            divisors: DIVISORS,
          },
        ]),
      ),
    ),
  } as const
  const arrays = studies.flatMap(({ network, curves, yardstick: { target, architecture, wasserstein } }) => [
    ...networkArrays(`${architecture}/${target}`, network as TrainedNetwork),
    ...curves.map((curve) =>
      numbersArray(
        `${architecture}/${target}/${curve.integrator}`,
        curve.wasserstein.map((w1) => w1 ?? Number.NaN),
      ),
    ),
    numbersArray(`${architecture}/${target}/yardstick`, [wasserstein]),
  ])
  return {
    ...head,
    curves: studies.flatMap(({ curves }) => curves),
    yardsticks: studies.map(({ yardstick }) => yardstick),
    seconds: (performance.now() - began) / 1000,
    ...(await hashed(
      engine,
      head,
      arrays,
      studies.flatMap(({ activity }) => activity),
    )),
  }
}

/** A step too long to be stable is a finding; anything else that goes wrong is not. */
function ranAway(error: unknown): null {
  if ((error as { code?: unknown }).code === 'diverged') return null
  throw error
}
