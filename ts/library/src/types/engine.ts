// What an engine takes, what every long call takes and tells, and what an engine can work out.

/** How far a long call has come. */
export interface Progress {
  /** What the call does. */
  readonly stage: 'train' | 'sample'
  /** Work done so far, in `unit`. */
  readonly done: number
  /** Work in all, in `unit`. */
  readonly total: number
  /** Epochs for Adam, noise levels for the closed form, chains × steps for sampling. */
  readonly unit: 'epochs' | 'levels' | 'chain-steps'
  /** Units a second since the start. */
  readonly rate: number
  /** Time left at that rate, in seconds. */
  readonly secondsLeft: number
  /** Training only: the newest of the network's `losses`, in their units; absent for sampling, and before the first. */
  readonly loss?: number
  /** Training only: σ of the epoch or level that comes next, in units of x; when all are done, of the last. Absent for sampling. */
  readonly noise?: number
}

/** What every long call takes. */
export interface RunOptions {
  /** Ends the run; its promise rejects at once with an `AbortedError` whose `cause` is the signal's reason. Default none. */
  readonly signal?: AbortSignal
  /** Called on the caller's thread: about every tenth of a second of training, after every block of sampling. Default none. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * How well a learned score stands for a known law in one dimension, by quadrature on 16,001 points over twice the range that
 * holds all but 1e-15 of the law.
 */
export interface ScoreQuality {
  /** ∫ p(x) (s(x) − ∂ log p(x))² dx over the clean target, no factor ½. */
  readonly fisherDivergence: number
  /** W1 = ∫ |F∞ − F| dx between the target and the stationary law p∞(x) ∝ exp ∫ s, in units of x. */
  readonly lawWasserstein: number
  /** The quadrature grid, even, in units of x. */
  readonly grid: Float64Array
  /** p∞ on the grid, normalised there. */
  readonly density: Float64Array
  /** Peaks of p∞ that rise above the valleys beside them by more than 1 % of the highest. */
  readonly modes: number
}

/** Over which draws a score's error is taken; all of it may be left out. */
export interface ScoreErrorOptions {
  /**
   * σ of the noise added to the target, in units of x; default 0. At the σ of a network's last level the error is what its
   * training left: denoising score matching fits the score of the law with that noise.
   */
  readonly noise?: number
  /** Exact draws, 1 … 2²⁴; default 20,000. */
  readonly points?: number
  /** A whole number, 0 … 2⁵³ − 1; default 0. */
  readonly seed?: number
}

/** How far a score is from a target's. */
export interface ScoreError {
  /** E_p ‖s(x) − ∇ log p(x)‖², no factor ½, p the target with noise; in 1/x². */
  readonly fisherDivergence: number
  /** E_p ‖∇ log p(x)‖² over the same draws: what a score of zero would have. */
  readonly fisherInformation: number
}

/** Values of a target on a grid of points, [point, n]. */
export interface TargetValues {
  /** p, [point]. */
  readonly density: Float64Array
  /** ∇ log p, [point, n]. */
  readonly score: Float64Array
}

/** How to set an engine up; all of it may be left out. */
export interface EngineOptions {
  /** Workers at most, 1 … 256; default: the machine's cores, but not more than 8. They start as they are needed. */
  readonly workers?: number
  /** Start all workers at once, not each when a call first needs it. The engine is there as soon as the first of them is. Default false. */
  readonly startAll?: boolean
  /**
   * Bytes that a training run may hold, a sampling run with all of its draws, or a diagnosis; default 1 GiB. Checked before
   * anything is allocated: what needs more is a `MemoryBudgetError`.
   */
  readonly memoryBudget?: number
  /**
   * The wasm: bytes, an address (in Node also a path), or a compiled module; default the package's own,
   * `langevin-rnn/module.wasm`.
   */
  readonly wasm?: ArrayBuffer | Uint8Array | URL | string | WebAssembly.Module
}
