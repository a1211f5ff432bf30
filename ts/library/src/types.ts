// The public vocabulary: what goes into the engine and what comes out of it.
// Plain values only: everything here survives structured cloning between threads.

/** The three circuits (DESIGN: Chen et al. 2023, sections 2 and 3). */
export type Architecture = 'reservoir-sampler' | 'sampler-only-rate' | 'sampler-only-current'
/** The activation φ of every unit. */
export type Activation = 'relu' | 'tanh' | 'softplus' | 'sigmoid'
/** How the stochastic differential equation is discretised. */
export type Integrator = 'euler-maruyama' | 'exponential-euler' | 'leimkuhler-matthews'
/**
 * How a score is computed: `direct`, the sum over all units, O(m); `piecewise-linear`, sorted kinks and a bucket index, O(1) a
 * step, for one output, relu units and projected dynamics. They agree within rounding; each has its own bits.
 */
export type Evaluator = 'direct' | 'piecewise-linear'
/** `projected`: x alone, O(mn) a step; `recurrent`: the m×m circuit itself (reservoir-sampler only). */
export type Dynamics = 'projected' | 'recurrent'
/** `closed-form`: one regularised least-squares solve of W_out; `adam`: the paper's annealed training. */
export type TrainingMethod = 'closed-form' | 'adam'

/** An array of single-precision numbers with its shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A mixture of isotropic Gaussians in n dimensions: Σ_k weights[k] N(means[k], deviations[k]² I). */
export interface GaussianMixture {
  readonly kind: 'gaussian-mixture'
  /** K positive weights; they are normalised to sum to one. */
  readonly weights: readonly number[]
  /** K means, each of n coordinates. */
  readonly means: readonly (readonly number[])[]
  /** K standard deviations, positive. */
  readonly deviations: readonly number[]
}

/** A target by name, or a mixture of one's own. */
export type Target = 'double-peak' | GaussianMixture

/** Does the learned drift point inward everywhere? (DESIGN §1, confinement) */
export interface ConfinementReport {
  /** True when no probed point (and, for relu, no asymptotic slope) drifts outward. */
  readonly confined: boolean
  /** The data radius R₀ (0.9995 quantile of ‖x‖) that the rays start from. */
  readonly radius: number
  /** How many rays were followed. */
  readonly rays: number
  /** The radii probed, in units of x. */
  readonly radii: readonly number[]
  /** max over rays of s(x)·x/‖x‖² at each radius, in 1/τ; negative is inward. */
  readonly outwardDrift: readonly number[]
  /** For relu: the largest radial slope as ‖x‖ → ∞, exact along each ray; otherwise null. */
  readonly asymptoticSlope: number | null
  /** The weight of the tail anchors that training ended with; 0 when there were none. */
  readonly anchorWeight: number
  /** A sentence for people when `confined` is false, else null. */
  readonly warning: string | null
}

/** Where a network came from: enough to make it again to the bit. */
export interface Provenance {
  readonly streamVersion: number
  readonly seed: number
  /** The complete configuration with every default filled in. */
  readonly configuration: Readonly<Record<string, unknown>>
}

/**
 * A network: an immutable value. Tensor names are the authors':
 * reservoir-sampler `W1.weight` [n,m] = W_out, `W2.weight` [m,n] = W_fb, `W2.bias` [m] = b;
 * sampler-only `W.weight` [n,n], `W.bias` [n], `gamma` [n], `sig` [n,n] = S.
 */
export interface Network {
  readonly architecture: Architecture
  readonly activation: Activation
  /** n, the number of output units. */
  readonly dimension: number
  /** m, the number of reservoir units; n for sampler-only networks. */
  readonly units: number
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly confinement: ConfinementReport | null
  readonly provenance: Provenance | null
}

/** A network as it was at the end of one noise level of training. */
export interface LevelSnapshot {
  readonly noise: number
  readonly network: Network
}

/** What training returns: the network, and how it got there. */
export interface TrainedNetwork extends Network {
  /** Mean denoising loss of each epoch (Adam) or held-out loss of each level (closed form). */
  readonly losses: Float64Array
  readonly levels: readonly LevelSnapshot[]
  /** SHA-256 over the tensors, in the order of their names. */
  readonly hash: string
}

/** How far a long call has come. */
export interface Progress {
  readonly stage: 'train' | 'sample'
  /** Work done and in all: epochs or levels for training, chain-steps for sampling. */
  readonly done: number
  readonly total: number
  readonly unit: 'epochs' | 'levels' | 'chain-steps'
  /** Units a second since the start, and seconds left at that rate. */
  readonly rate: number
  readonly secondsLeft: number
  /** Training only: the newest loss and its noise level. */
  readonly loss?: number
  readonly noise?: number
}

/** What every long call takes. */
export interface RunOptions {
  /** Ends the run; its promise rejects with an `AbortedError`. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

export interface TrainOptions extends RunOptions {
  /** Fresh draws of a known law … */
  readonly target?: Target
  /** … or data of one's own, [point, n]; exactly one of the two. */
  readonly data?: Tensor
  /** Default `reservoir-sampler`. */
  readonly architecture?: Architecture
  /** m; default 128. Sampler-only networks have n units and take none. */
  readonly units?: number
  /** Default `relu`. */
  readonly activation?: Activation
  /** Default `closed-form` for the reservoir-sampler, `adam` for the sampler-only networks. */
  readonly method?: TrainingMethod
  /** 0 … 2⁵³−1; default 0. */
  readonly seed?: number
  /** Points a pass (closed form: points in all); default 100,000 closed form, 10,000 Adam. With `data`: all of it. */
  readonly points?: number
  /** Noise levels: geometric from noiseMax to noiseMin, both included. */
  readonly noiseMax?: number
  readonly noiseMin?: number
  readonly levels?: number
  /** Adam: epochs in all, an equal number a level. */
  readonly epochs?: number
  readonly batch?: number
  readonly learningRate?: number
  readonly weightDecay?: number
  readonly amsgrad?: boolean
  readonly restartLevels?: boolean
  /** Closed form: relative ridges λ to choose from by held-out loss. */
  readonly ridges?: readonly number[]
}

/** Where chains start: a uniform or normal law, or given states [chain, n]. */
export type Start =
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'states'; readonly states: Tensor }

export interface SampleOptions extends RunOptions {
  readonly chains: number
  readonly steps: number
  /** Step in units of τ. */
  readonly dt: number
  /** Default `leimkuhler-matthews`. */
  readonly integrator?: Integrator
  /** Default `projected`. */
  readonly dynamics?: Dynamics
  /** Default `direct`. */
  readonly evaluator?: Evaluator
  /** Default normal(0, 1). */
  readonly start?: Start
  /** Record every so many steps; default `steps`: the last state only. */
  readonly recordEvery?: number
  /** Steps before the first record counts; default 0. */
  readonly burnIn?: number
  readonly seed?: number
  /**
   * Chains 2k and 2k + 1 share start and noise with opposite signs. Draws of a pair depend on each other, but laws that
   * are symmetric about their starts come out balanced. Default false: independent chains.
   */
  readonly antithetic?: boolean
  /** Absolute number of the first chain and step: they address the noise. Default 0. */
  readonly firstChain?: number
  readonly firstStep?: number
  /** Hand blocks over after this many steps; default: a whole trajectory a block. */
  readonly blockSteps?: number
  /** Chains a block; default chosen from the work, never changes the bits. */
  readonly blockChains?: number
}

/** Some chains over some steps, handed over as soon as they are there. */
export interface DrawBlock {
  readonly firstChain: number
  readonly chains: number
  readonly firstStep: number
  readonly steps: number
  /** State after the last step, [chain, n]. */
  readonly states: Float32Array
  /** Records of these steps, [chain, draw, n]. */
  readonly draws: Float32Array
}

/** All draws of a run: [chain, draw, n]. */
export interface Draws {
  readonly data: Float32Array
  readonly shape: readonly [number, number, number]
  readonly seed: number
  /** State of every chain after its last step, [chain, n]: start a continuation here. */
  readonly states: Float32Array
  /** SHA-256 over dtype, shape and little-endian bytes. */
  readonly hash: string
  readonly provenance: Provenance
}

/** One-dimensional quality of a learned score against a known law. */
export interface ScoreQuality {
  /** ∫ p(x) (s(x) − ∂ log p(x))² dx over the clean target, no factor ½. */
  readonly fisherDivergence: number
  /** W1 between the target and the stationary law that the drift has, by quadrature. */
  readonly lawWasserstein: number
  /** The quadrature grid, the law's density on it, and the number of its peaks. */
  readonly grid: Float64Array
  readonly density: Float64Array
  readonly modes: number
}

/** Values of a target on a grid of points, [point, n]. */
export interface TargetValues {
  readonly density: Float64Array
  /** ∇ log p, [point, n]. */
  readonly score: Float64Array
}

export interface EngineOptions {
  /** Workers; default: the machine's cores, at most 8. */
  readonly workers?: number
  /** Bytes that one worker's call may take; default 1 GiB. */
  readonly memoryBudget?: number
  /** The wasm: bytes, an address, or a compiled module; default the package's own file. */
  readonly wasm?: ArrayBuffer | Uint8Array | URL | string | WebAssembly.Module
}
