// Cue combination, the Bayesian brain's first example: x ~ N(0, 1) is seen and felt, cue ~ N(x, 1/r) with reliability r each. The
// circuit gets u = (visual, haptic, r_visual, r_haptic) and its draws follow p(x | u) = N(Σ r·cue / ρ, 1/ρ), ρ = 1 + Σ r, while u changes.
import type { Engine } from '../engine.js'
import type { Draws, Tensor, TrainedNetwork } from '../types.js'
import type { Activity } from './activity.js'
import { type Preset, recordAt, type TrainSettings, type Workshop } from './experiment.js'

/** What the circuit is shown: visual and haptic cue in units of x, and the reliability r = 1/variance of each. */
export type Cues = readonly [visual: number, haptic: number, visualReliability: number, hapticReliability: number]

/** What is shown, one after another. */
const SHOWN: readonly Cues[] = [
  [0.8, 0.8, 4, 4],
  [1.2, -0.6, 4, 4],
  [1.2, -0.6, 8, 1],
  [1.2, -0.6, 1, 8],
  [-1, -1, 0.75, 0.75],
  [-1, -1, 10, 10],
]
/** For so long each, in τ: the slowest of the posteriors forgets in 1/ρ < ½ τ. */
const SHOWN_FOR = 3
const DT = 0.01
const RECORD_EVERY = 5
/** Exact sets of draws that the yardstick is the mean of. */
const EXACT_SETS = 10

/** The circuit's draws and the exact posterior, record by record. */
export interface CueReport {
  /** The network. */
  readonly network: TrainedNetwork
  /** [chain, record, 1]. */
  readonly draws: Draws
  /** One chain through the same stimuli with the rates of the units that were asked for; empty where none were. */
  readonly activities: readonly Activity[]
  /** Each stimulus, and when it is shown, in τ. */
  readonly shown: readonly {
    /** First moment, in τ. */
    readonly start: number
    /** The next one's first, in τ. */
    readonly end: number
    /** Visual and haptic cue, in units of x. */
    readonly cues: readonly [number, number]
    /** √(1/r) of each, in units of x. */
    readonly deviations: readonly [number, number]
    /** Mean W1 of the last τ, in units of x. */
    readonly wasserstein: number
  }[]
  /** Times of the records, [record], in τ. */
  readonly times: Float64Array
  /** Of the chains, [record], in units of x. */
  readonly mean: Float64Array
  /** Of the chains, [record], in units of x. */
  readonly deviation: Float64Array
  /** Of the exact posterior, [record], in units of x. */
  readonly exactMean: Float64Array
  /** Of the exact posterior, [record], in units of x. */
  readonly exactDeviation: Float64Array
  /** W1 of the chains to the exact posterior, [record], in units of x. */
  readonly wasserstein: Float64Array
  /** The mean W1 of sets of as many exact draws of N(0, 1), times the mean deviation of the posteriors shown. */
  readonly exactWasserstein: number
}

/** Settings of a preset: one level of noise, small beside every posterior. */
export function cuePreset(preset: Preset): TrainSettings & { readonly points: number; readonly chains: number } {
  const short = preset === 'paper-short'
  return {
    method: 'closed-form',
    activation: 'relu',
    units: short ? 100 : 600,
    points: short ? 5000 : 100_000,
    levels: 1,
    noiseMin: 0.05,
    chains: short ? 200 : 4000,
  }
}

/**
 * Hidden quantities x ~ N(0, 1) and what is seen and felt of each: pairs to train on.
 *
 * @param points - how many pairs
 * @param seed - a whole number, 0 … 2⁵³ − 1
 * @throws what {@link Engine.targetDraws} throws
 * @returns `data`, x [point, 1], and `stimuli`, u [point, 4] with reliabilities ½ + 2z², z ~ N(0, 1)
 */
export async function cueWorlds(
  engine: Engine,
  points: number,
  seed: number,
): Promise<{
  /** x, [point, 1]. */
  data: Tensor
  /** u, [point, 4]. */
  stimuli: Tensor
}> {
  const standard = { kind: 'gaussian-mixture', weights: [1], means: [[0, 0, 0, 0, 0]], deviations: [1] } as const
  const { data: z } = await engine.targetDraws(standard, points, seed)
  const [x, u] = [new Float32Array(points), new Float32Array(4 * points)]
  for (let i = 0; i < points; i += 1) {
    x[i] = z[5 * i]!
    for (const cue of [0, 1]) {
      const [noise, size] = [z[5 * i + 1 + cue]!, z[5 * i + 3 + cue]!]
      const reliability = 0.5 + 2 * size * size
      u[4 * i + cue] = x[i]! + noise / Math.sqrt(reliability)
      u[4 * i + 2 + cue] = reliability
    }
  }
  return { data: { shape: [points, 1], data: x }, stimuli: { shape: [points, 4], data: u } }
}

/** p(x | u) = N(mean, deviation²), exact. */
export function cuePosterior([visual, haptic, r, s]: Cues): {
  /** Σ r·cue / ρ with ρ = 1 + Σ r, in units of x. */
  mean: number
  /** 1/√ρ, in units of x. */
  deviation: number
} {
  const precision = 1 + r + s
  return { mean: (r * visual + s * haptic) / precision, deviation: 1 / Math.sqrt(precision) }
}

/** Trains the network and runs it through all stimuli in one go. */
export async function combineCues(workshop: Workshop, preset: Preset): Promise<CueReport> {
  const { engine, seed } = workshop
  const { chains, ...settings } = cuePreset(preset)
  const name = 'cue-combination'
  const world = await cueWorlds(engine, settings.points, seed)
  const network = await workshop.train(name, { architecture: 'reservoir-sampler', ...world, ...settings })
  const each = SHOWN_FOR / DT
  const run = {
    chains,
    steps: each * SHOWN.length,
    dt: DT,
    recordEvery: RECORD_EVERY,
    stimulus: [...SHOWN[0]!],
    changes: SHOWN.slice(1).map((stimulus, k) => ({ step: each * (k + 1), stimulus: [...stimulus] })),
  }
  const draws = await workshop.sample(name, network, run)
  const activities = await workshop.activity(`reservoir-sampler/${name}`, network, { ...run, chains: 1 })
  const records = draws.shape[1]
  const columns = Array.from({ length: 5 }, () => new Float64Array(records))
  const [mean, deviation, exactMean, exactDeviation, wasserstein] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const distances = Array.from({ length: records }, async (_, record) => {
    const x = recordAt(draws, record)
    const law = cuePosterior(SHOWN[Math.floor((record * RECORD_EVERY) / each)]!)
    const sum = x.reduce((total, value) => total + value, 0)
    mean[record] = sum / chains
    const squares = x.reduce((total, value) => total + (value - mean[record]!) * (value - mean[record]!), 0)
    deviation[record] = Math.sqrt(squares / (chains - 1))
    exactMean[record] = law.mean
    exactDeviation[record] = law.deviation
    const normal = { kind: 'gaussian-mixture', weights: [1], means: [[law.mean]], deviations: [law.deviation] } as const
    wasserstein[record] = await engine.wasserstein(x, normal)
  })
  await Promise.all(distances)
  const times = Float64Array.from({ length: records }, (_, record) => (record + 1) * RECORD_EVERY * DT)
  const settled = 1 / (DT * RECORD_EVERY)
  const shown = SHOWN.map((stimulus, k) => {
    const end = ((k + 1) * each) / RECORD_EVERY
    const last = wasserstein.subarray(end - settled, end)
    return {
      start: k * SHOWN_FOR,
      end: (k + 1) * SHOWN_FOR,
      cues: [stimulus[0], stimulus[1]] as const,
      deviations: [1 / Math.sqrt(stimulus[2]), 1 / Math.sqrt(stimulus[3])] as const,
      wasserstein: last.reduce((sum, value) => sum + value, 0) / last.length,
    }
  })
  const widths = SHOWN.map((stimulus) => cuePosterior(stimulus).deviation)
  const width = widths.reduce((sum, value) => sum + value, 0) / widths.length
  const exactWasserstein = width * (await yardstick(engine, chains, seed))
  return {
    network,
    draws,
    activities,
    shown,
    times,
    mean,
    deviation,
    exactMean,
    exactDeviation,
    wasserstein,
    exactWasserstein,
  }
}

/** Mean W1 of sets of so many exact draws of N(0, 1). */
async function yardstick(engine: Engine, count: number, seed: number): Promise<number> {
  const normal = { kind: 'gaussian-mixture', weights: [1], means: [[0]], deviations: [1] } as const
  const { data } = await engine.targetDraws(normal, EXACT_SETS * count, seed)
  const sets = Array.from({ length: EXACT_SETS }, (_, k) =>
    engine.wasserstein(data.subarray(k * count, (k + 1) * count), normal),
  )
  return (await Promise.all(sets)).reduce((sum, value) => sum + value, 0) / EXACT_SETS
}
