// Settings by which a reservoir-sampler learns digits of unit length, found by training at 2,000 to 8,000 units and judging 1,000
// draws. What counts, in this order:
//
// - Units of x. A network's leak −x is the score's slope −1/σ² where σ is 1: with x divided by its deviation, 0.1 in 50
//   components, the noise of the small levels is about there, and the hyperplanes W_fb x + b = 0 that training begins with cross the
//   data. At σ = 0.1, m = 2000 and 1.5 million points the normalised held-out loss is 0.302 in units of x, 0.263 in units of a
//   tenth (both η = 1e-3), and 0.244 with η = 3e-3, which only those units bear. One deviation for all components keeps their order.
// - For the same reason no level wider than σ = 0.25: there chains pass freely between digits already, wherever they start.
// - In 300 components, and at wide levels in 50, a start from the score of a Gaussian (gaussian_start.ts): random weights err by more
//   than the score itself there. At σ = 0.25 in 50 components the Gaussian's loss is 0.121; 2,000 units that begin with it get to 0.112
//   in 600,000 points, 4,000 that begin at random to 0.132 in 1.5 million. In 300 components at σ = 0.2 it is 0.04 against 11.
//   But with steps of 3e-3 it ended with 85 % dead units of 8,000 in 50 components, where random weights are better in the end
//   (test/digits/README.md).
// - A step size that falls to 0 within each level, so that each level's network is at rest; moments go on.
// - Chains that pass through the levels' own networks. At the last level alone they keep the shares of the basins they start in; too
//   many steps there let what the score gets wrong gather in one digit (the ones, mostly).
// - Width and time: see the table in test/digits/README.md.
import type { Annealing } from './annealing.js'
import type { TrainSettings } from './experiment.js'

/** How digits are learned and drawn. */
export interface DigitsSettings {
  /** n, principal components of digits of unit length. */
  readonly components: number
  /** How the network is trained; its levels' networks are needed too. */
  readonly train: TrainSettings
  /** How draws are made. */
  readonly annealing: Annealing
}

const shared = {
  activation: 'relu',
  method: 'adam',
  standardise: true,
  commonDeviation: true,
  batch: 256,
  learningRate: 3e-3,
  finalLearningRate: 0,
  restartLevels: false,
} as const

/** Minutes on two cores. */
export const QUICK_DIGITS: DigitsSettings = {
  components: 50,
  train: { ...shared, units: 4000, noiseMax: 0.25, noiseMin: 0.04, levels: 6, epochs: 120 },
  annealing: { chains: 1000, steps: 50, lastSteps: 100, stepOverVariance: 0.3 },
}

/** Three quarters of an hour of one core. Twice the units change the score by twice as much a step, so steps are smaller. */
export const LARGE_DIGITS: DigitsSettings = {
  components: 50,
  train: { ...shared, units: 8000, noiseMax: 0.25, noiseMin: 0.02, levels: 8, epochs: 240, learningRate: 2e-3 },
  annealing: { chains: 1000, steps: 50, lastSteps: 50, stepOverVariance: 0.3 },
}
