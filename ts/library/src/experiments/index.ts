// The paper's experiments, for Node and pages alike: `langevin-rnn/experiments`.
export {
  type ArchitectureReport,
  type DoublePeakOptions,
  type DoublePeakPreset,
  type DoublePeakReport,
  doublePeakPreset,
  type Preset,
  reproduceDoublePeak,
  type SampleSettings,
  type TrainSettings,
} from './double_peak.js'
export { type ArrayRecord, type Manifest, STREAM_VERSION } from './manifest.js'
