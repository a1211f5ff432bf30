// Networks and laws as plain values.

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

/** An array of single-precision numbers with its shape, row-major. */
export interface Tensor {
  /** Extents, outermost first; their product is the length of `data`. */
  readonly shape: readonly number[]
  /** The numbers, row-major, as many as the product of the extents [a, b, …]. */
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

/**
 * A law to learn, by name or a mixture of one's own:
 *
 * - `double-peak`: the paper's first, ½N(−1, ½²) + ½N(1, ½²).
 * - `laplace-mixture`: the paper's second, ½ Laplace(0, Γ₊) + ½ Laplace(0, Γ₋), Γ± = [[1, ±0.9], [±0.9, 1]], where
 *   Laplace(0, Γ) is √E·N(0, Γ), E ~ Exp(1). Each axis is Laplace with variance 1 and excess kurtosis 3.
 * - `ring`: a circle of radius 2 blurred by σ = 0.2, as 64 Gaussians on it.
 * - `spiral`: γ(t) = 0.2 t (cos t, sin t), t = π/2 … 4π, uniform in length and blurred by σ = 0.15, as 192 Gaussians on it.
 */
export type Target = 'double-peak' | 'laplace-mixture' | 'ring' | 'spiral' | GaussianMixture

/**
 * Does the learned drift point inward beyond the data? Where it points outward there is no stationary law, and long chains run
 * away. The drift that runs, the raw output, is followed along rays u (both directions for n = 1, 256 random ones otherwise) to
 * 1000 R₀. With a scaling of x, radii are in its standardised units; with an input, the worst of eight stimuli of the data counts.
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
  /** Of a network: the package that trained it, such as `langevin-rnn 0.1.0`; absent where nothing tells. */
  readonly package?: string
  /** The command that makes it again, where one did; absent otherwise. Options that decide no bit are left out. */
  readonly command?: string
}

/** Mean μ and standard deviation δ > 0 of each coordinate, in its own units: a network that has them works in (x − μ)/δ. */
export interface Units {
  /** μ of each coordinate. */
  readonly mean: readonly number[]
  /** δ of each coordinate. */
  readonly deviation: readonly number[]
}

/** The units of what a network gives and takes. Whoever samples it or asks for its score speaks in these; nothing is scaled twice. */
export interface Scaling {
  /**
   * Of x, n coordinates; absent where the network works in units of x itself. The dynamics run in (x − μ)/δ, so that in x they are
   * preconditioned by δ²: the same law, at a speed that doesn't depend on the data's units.
   */
  readonly x?: Units
  /** Of the stimulus u, with log σ after it for a network with a noise-level input (σ in units of x); absent without such an input. */
  readonly stimulus?: Units
}

/**
 * A network: an immutable value, which may be cloned, sent to another thread or written to a file. Tensor names are those of
 * the authors' code: reservoir-sampler `W1.weight` [n, m] = W_out, `W2.weight` [m, n] = W_fb, `W2.bias` [m] = b, with a stimulus
 * input `W_in.weight` [m, k] (k is one more with a noise-level input), with a Q of its own `J` [n, n]; sampler-only
 * `W.weight` [n, n] = W, `W.bias` [n] = b, `gamma` [n] = γ, `sig` [n, n] = S.
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
  /**
   * c, a dimensionless number, of Q = c (J − Jᵀ)/‖J − Jᵀ‖_F: the raw output f(x) = −x + W_out φ(W_fb x + b), by which the network runs, is (I + Q) s(x). Absent:
   * the raw output is the score (and a `J` from a file is carried along unused).
   */
  readonly irreversibleScale?: number
  /** True when the last input is log σ: one network for all noise levels; absent otherwise. */
  readonly noiseInput?: boolean
  /** The units of x and of the stimulus; absent where they are the network's own. */
  readonly scaling?: Scaling
  /** Whether the drift points inward; null when nobody looked, as for snapshots and the authors' files. */
  readonly confinement: ConfinementReport | null
  /** How it was trained; null when unknown. */
  readonly provenance: Provenance | null
}
