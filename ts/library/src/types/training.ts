// What training takes and returns.
import type { Progress, RunOptions } from './engine.js'
import type { Activation, Architecture, Network, Target, Tensor } from './network.js'
import type { SampleCheckpoint } from './sampling.js'

/**
 * How the denoising loss L = ½ E ‖s(x + σε) + ε/σ‖² (Vincent 2011) is minimised.
 *
 * - `closed-form`, ours, for the reservoir-sampler: W_fb and b are laid out and stay fixed, and W_out = C (G + λI)⁻¹ is one
 *   least-squares solve a noise level, with G = E[a aᵀ], C = E[x̃ aᵀ] − W_fbᵀ diag E[φ′], a = φ(W_fb x̃ + b), x̃ = x + σε.
 * - `adam`, the paper's: all weights by Adam, noise lowered level by level. A batch takes its noise in pairs, ε for one point
 *   and −ε for the next: the same loss, gradients of less variance.
 */
export type TrainingMethod = 'closed-form' | 'adam'

/** A network as it was at the end of one noise level of training. */
export interface LevelSnapshot {
  /** σ of the level, in units of x. */
  readonly noise: number
  /** The network when the level ended; its `confinement` is null. */
  readonly network: Network
}

/** What training returns: the network, and how it got there. */
export interface TrainedNetwork extends Network {
  /** Whether all epochs or levels are done; false after `stop()`. */
  readonly complete: boolean
  /**
   * Adam: mean denoising loss ½ E ‖s(x + σε) + ε/σ‖² of each epoch. Closed form: held-out implicit loss
   * E[½‖s(x̃)‖² + ∇·s(x̃)] of each level, which may be negative. Summed over dimensions.
   */
  readonly losses: Float64Array
  /** The network at the end of each noise level, in the order of training. */
  readonly levels: readonly LevelSnapshot[]
  /** SHA-256, 64 hexadecimal digits, over all tensors in the order of their names, as one float32 array. */
  readonly hash: string
}

/** A running or paused training run, looked into. */
export interface TrainInspection {
  /** How far it is; null before the first slice. */
  readonly progress: Progress | null
  /** Losses so far, [epoch] or [level], as in {@link TrainedNetwork}. */
  readonly losses: Float64Array
  /** The network as it is now; in closed form that of the last level done, null before the first. No report has been made. */
  readonly network: Network | null
}

/**
 * Where a training run by Adam stands between two epochs: a plain value, to be kept in a file (`checkpointToNpz`) or anywhere
 * else. A run resumed from it ends with the bits of one that was never stopped.
 */
export interface TrainCheckpoint {
  /** Tells checkpoints from other values. */
  readonly format: 'langevin-rnn checkpoint'
  /** Tells it from a checkpoint of sampling. */
  readonly stage: 'train'
  /** Version of everything that decides bits: only the same one can go on. */
  readonly streamVersion: number
  /** The run's complete configuration: only the same one can go on. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** Epochs done. */
  readonly epoch: number
  /** Steps done: they address the noise. */
  readonly steps: number
  /** Steps since Adam's last restart. */
  readonly adamSteps: number
  /** Weights and Adam's moments, in the layout of training. */
  readonly arrays: Readonly<Record<string, Float32Array>>
  /** Mean loss of each epoch done. */
  readonly losses: Float64Array
  /** The network at the end of each noise level done. */
  readonly levels: readonly LevelSnapshot[]
}

/** Where a run stands. */
export type Checkpoint = TrainCheckpoint | SampleCheckpoint

/** Points with their stimuli, for a network that is to learn p(x | u). */
export interface StimulatedPoints {
  /** x, [point, n]. */
  readonly data: Tensor
  /** u of each, [point, k]. */
  readonly stimuli: Tensor
}

/** Some points of a stream: [point, n], or such with their stimuli. */
export type PointBlock = Tensor | StimulatedPoints

/** Points in blocks of any size, as they come: an (async) generator, an array of blocks, a web or Node stream of them. */
export type PointStreamSource = AsyncIterable<PointBlock> | Iterable<PointBlock>

/**
 * How to train. Exactly one of `target` and `data` is needed, and nothing else. Noise levels are geometric,
 * σ_k = σ_max (σ_min/σ_max)^(k/(K−1)), k = 0 … K−1, both ends included; a single level is at `noiseMin`.
 */
export interface TrainOptions extends RunOptions {
  /** Fresh draws of a known law in each epoch or level; needed unless there is `data` … */
  readonly target?: Target
  /**
   * … or data of one's own, [point, n], finite and not all equal, shuffled anew for each epoch or level …
   *
   * … or a stream of it: each epoch (Adam) or level (closed form) pulls the next `points` points when the one before has ended, and
   * nothing ahead. Units are those of the first pass. Equal points give equal bits, however they are cut into blocks; the provenance's
   * `data` is the hash of the first pass, and from the second on that of the hash so far and the pass's, their 64 bytes as [64] numbers.
   * A resumed run gets the stream from its beginning and passes over what it has learned from. The stream's `return()` is called at the end. Needed unless there is a `target`.
   */
  readonly data?: Tensor | PointStreamSource
  /**
   * Stimuli u, [point, k], one for each point of `data` (blocks of a stream carry their own): the network learns s(x | u) = −x + W_out φ(W_fb x + W_in u + b), the score of
   * p(x | u). They are standardised, and so are those that it is later shown (`scaling.stimulus` of the network). Reservoir-sampler only. Default none.
   */
  readonly stimuli?: Tensor
  /**
   * Work in (x − μ)/δ, coordinate by coordinate (`scaling.x` of the network; draws, starts, scores and noise levels stay in units of
   * x). Default: only where a deviation of the data lies outside 0.2 … 5 or a mean beyond 5 deviations, since single precision loses
   * the score of such data. A target is never standardised. Where deviations differ, a noise level σ counts for their root mean
   * square δ̄: coordinate d gets σ δ_d/δ̄. Losses and confinement report are in standardised units.
   */
  readonly standardise?: boolean
  /**
   * Where x is standardised, divide all coordinates by δ̄, not each by its own δ: distances keep their proportions, as between
   * principal components, whose smaller ones matter less. Default false.
   */
  readonly commonDeviation?: boolean
  /**
   * Take log σ as one more input, so that one network serves all noise levels: σ is log-uniform between `noiseMin` and `noiseMax` for
   * each sample, whose loss counts by σ² (Song and Ermon 2019). `levels` is then 1. Sampling takes `noise`, and lowers it by `changes`:
   * annealed Langevin. Reservoir-sampler only; default false.
   */
  readonly noiseInput?: boolean
  /**
   * A skew-symmetric Q as rows [n][n]: the raw output f is trained so that (I + Q)⁻¹ f is the score, and the network runs by
   * dx = f dt + √2 dB = (I + Q) s dt + √2 dB, which has the same law and mixes faster. Reservoir-sampler only; by both methods. Default none.
   */
  readonly irreversible?: readonly (readonly number[])[]
  /**
   * Adam: learn Q = c (J − Jᵀ)/‖J − Jᵀ‖_F, with this c > 0 (the paper's code: 0.01) and J learned with the weights; n of 2 or more.
   * Reservoir-sampler only; instead of `irreversible`. Default none.
   */
  readonly irreversibleScale?: number
  /** Default `reservoir-sampler`. */
  readonly architecture?: Architecture
  /** m, 1 … 2²⁴; default 128. Sampler-only networks have n units: leave it out, or say n. */
  readonly units?: number
  /** Default `relu`. */
  readonly activation?: Activation
  /** Default `closed-form` for the reservoir-sampler, `adam` for the sampler-only networks. */
  readonly method?: TrainingMethod
  /** A whole number, 0 … 2⁵³ − 1; default 0. */
  readonly seed?: number
  /**
   * Points of an epoch (Adam) or a level (closed form, 64 or more). Default for a target 100,000 in closed form, 10,000 by
   * Adam; for `data` all of it, which is also the most; for a stream as many as its first block has.
   */
  readonly points?: number
  /** σ of the first level, in units of x; default 0.5 in closed form, 1 by Adam, times δ̄ where x is standardised. */
  readonly noiseMax?: number
  /** σ of the last level, in units of x, at most `noiseMax`; default 0.05, times δ̄ where x is standardised. The network returned is that of this level. */
  readonly noiseMin?: number
  /** K, the number of noise levels, 1 … 10,000; default 4 in closed form, 10 by Adam, 1 with `noiseInput`. */
  readonly levels?: number
  /**
   * Closed form: `last` solves the last noise level alone, in a K-th of the time; `levels` and `losses` then have one entry. No level
   * depends on another, so the network has the bits of a run of `all`. Of a stream of data the points of the levels before are passed
   * over. Default `all`.
   */
  readonly solveLevels?: 'all' | 'last'
  /** Adam: epochs in all, shared out evenly over the levels, at least one each; default 1000. */
  readonly epochs?: number
  /** Adam: points a step, at most `points`; default 32. */
  readonly batch?: number
  /** Adam: step size η; default 1e-4. β₁ = 0.9, β₂ = 0.999 and ε = 1e-8 are fixed, as in PyTorch. */
  readonly learningRate?: number
  /**
   * Adam: the step size falls within each level along a straight line, from `learningRate` at its first step towards this at its end,
   * 0 or above, so that each level's network comes to rest; default: it stays.
   */
  readonly finalLearningRate?: number
  /** Adam: weight decay λ, coupled: g + λθ enters the moments, as in PyTorch's `Adam`; default 0. */
  readonly weightDecay?: number
  /** Adam: divide by the largest second moment so far (Reddi, Kale and Kumar 2018); default false. */
  readonly amsgrad?: boolean
  /** Adam: forget moments and step count at each new level; default true. */
  readonly restartLevels?: boolean
  /**
   * Adam: begin with this network's weights, not with random ones: one of the run's architecture, shape and units of x. The
   * provenance keeps their hash as `initial`. Default none.
   */
  readonly initial?: Network
  /**
   * Adam: `closed-form` begins with a closed-form fit at σ of the first level, of the same data, seed and shape. The provenance keeps
   * the fit's configuration as `warmStart`. It needs the closed form's memory, 32 m² bytes, within the budget. Default none.
   */
  readonly warmStart?: 'closed-form'
  /** Adam: hand over a checkpoint about every so many seconds; needs `onCheckpoint`. Default 30. */
  readonly checkpointSeconds?: number
  /** Adam: gets each checkpoint; training waits for it, and a failure to keep one ends the run. Default none. */
  readonly onCheckpoint?: (checkpoint: TrainCheckpoint) => void | Promise<void>
  /** Adam: go on from here; every other option as it was. Default: from the start. */
  readonly resume?: TrainCheckpoint
  /**
   * Closed form: ridges λ to choose from, above 0, relative to the mean of G's diagonal; default 1e-12, 1e-11 … 1e-4. The
   * largest within one standard error of the least held-out loss (four folds) is taken, and a larger one while the drift isn't
   * confined.
   */
  readonly ridges?: readonly number[]
  /**
   * Closed form: κ above 0, in 1/τ; far beyond the data the drift is drawn towards −κx. Default n / E‖x‖², a Gaussian's with the
   * data's second moment. Where tails are heavier, less suits them: about the drift at the data's edge over the distance there.
   */
  readonly anchorPull?: number
}
