// The public vocabulary: what goes into the engine and what comes out of it.
// Plain values only: everything here survives structured cloning between threads.

/**
 * The three circuits of Chen et al. 2023 (arXiv 2308.11809), by the drift s of their outputs x ∈ ℝⁿ, dx = s(x) dt + √2 dB,
 * time in units of the neural time constant τ:
 *
 * - `reservoir-sampler` (RSN, section 3.3): s(x) = −x + W_out φ(W_fb x + b), the outputs x = W_out r of m reservoir units r.
 *   It can represent any distribution.
 * - `sampler-only-rate` (section 3.3): s(x) = S Sᵀ [γ ⊙ (φ(W x + b) − x)], x the n units themselves.
 * - `sampler-only-current` (section 3.2): s(x) = S Sᵀ [γ ⊙ (W φ(x) + b − x)].
 *
 * A reservoir with synaptic currents has no tractable stationary law (figure 1); asking for it is an `UnsupportedError`.
 */
export type Architecture = 'reservoir-sampler' | 'sampler-only-rate' | 'sampler-only-current'
/** The activation φ of every unit: max(0, z), tanh z, ln(1 + eᶻ) or 1/(1 + e⁻ᶻ). */
export type Activation = 'relu' | 'tanh' | 'softplus' | 'sigmoid'
/**
 * How dx = s(x) dt + √2 dB is discretised, ε_k ~ N(0, I):
 *
 * - `euler-maruyama`, the paper's: x + dt·s(x) + √(2dt) ε_k. First order in dt.
 * - `exponential-euler`, the leak −x integrated exactly: x + (1 − e^−dt) s(x) + √(1 − e^−2dt) ε_k. First order.
 * - `leimkuhler-matthews`: x + dt·s(x) + √(2dt) (ε_k + ε_{k+1})/2. Same cost, stationary law right to second order
 *   (Leimkuhler and Matthews 2013).
 */
export type Integrator = 'euler-maruyama' | 'exponential-euler' | 'leimkuhler-matthews'
/**
 * How a score is computed: `direct`, the sum over all units, O(m); `piecewise-linear`, sorted kinks and a bucket index, O(1) a
 * step, for one output, relu units and projected dynamics. They agree within rounding; each has its own bits.
 */
export type Evaluator = 'direct' | 'piecewise-linear'
/**
 * What is simulated. `projected`: the outputs x alone, O(mn) a step. `recurrent`: the circuit itself, O(m²) a step,
 * dr = [−r + φ(W_fb W_out r + b)] dt + √2 Σ dB with Σ = W_outᵀ (W_out W_outᵀ)⁻¹, started at r = Σx; for the
 * reservoir-sampler only. Driven by the same noise, the two agree within rounding.
 */
export type Dynamics = 'projected' | 'recurrent'
/**
 * How the denoising loss L = ½ E ‖s(x + σε) + ε/σ‖² (Vincent 2011) is minimised.
 *
 * - `closed-form`, ours, for the reservoir-sampler: W_fb and b are laid out and stay fixed, and W_out = C (G + λI)⁻¹ is one
 *   least-squares solve a noise level, with G = E[a aᵀ], C = E[x̃ aᵀ] − W_fbᵀ diag E[φ′], a = φ(W_fb x̃ + b), x̃ = x + σε.
 * - `adam`, the paper's: all weights by Adam, noise lowered level by level.
 */
export type TrainingMethod = 'closed-form' | 'adam'

/** An array of single-precision numbers with its shape, row-major. */
export interface Tensor {
  /** Extents, outermost first; their product is the length of `data`. */
  readonly shape: readonly number[]
  /** The numbers, row-major. */
  readonly data: Float32Array
}

/** A mixture of isotropic Gaussians in n dimensions: Σ_k weights[k] N(means[k], deviations[k]² I). */
export interface GaussianMixture {
  /** Tells it from a target by name. */
  readonly kind: 'gaussian-mixture'
  /** K positive weights; they are normalised to sum to one. */
  readonly weights: readonly number[]
  /** K means, each of n coordinates. */
  readonly means: readonly (readonly number[])[]
  /** K standard deviations, positive. */
  readonly deviations: readonly number[]
}

/** A law to learn: `double-peak`, the paper's ½N(−1, ½²) + ½N(1, ½²), or a mixture of one's own. */
export type Target = 'double-peak' | GaussianMixture

/**
 * Does the learned drift point inward beyond the data? Where it points outward there is no stationary law, and long chains run
 * away. s is followed along rays u (both directions for n = 1, 256 random ones otherwise) to 1000 R₀.
 */
export interface ConfinementReport {
  /** True when the drift is inward, below zero, at every point probed and, for relu, in the limit along every ray. */
  readonly confined: boolean
  /**
   * R₀, where the rays start, in units of x: the 0.9995 quantile of ‖x‖ over the training points (closed form: with the
   * noise of the last level added).
   */
  readonly radius: number
  /** How many rays were followed: 2 for n = 1, else 256. */
  readonly rays: number
  /** The 13 radii probed, R₀ to 1000 R₀, four a decade, in units of x. */
  readonly radii: readonly number[]
  /** max over rays of s(x)·x/‖x‖² at each of `radii`, in 1/τ; negative is inward. */
  readonly outwardDrift: readonly number[]
  /** For relu: max over rays of lim s(ru)·u/r as r → ∞, in 1/τ, exact along each ray; null for other activations. */
  readonly asymptoticSlope: number | null
  /** The weight of the tail anchors that the closed form ended with, 0.01 or more; 0 after Adam, which has none. */
  readonly anchorWeight: number
  /** A sentence for people when `confined` is false, else null. */
  readonly warning: string | null
}

/** Where a network came from: enough to make it again to the bit. */
export interface Provenance {
  /** Version of everything that decides bits. */
  readonly streamVersion: number
  /** The seed of the run, 0 … 2⁵³ − 1. */
  readonly seed: number
  /**
   * The complete configuration with every default filled in; for training also `target`, or under `data` the hash of the
   * points.
   */
  readonly configuration: Readonly<Record<string, unknown>>
}

/**
 * A network: an immutable value, which may be cloned, sent to another thread or written to a file. Tensor names are those of
 * the authors' code: reservoir-sampler `W1.weight` [n, m] = W_out, `W2.weight` [m, n] = W_fb, `W2.bias` [m] = b (a `J` [n, n]
 * from a file is carried along unused); sampler-only `W.weight` [n, n] = W, `W.bias` [n] = b, `gamma` [n] = γ,
 * `sig` [n, n] = S.
 */
export interface Network {
  /** Which circuit it is, and so which tensors it has. */
  readonly architecture: Architecture
  /** φ, the same for all units. */
  readonly activation: Activation
  /** n, the number of output units. */
  readonly dimension: number
  /** m, the number of reservoir units; n for sampler-only networks. */
  readonly units: number
  /** The weights by name, all single precision. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** Whether the drift points inward; null when nobody looked, as for snapshots and the authors' files. */
  readonly confinement: ConfinementReport | null
  /** How it was trained; null when unknown. */
  readonly provenance: Provenance | null
}

/** A network as it was at the end of one noise level of training. */
export interface LevelSnapshot {
  /** σ of the level, in units of x. */
  readonly noise: number
  /** The network when the level ended; its `confinement` is null. */
  readonly network: Network
}

/** What training returns: the network, and how it got there. */
export interface TrainedNetwork extends Network {
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
  /** Seconds left at that rate. */
  readonly secondsLeft: number
  /** Training only: the newest of the network's `losses`. */
  readonly loss?: number
  /** Training only: σ of the epoch or level that comes next; when all are done, of the last. */
  readonly noise?: number
}

/** What every long call takes. */
export interface RunOptions {
  /** Ends the run; its promise rejects at once with an `AbortedError` whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal
  /** Called on the caller's thread: about every tenth of a second of training, after every block of sampling. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * How to train. Exactly one of `target` and `data` is needed, and nothing else. Noise levels are geometric,
 * σ_k = σ_max (σ_min/σ_max)^(k/(K−1)), k = 0 … K−1, both ends included; a single level is at `noiseMin`.
 */
/**
 * Where a training run by Adam stands between two epochs: a plain value, to be kept in a file (`checkpointToNpz`) or anywhere
 * else. A run resumed from it ends with the bits of one that was never stopped.
 */
export interface Checkpoint {
  /** Tells checkpoints from other values. */
  readonly format: 'langevin-rnn checkpoint'
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

export interface TrainOptions extends RunOptions {
  /** Fresh draws of a known law in each epoch or level … */
  readonly target?: Target
  /**
   * … or data of one's own, [point, n], finite and not all equal, shuffled anew for each epoch or level. It is taken as it is:
   * scale it to a standard deviation between about 0.01 and 5, since single precision loses the score of data far larger
   * (the leak −x is then a large number that W_out φ must almost cancel).
   */
  readonly data?: Tensor
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
   * Adam; for `data` all of it, which is also the most.
   */
  readonly points?: number
  /** σ of the first level, in units of x; default 0.5 in closed form, 1 by Adam. */
  readonly noiseMax?: number
  /** σ of the last level, in units of x, at most `noiseMax`; default 0.05. The network returned is that of this level. */
  readonly noiseMin?: number
  /** K, the number of noise levels, 1 … 10,000; default 4 in closed form, 10 by Adam. */
  readonly levels?: number
  /** Adam: epochs in all, shared out evenly over the levels, at least one each; default 1000. */
  readonly epochs?: number
  /** Adam: points a step, at most `points`; default 32. */
  readonly batch?: number
  /** Adam: step size η; default 1e-4. β₁ = 0.9, β₂ = 0.999 and ε = 1e-8 are fixed, as in PyTorch. */
  readonly learningRate?: number
  /** Adam: weight decay λ, coupled: g + λθ enters the moments, as in PyTorch's `Adam`; default 0. */
  readonly weightDecay?: number
  /** Adam: divide by the largest second moment so far (Reddi, Kale and Kumar 2018); default false. */
  readonly amsgrad?: boolean
  /** Adam: forget moments and step count at each new level; default true. */
  readonly restartLevels?: boolean
  /** Adam: hand over a checkpoint about every so many seconds; needs `onCheckpoint`. Default 30. */
  readonly checkpointSeconds?: number
  /** Adam: gets each checkpoint; training waits for it, and a failure to keep one ends the run. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>
  /** Adam: go on from here; every other option as it was. */
  readonly resume?: Checkpoint
  /**
   * Closed form: ridges λ to choose from, above 0, relative to the mean of G's diagonal; default 1e-12, 1e-11 … 1e-4. The
   * largest within one standard error of the least held-out loss (four folds) is taken, and a larger one while the drift isn't
   * confined.
   */
  readonly ridges?: readonly number[]
}

/**
 * Where chains start: every coordinate from U(low, high), low ≤ high, or from N(mean, deviation²), deviation ≥ 0; or at given
 * states [chain, n]. In units of x.
 */
export type Start =
  | {
      /** A uniform law. */
      readonly kind: 'uniform'
      /** Lower bound, finite. */
      readonly low: number
      /** Upper bound, finite. */
      readonly high: number
    }
  | {
      /** A normal law. */
      readonly kind: 'normal'
      /** Mean of every coordinate, finite. */
      readonly mean: number
      /** Standard deviation of every coordinate. */
      readonly deviation: number
    }
  | {
      /** Given states. */
      readonly kind: 'states'
      /** One state for each chain, [chain, n]. */
      readonly states: Tensor
    }

/**
 * How to sample. `chains`, `steps` and `dt` are needed. Noise is addressed by (seed, chain, step, dimension), so neither
 * workers nor blocks show in the bits.
 */
export interface SampleOptions extends RunOptions {
  /** Chains, 1 … 2³² − 1. */
  readonly chains: number
  /** Steps of each chain, 1 or more. */
  readonly steps: number
  /** Length of a step in units of τ, above 0, at most 1. */
  readonly dt: number
  /** Default `leimkuhler-matthews`. */
  readonly integrator?: Integrator
  /** Default `projected`. */
  readonly dynamics?: Dynamics
  /** Default `direct`. */
  readonly evaluator?: Evaluator
  /** Default N(0, 1) in every coordinate. */
  readonly start?: Start
  /** Record the state after every so many steps beyond `burnIn`; default `steps − burnIn`: the last state only. */
  readonly recordEvery?: number
  /** Steps that are not recorded, fewer than `steps`; default 0. */
  readonly burnIn?: number
  /** A whole number, 0 … 2⁵³ − 1; default 0. */
  readonly seed?: number
  /**
   * Chains 2k and 2k + 1 have noise of opposite signs, and starts that mirror each other in the middle of their law (not
   * `states`). Draws of a pair depend on each other, but laws that are symmetric about their starts come out balanced.
   * Default false: independent chains.
   */
  readonly antithetic?: boolean
  /**
   * Absolute number of the first chain, which addresses its noise: chains 1000 … 1999 may be computed apart from the others.
   * Default 0; `firstChain + chains` is at most 2³².
   */
  readonly firstChain?: number
  /**
   * Absolute number of the first step. With `start` at the `states` of a run of k steps, `firstStep` k goes on where it ended;
   * on the projected path with the bits of an unbroken run. Default 0.
   */
  readonly firstStep?: number
  /** Hand blocks over after this many steps; default: whole trajectories, but for very long ones. Never changes the bits. */
  readonly blockSteps?: number
  /** Chains a block; default chosen from the work and the workers. Never changes the bits. */
  readonly blockChains?: number
}

/** Some chains over some steps, handed over as soon as they are there. */
export interface DrawBlock {
  /** The first chain of the block, counted from the run's first. */
  readonly firstChain: number
  /** How many chains it has. */
  readonly chains: number
  /** Steps that came before, counted from the run's first. */
  readonly firstStep: number
  /** How many steps it covers. */
  readonly steps: number
  /** State after the last step, [chain, n]. */
  readonly states: Float32Array
  /** Records that fall on these steps, [chain, draw, n]; may be none. */
  readonly draws: Float32Array
}

/** All draws of a run: [chain, draw, n]. */
export interface Draws {
  /** The records, row-major, in units of x. */
  readonly data: Float32Array
  /** [chain, draw, n]. */
  readonly shape: readonly [number, number, number]
  /** The seed of the run. */
  readonly seed: number
  /** State of every chain after its last step, [chain, n]: start a continuation here. */
  readonly states: Float32Array
  /** SHA-256, 64 hexadecimal digits, over dtype, shape and little-endian bytes of the records. */
  readonly hash: string
  /** The sampling run; it doesn't hold the network. */
  readonly provenance: Provenance
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
  /**
   * Bytes that a training run may hold, or a sampling run with all of its draws; default 1 GiB. Checked before anything is
   * allocated: what needs more is a `MemoryBudgetError`.
   */
  readonly memoryBudget?: number
  /** The wasm: bytes, an address (in Node also a path), or a compiled module; default the package's own file. */
  readonly wasm?: ArrayBuffer | Uint8Array | URL | string | WebAssembly.Module
}
