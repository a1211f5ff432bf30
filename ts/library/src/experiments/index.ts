// The paper's experiments, for Node and pages alike: `langevin-rnn/experiments`.
import { reproduceCapacity } from './capacity.js'
import { reproduceDoublePeak } from './double_peak.js'
import { reproduceIntegrators } from './integrators.js'
import { reproduceLaplaceMixture } from './laplace_mixture.js'
import { reproduceCifar, reproduceMnist } from './mnist.js'
import { reproducePosterior } from './posterior.js'

export type { Activity } from './activity.js'
export { type Annealing, type AnnealingPart, anneal, annealingParts, heldLevels, type Levels } from './annealing.js'
export {
  type CapacityCurve,
  type CapacityPoint,
  type CapacityReport,
  capacityPreset,
  reproduceCapacity,
} from './capacity.js'
export { type CueReport, type Cues, cuePosterior, cueWorlds } from './cue_combination.js'
export {
  type ArchitectureReport,
  type DoublePeakPreset,
  type DoublePeakReport,
  doublePeakPreset,
  reproduceDoublePeak,
} from './double_peak.js'
export type {
  ComparedReport,
  ExperimentOptions,
  ExperimentReport,
  ExperimentTarget,
  Preset,
  SampleSettings,
  TrainSettings,
} from './experiment.js'
export { gaussianStart } from './gaussian_start.js'
export {
  type IntegratorCurve,
  type IntegratorsReport,
  type IntegratorYardstick,
  reproduceIntegrators,
} from './integrators.js'
export { joinedNetwork } from './joined_network.js'
export {
  type LaplaceArchitectureReport,
  type LaplaceMixturePreset,
  type LaplaceMixtureReport,
  laplaceMixturePreset,
  type Race,
  type RaceReport,
  reproduceLaplaceMixture,
} from './laplace_mixture.js'
export { type ArrayRecord, type Manifest, type ManifestArray, STREAM_VERSION } from './manifest.js'
export {
  type PicturesNetworkReport,
  type PicturesReport,
  picturesPreset,
  reproduceCifar,
  reproduceMnist,
} from './mnist.js'
export { type DigitsSettings, LARGE_DIGITS, QUICK_DIGITS } from './mnist_settings.js'
export type { ClassReport, NearestReport, Pictures, PicturesPreset } from './pictures.js'
export {
  type PosteriorDraws,
  type PosteriorOptions,
  type PosteriorReport,
  type PosteriorRun,
  type PosteriorSource,
  type PosteriorTask,
  PUBLISHED,
  type PublishedC2st,
  reproducePosterior,
} from './posterior.js'
export { type AdamPhase, type PosteriorPreset, posteriorPreset } from './posterior_presets.js'
export { widenedStart } from './widened_start.js'

/** Every experiment by its name. */
export const experiments = {
  /** The paper's first: one dimension, two peaks. */
  'double-peak': reproduceDoublePeak,
  /** The paper's second: heavy tails, and irreversible drift. */
  'laplace-mixture': reproduceLaplaceMixture,
  /** W1 of the stationary law against the step. */
  integrators: reproduceIntegrators,
  /** Score error against the number of units. */
  capacity: reproduceCapacity,
  /** Posteriors of the sbibm benchmark, and cue combination. */
  posterior: reproducePosterior,
  /** The paper's digits: principal components, pixels or features of them. */
  mnist: reproduceMnist,
  /** Colour pictures by their features and a decoder. */
  cifar: reproduceCifar,
} as const

/** The name of an experiment. */
export type ExperimentName = keyof typeof experiments
