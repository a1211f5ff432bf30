// The public vocabulary: what goes into the engine and what comes out of it.
// Plain values only: everything in it survives structured cloning between threads.
export type * from './types/diagnostics.js'
export type * from './types/engine.js'
export type * from './types/network.js'
export type * from './types/points.js'
export type * from './types/sampling.js'
export type * from './types/simulators.js'
export type * from './types/training.js'
