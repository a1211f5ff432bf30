// What a diagnosis takes, and what it tells about draws.
import type { Network, Target, Tensor } from './network.js'

/**
 * What to diagnose draws by. Each may be left out: by themselves draws tell moments and convergence; with `reference` draws,
 * distances between the two; with a `network` or a `target`, the discrepancy to its law.
 */
export interface DiagnoseOptions {
  /** Ends the diagnosis; its promise rejects at once with an `AbortedError` whose `cause` is the signal's reason. Default none. */
  readonly signal?: AbortSignal
  /** Draws of the law that these should have, [point, n] or [chain, draw, n], two points or more. Default none. */
  readonly reference?: Tensor
  /**
   * A network whose stationary law at temperature 1 these should have: its score gives the Stein discrepancy. Of one with an input the
   * stimulus is held first, by `Engine.at`. Not with `target`. Default none.
   */
  readonly network?: Network
  /** A law that these should have, by its exact score. Not with `network`. Default none. */
  readonly target?: Target
  /**
   * Time between draws, above 0, in units of τ: that of the spectrum. Default: `dt · recordEvery` where the draws have their
   * provenance and dt never changed, else a draw is the unit of time.
   */
  readonly interval?: number
  /** Largest lag of the autocorrelation, in draws, below the draws of a chain; default 100, or as many as there are; 0: none. */
  readonly lags?: number
  /**
   * Draws of a segment of the spectrum, a power of two from 4 to the draws of a chain; default 256, or as many as there are;
   * 0: none.
   */
  readonly segment?: number
  /** Bins of the rank histogram, up to 1000; default 20 for chains of 20 draws or more, else 0: none. */
  readonly rankBins?: number
  /** A whole number, 0 … 2⁵³ − 1, of the random directions and of the classifier; default 0. */
  readonly seed?: number
  /** Random directions of the sliced distance, 1 … 65,536; default 128. */
  readonly directions?: number
  /**
   * Most points of either side in what takes O(points²) work: MMD, energy distance, Stein discrepancy; 2 or more, default 2000.
   * Of more draws so many are taken at an even stride, and the result says how many.
   */
  readonly maxPoints?: number
  /** h of MMD's kernel exp(−‖x − y‖²/2h²), above 0, in units of x; default: the median distance of all pairs. */
  readonly bandwidth?: number
  /**
   * Whether to train a classifier to tell draws from reference, which takes seconds to minutes; default false. Only with
   * `reference`.
   */
  readonly c2st?: boolean
  /** Folds of the classifier test, 2 … 100; default 5. */
  readonly folds?: number
  /** Most points of either side in the classifier test, which takes as many of one as of the other; default 10,000. */
  readonly c2stPoints?: number
  /** c of the Stein kernel (c² + ‖x − y‖²)^(−½), above 0, in units of x; default 1. */
  readonly kernelScale?: number
}

/** What one coordinate of the draws tells. Null stands for what its draws don't define. */
export interface CoordinateDiagnostics {
  /** x̄ over all draws, in units of x. */
  readonly mean: number
  /** √(Σ(x − x̄)²/(N − 1)) over all draws, in units of x. */
  readonly deviation: number
  /** m₄/m₂² − 3: 0 for a Gaussian, 3 for a Laplace law. Null where all draws are equal. */
  readonly excessKurtosis: number | null
  /**
   * Bulk effective sample size: how many independent draws would tell as much about the middle of the law (Vehtari et al. 2021,
   * as ArviZ computes it). Null with fewer than 4 draws a chain.
   */
  readonly essBulk: number | null
  /** The same for its tails: the smaller of those of the quantiles 5 % and 95 %. Null with fewer than 4 draws a chain. */
  readonly essTail: number | null
  /**
   * Rank-normalised split R̂, folded or not, whichever is larger; above 1.01 the chains disagree. Null with one chain, with
   * fewer than 4 draws a chain, and where no draws differ.
   */
  readonly rHat: number | null
  /** Monte Carlo standard error of the mean, deviation/√ESS, in units of x. Null with fewer than 4 draws a chain. */
  readonly mcseMean: number | null
  /** ρ_0 … ρ_lags, autocovariances averaged over chains. Null where it is not asked for, and where no chain ever moves. */
  readonly autocorrelation: Float64Array | null
  /** Power spectrum by Welch's method, averaged over segments and chains; null where it is not asked for. */
  readonly spectrum: Spectrum | null
  /** Ranks of each chain's draws among all draws, counted by bin, [chain, bin]; even where chains agree. Null where not asked for. */
  readonly rankHistogram: Uint32Array | null
}

/** A one-sided power spectrum by Welch's method (1967): Hann window, segments that overlap by half, each about its own mean. */
export interface Spectrum {
  /** From 0 to half a cycle a draw, in cycles per τ; in cycles a draw where `interval` is null. */
  readonly frequency: Float64Array
  /** Power at each, in units of x² τ, or x² a draw; its integral is about the variance. */
  readonly density: Float64Array
}

/** Distances from draws to reference draws; all 0 or about 0 for draws of the same law. */
export interface ReferenceDiagnostics {
  /** W1 along each axis, [n], in units of x, of all draws. */
  readonly wasserstein: Float64Array
  /** Mean W1 along random directions, in units of x, of all draws. */
  readonly slicedWasserstein: number
  /** MMD², unbiased: may be negative. */
  readonly mmdSquared: number
  /** The h that it was computed with, in units of x. */
  readonly bandwidth: number
  /** √(2 E‖x − y‖ − E‖x − x′‖ − E‖y − y′‖), in units of √x. */
  readonly energyDistance: number
  /** The classifier two-sample test; null where it is not asked for. */
  readonly c2st: ClassifierTest | null
  /** Draws that MMD and energy distance were computed from. */
  readonly points: number
  /** Reference draws that they were computed from. */
  readonly referencePoints: number
}

/**
 * How often a classifier tells draws from reference draws that it wasn't trained on (Lopez-Paz and Oquab 2017), in the setting of
 * the sbibm benchmark (Lueckmann et al. 2021): scaled by mean and deviation of the reference; two layers of 10 n relu units; Adam.
 */
export interface ClassifierTest {
  /** Mean accuracy over the folds: ½ where the laws are equal, 1 where they are apart. */
  readonly accuracy: number
  /** Accuracy on each fold. */
  readonly folds: Float64Array
  /** Draws that it was computed from, and as many reference draws. */
  readonly points: number
}

/** Kernelised Stein discrepancy to a law of known score (Gorham and Mackey 2017), inverse multiquadric kernel. */
export interface SteinDiscrepancy {
  /** KSD² over pairs of different points, in 1/x³: unbiased, about 0 for exact draws, may be negative. */
  readonly uStatistic: number
  /** KSD² over all pairs: that of the empirical law itself, 0 or above, in the units of `uStatistic`. */
  readonly vStatistic: number
  /** Draws that it was computed from. */
  readonly points: number
}

/** What draws tell about themselves and about the law they should have. */
export interface Diagnostics {
  /** [chain, draw, n]. */
  readonly shape: readonly [number, number, number]
  /** Time between draws in τ, that of the spectrum; null where nothing tells it, and the unit of time is a draw. */
  readonly interval: number | null
  /** Each coordinate, n of them. */
  readonly coordinates: readonly CoordinateDiagnostics[]
  /** Distances to the reference; null without. */
  readonly reference: ReferenceDiagnostics | null
  /** Discrepancy to the law of a network or target; null without. */
  readonly stein: SteinDiscrepancy | null
}
