// What both platforms export besides `createEngine`.
export { Engine } from './engine.js'
export {
  AbortedError,
  DivergenceError,
  type ErrorCode,
  type ErrorDetails,
  FormatError,
  InvalidArgumentError,
  LangevinError,
  MemoryBudgetError,
  UnsupportedError,
  WorkerError,
} from './errors.js'
export * from './formats/index.js'
export type { Run, RunState } from './run.js'
export type { SampleRun } from './sampling.js'
export type { TrainRun } from './training.js'
export type * from './types.js'
export { version } from './version.js'
