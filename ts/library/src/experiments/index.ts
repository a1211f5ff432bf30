// The paper's experiments, for Node and pages alike: `langevin-rnn/experiments`.
import { reproduceCapacity } from './capacity.js'
import { reproduceDoublePeak } from './double_peak.js'
import { reproduceIntegrators } from './integrators.js'
import { reproduceLaplaceMixture } from './laplace_mixture.js'

export {
  type CapacityCurve,
  type CapacityPoint,
  type CapacityReport,
  type CapacityTarget,
  capacityPreset,
  reproduceCapacity,
} from './capacity.js'
export {
  type ArchitectureReport,
  type DoublePeakPreset,
  type DoublePeakReport,
  doublePeakPreset,
  reproduceDoublePeak,
} from './double_peak.js'
export type {
  ExperimentOptions,
  ExperimentReport,
  Preset,
  SampleSettings,
  TrainSettings,
} from './experiment.js'
export {
  type IntegratorCurve,
  type IntegratorsReport,
  type IntegratorTarget,
  type IntegratorYardstick,
  reproduceIntegrators,
} from './integrators.js'
export {
  type LaplaceArchitectureReport,
  type LaplaceMixturePreset,
  type LaplaceMixtureReport,
  laplaceMixturePreset,
  type Race,
  type RaceReport,
  reproduceLaplaceMixture,
} from './laplace_mixture.js'
export { type ArrayRecord, type Manifest, STREAM_VERSION } from './manifest.js'

/** Every experiment by its name. */
export const experiments = {
  'double-peak': reproduceDoublePeak,
  'laplace-mixture': reproduceLaplaceMixture,
  integrators: reproduceIntegrators,
  capacity: reproduceCapacity,
} as const

/** The name of an experiment. */
export type ExperimentName = keyof typeof experiments
