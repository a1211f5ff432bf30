// Posteriors of the sbibm benchmark: one network a task learns s(x | u) = ∇ₓ log p(x | u) from simulations (θ, data) and samples
// p(θ | data) for each of ten observations; C2ST against reference draws, 0.5 where nobody can tell the two apart.
import { TASKS } from '../call_options.js'
import type { Engine } from '../engine.js'
import { invalid, throwIfAborted } from '../errors.js'
import type { Draws, Task, Tensor, TrainedNetwork } from '../types.js'
import { annealedDraws } from './annealing.js'
import { type CueReport, combineCues, cuePreset } from './cue_combination.js'
import {
  type ExperimentOptions,
  type ExperimentReport,
  hashed,
  type NamedArray,
  networkArrays,
  numbersArray,
  type TrainSettings,
  Workshop,
} from './experiment.js'
import { OBSERVATIONS } from './posterior_observations.js'
import { type AdamPhase, type PosteriorPreset, posteriorPreset } from './posterior_presets.js'
import { type Chart, chartOf } from './posterior_tasks.js'

/** Simulations that a network may be trained on: enough for the line of least squares, and what a worker can hold. */
const FEWEST = 100
const MOST = 10_000_000

/** Only this circuit takes a stimulus. */
const KIND = 'reservoir-sampler'

/** What the benchmark published of a task. */
export interface PublishedC2st {
  /** Neural posterior or likelihood estimation. */
  readonly method: 'NPE' | 'NLE'
  /** Mean C2ST of the ten observations after 100,000 simulations, a share of right answers. */
  readonly c2st: number
}

/** Mean C2ST of the ten observations after 100,000 simulations that the benchmark published, by neural posterior or likelihood estimation. */
export const PUBLISHED: Readonly<Record<Task, PublishedC2st>> = {
  'two-moons': { method: 'NPE', c2st: 0.542 },
  'gaussian-mixture': { method: 'NPE', c2st: 0.548 },
  'gaussian-linear': { method: 'NPE', c2st: 0.506 },
  slcp: { method: 'NLE', c2st: 0.699 },
}

/** Reference draws of the posterior of one of the benchmark's observations, numbered from 1: [draw, d], in units of θ. */
export type PosteriorSource = (task: Task, observation: number) => Promise<Tensor>

/** What the experiment takes besides what all do. */
export interface PosteriorOptions extends ExperimentOptions {
  /** Default: all four. */
  readonly tasks?: readonly Task[]
  /** Simulations to train on, a network for each number, 100 … 10⁷; default the preset's. */
  readonly simulations?: readonly number[]
  /** Where reference draws come from; by default draws aren't compared with any. */
  readonly posteriors?: PosteriorSource
}

/** One posterior, sampled. */
export interface PosteriorDraws {
  /** The number of the observation, from 1. */
  readonly observation: number
  /** θ, [draw, d]. */
  readonly draws: Tensor
  /** How often a classifier tells draws from reference draws; null without these. */
  readonly c2st: number | null
  /** As many reference draws, as far as there are, [draw, d]; null without. */
  readonly reference: Tensor | null
}

/** One network and the posteriors that it sampled. */
export interface PosteriorRun {
  /** How many simulations it learned from. */
  readonly simulations: number
  /** The network of the last level: x given u, see `docs/posterior.md`. */
  readonly network: TrainedNetwork
  /** Each observation's. */
  readonly posteriors: readonly PosteriorDraws[]
  /** Mean C2ST of the observations; null without reference draws. */
  readonly c2st: number | null
  /** All draws θ, [observation, draw, d], with how they were made. */
  readonly draws: Draws
  /** Wall-clock seconds; not part of the manifest. */
  readonly seconds: {
    /** Of training. */
    readonly train: number
    /** Of sampling. */
    readonly sample: number
    /** Of the classifiers. */
    readonly c2st: number
  }
}

/** What one task gave. */
export interface PosteriorTask {
  /** Which one. */
  readonly task: Task
  /** By number of simulations. */
  readonly runs: readonly PosteriorRun[]
}

/** What the experiment gave; the same bits on every machine, save `seconds`. */
export interface PosteriorReport extends ExperimentReport {
  /** The experiment's name. */
  readonly experiment: 'posterior'
  /** A report for each task. */
  readonly tasks: readonly PosteriorTask[]
  /** The circuit that combines cues. */
  readonly cues: CueReport
}

/** Settings as training takes them; `simulations` of x whose scale is given. */
function training(settings: PosteriorPreset, phase: AdamPhase, levels: number, chart: Chart): TrainSettings {
  const epochs = Math.max(levels, Math.ceil((phase.steps * settings.batch) / chart.x.shape[0]!))
  return {
    method: 'adam',
    activation: 'relu',
    standardise: true,
    units: settings.units,
    batch: Math.min(settings.batch, chart.x.shape[0]!),
    epochs,
    levels,
    noiseMax: chart.scale * (levels > 1 ? settings.noiseMax : settings.noiseMin),
    noiseMin: chart.scale * settings.noiseMin,
    learningRate: phase.learningRate,
    finalLearningRate: 0,
  }
}

/** The network of the last level, polished, with those of the others in its `levels`. */
async function learn(
  workshop: Workshop,
  name: string,
  chart: Chart,
  settings: PosteriorPreset,
): Promise<TrainedNetwork> {
  const data = { data: chart.x, stimuli: chart.stimuli, architecture: KIND } as const
  const { anneal, polish } = settings
  const initial = await workshop.train(name, { ...data, ...training(settings, anneal, settings.levels, chart) })
  const polished = training(settings, polish, 1, chart)
  const network = await workshop.train(`${name}-polish`, { ...data, ...polished, initial })
  return { ...network, levels: [...initial.levels.slice(0, -1), ...network.levels] }
}

/**
 * Draws x [draw, d] of p(x | u): annealed Langevin through the networks of all levels, then half a denoising step,
 * x + ½σ² s(x), which takes away the noise of the last level to second order in σ².
 */
async function sampled(
  workshop: Workshop,
  name: string,
  network: TrainedNetwork,
  stimulus: readonly number[],
  { annealing, noiseMin }: PosteriorPreset,
): Promise<Draws> {
  const { chains } = annealing
  const noisy = await annealedDraws(workshop, name, network, annealing, { stimulus })
  const states = { shape: [chains, network.dimension], data: noisy.states }
  return workshop.sample(name, network, {
    chains,
    stimulus,
    steps: 1,
    dt: 0.5 * noiseMin * noiseMin,
    temperature: 0,
    integrator: 'euler-maruyama',
    start: { kind: 'states', states },
  })
}

async function judge(engine: Engine, draws: Tensor, reference: Tensor, seed: number): Promise<number> {
  const chain = (of: Tensor) => ({ shape: [1, ...of.shape], data: of.data })
  const { reference: found } = await engine.diagnose(chain(draws), {
    reference: chain(reference),
    c2st: true,
    seed,
    lags: 0,
    segment: 0,
    rankBins: 0,
    directions: 1,
    maxPoints: 2,
  })
  return found!.c2st!.accuracy
}

function firstRows({ shape, data }: Tensor, rows: number): Tensor {
  const d = shape[1]!
  const count = Math.min(rows, shape[0]!)
  return { shape: [count, d], data: data.slice(0, count * d) }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Trains on so many simulations of a task, samples the posterior of each observation and compares. */
export async function posteriorRun(
  workshop: Workshop,
  task: Task,
  simulations: number,
  settings: PosteriorPreset,
  posteriors?: PosteriorSource,
): Promise<PosteriorRun> {
  const { engine, seed } = workshop
  const name = `${task}-${simulations}`
  const began = performance.now()
  const chart = await chartOf(engine, task, simulations, seed)
  const network = await learn(workshop, name, chart, settings)
  const trained = performance.now()
  const found: { observation: number; draws: Tensor; run: Draws }[] = []
  for (const observation of settings.observations) {
    const data = Float32Array.from(OBSERVATIONS[task][observation - 1]!)
    const run = await sampled(workshop, name, network, await chart.stimulus(data), settings)
    const x = { shape: [settings.annealing.chains, network.dimension], data: run.data }
    found.push({ observation, draws: await chart.parameters(x, data), run })
  }
  const drawn = performance.now()
  const judged: PosteriorDraws[] = []
  for (const { observation, draws } of found) {
    const all = await posteriors?.(task, observation)
    const reference = all ? firstRows(all, settings.annealing.chains) : null
    judged.push({ observation, draws, reference, c2st: reference && (await judge(engine, draws, reference, seed)) })
  }
  const ended = performance.now()
  return {
    simulations,
    network,
    posteriors: judged,
    c2st: posteriors ? mean(judged.map(({ c2st }) => c2st!)) : null,
    draws: await together(engine, found, settings),
    seconds: {
      train: (trained - began) / 1000,
      sample: (drawn - trained) / 1000,
      c2st: (ended - drawn) / 1000,
    },
  }
}

/** All posteriors' draws as one value, a chain for each observation. */
async function together(
  engine: Engine,
  found: readonly { readonly draws: Tensor; readonly run: Draws }[],
  settings: PosteriorPreset,
): Promise<Draws> {
  const { shape, data: first } = found[0]!.draws
  const [draws, d] = shape as [number, number]
  const data = new Float32Array(found.length * first.length)
  const states = new Float32Array(found.length * d)
  found.forEach((posterior, i) => {
    data.set(posterior.draws.data, i * first.length)
    states.set(posterior.draws.data.subarray(first.length - d), i * d)
  })
  const { provenance, ...run } = found[0]!.run
  const configuration = { ...provenance.configuration, ...settings }
  const all = [found.length, draws, d] as const
  return {
    ...run,
    data,
    shape: all,
    states,
    blocks: [{ firstChain: 0, chains: found.length, steps: draws, draws }],
    provenance: { ...provenance, configuration },
    hash: await engine.hash({ shape: [...all], data }),
  }
}

/**
 * Trains a network for each task and number of simulations, samples the posterior of each observation, and compares with reference
 * draws where it is given any. Deterministic but for `seconds`.
 *
 * @throws what {@link Engine.train} and {@link Engine.sample} throw; an `AbortedError` when the signal aborts
 */
export async function reproducePosterior(engine: Engine, options: PosteriorOptions = {}): Promise<PosteriorReport> {
  const { preset = 'quick', tasks = TASKS, seed = 0, signal, posteriors, simulations } = options
  throwIfAborted(signal)
  const wrong = simulations?.findIndex(
    (count, i) => !Number.isInteger(count) || count < FEWEST || count > MOST || simulations.indexOf(count) < i,
  )
  if (simulations && (wrong !== -1 || simulations.length === 0)) {
    throw invalid('simulations', simulations[wrong!], `different whole numbers from ${FEWEST} to ${MOST}`)
  }
  const settingsOf = (task: Task) => ({ ...posteriorPreset(preset, task), ...(simulations && { simulations }) })
  const workshop = new Workshop(engine, options)
  workshop.checkRates(cuePreset(preset).units)
  const reports: PosteriorTask[] = []
  for (const task of tasks) {
    const settings = settingsOf(task)
    const runs: PosteriorRun[] = []
    for (const count of settings.simulations) {
      runs.push(await posteriorRun(workshop, task, count, settings, posteriors))
    }
    reports.push({ task, runs })
  }
  const cues = await combineCues(workshop, preset)
  const configuration = workshop.configuration({
    ...Object.fromEntries(reports.map(({ task }) => [task, settingsOf(task)])),
    'cue-combination': { train: cues.network.provenance?.configuration, sample: cues.draws.provenance.configuration },
  })
  const head = { experiment: 'posterior', preset, seed, configuration } as const
  const arrays: NamedArray[] = [
    ...networkArrays(`${KIND}/cue-combination`, cues.network),
    [`${KIND}/cue-combination/draws`, cues.draws],
    numbersArray(`${KIND}/cue-combination/wasserstein`, cues.wasserstein),
    // Not C2ST: that is of the reference draws too.
    ...reports.flatMap(({ task, runs }) =>
      runs.flatMap(({ simulations, network, draws }): NamedArray[] => [
        ...networkArrays(`${KIND}/${task}-${simulations}`, network),
        [`${KIND}/${task}-${simulations}/draws`, draws],
      ]),
    ),
  ]
  return { ...head, tasks: reports, cues, ...(await hashed(engine, head, arrays, cues.activities)) }
}
