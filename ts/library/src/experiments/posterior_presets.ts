// Settings of the posterior experiment, by preset and task: how many units, which noise levels, how many steps.
import type { Task } from '../types.js'
import type { Annealing } from './annealing.js'
import type { Preset } from './experiment.js'

/** How a preset trains and samples one task's network. Noise levels are in units of the root mean square deviation of x. */
export interface PosteriorPreset {
  /** Simulations to train on: a network for each. */
  readonly simulations: readonly number[]
  /** The benchmark's observations to sample the posterior of, 1 … 10. */
  readonly observations: readonly number[]
  /** m. */
  readonly units: number
  /** Levels of noise, the largest and the smallest. */
  readonly levels: number
  /** σ of the first level. */
  readonly noiseMax: number
  /** σ of the last. */
  readonly noiseMin: number
  /** Points a step of Adam. */
  readonly batch: number
  /** Adam at all levels together. */
  readonly anneal: AdamPhase
  /** And then at the last level alone. */
  readonly polish: AdamPhase
  /** How a posterior is sampled: a draw a chain. */
  readonly annealing: Annealing
}

/** Some steps of Adam, whose size falls to 0 within each level. */
export interface AdamPhase {
  /** About so many: whole epochs. */
  readonly steps: number
  /** Adam's step size when a level begins. */
  readonly learningRate: number
}

type Size = Pick<PosteriorPreset, 'units' | 'levels' | 'noiseMax' | 'noiseMin' | 'anneal' | 'polish'> &
  Pick<Annealing, 'stepOverVariance'>
const adam = (steps: number, learningRate: number): AdamPhase => ({ steps, learningRate })

/**
 * What each task needs. Where draws end with half a denoising step the law is right to second order in σ², so σ may be as large as a
 * tenth of what is to be resolved for crescents and mixtures, and larger for a Gaussian, whose score is no harder to learn there and
 * far less noisy. Of `gaussian-linear` the leak is the score once the line is taken off: each further unit fits the line's own error.
 */
const SIZES: Readonly<Record<Task, Size>> = {
  'two-moons': {
    units: 1000,
    levels: 8,
    noiseMax: 1,
    noiseMin: 0.03,
    anneal: adam(40_000, 3e-3),
    polish: adam(40_000, 3e-3),
    stepOverVariance: 0.25,
  },
  'gaussian-mixture': {
    units: 1000,
    levels: 8,
    noiseMax: 1,
    noiseMin: 0.03,
    anneal: adam(50_000, 3e-3),
    polish: adam(50_000, 3e-3),
    stepOverVariance: 0.25,
  },
  'gaussian-linear': {
    units: 20,
    levels: 2,
    noiseMax: 0.6,
    noiseMin: 0.4,
    anneal: adam(20_000, 2e-3),
    polish: adam(20_000, 2e-3),
    stepOverVariance: 0.25,
  },
  slcp: {
    units: 1000,
    levels: 4,
    noiseMax: 1,
    noiseMin: 0.2,
    anneal: adam(20_000, 3e-3),
    polish: adam(30_000, 2e-3),
    stepOverVariance: 0.5,
  },
}

/** The settings of a preset for one task. */
export function posteriorPreset(preset: Preset, task: Task): PosteriorPreset {
  const { stepOverVariance, ...size } = SIZES[task]
  if (preset === 'quick') {
    return {
      ...size,
      simulations: [10_000],
      observations: [1, 2, 3],
      units: Math.min(size.units, 400),
      batch: 128,
      anneal: adam(8000, size.anneal.learningRate),
      polish: adam(4000, size.polish.learningRate),
      annealing: {
        chains: { 'two-moons': 1000, 'gaussian-mixture': 1000, 'gaussian-linear': 300, slcp: 500 }[task],
        steps: 40,
        lastSteps: 100,
        stepOverVariance,
      },
    }
  }
  const short = preset === 'paper-short'
  return {
    ...size,
    simulations: short ? [1000] : [1000, 10_000, 100_000],
    observations: short ? [1, 2] : Array.from({ length: 10 }, (_, i) => i + 1),
    batch: 256,
    ...(short && { anneal: adam(40, size.anneal.learningRate), polish: adam(8, size.polish.learningRate) }),
    annealing: {
      chains: short ? 200 : 10_000,
      steps: short ? 4 : 60,
      lastSteps: short ? 8 : 200,
      stepOverVariance,
    },
  }
}
