// What is worked out from points alone: principal components, nearest points.

/**
 * Principal components of points x ∈ ℝᵈ: eigenvectors c_k of Cov(x) = Σ (x − μ)(x − μ)ᵀ/(N − 1), those of the largest eigenvalues
 * first (Pearson 1901; the paper's digits have 300 of them). A plain value: y = C (x − μ) projects, μ + Cᵀ y reconstructs.
 */
export interface PrincipalComponents {
  /** μ [d], in units of x. */
  readonly mean: Float64Array
  /** C [n, d], row-major: unit vectors, orthogonal. In each the entry of largest size is positive, which fixes its sign. */
  readonly components: Float64Array
  /** Variance along each component, falling, in units of x². */
  readonly variances: Float64Array
  /** Variance in all d coordinates: `variances` over it are the shares that are explained. */
  readonly totalVariance: number
}

/** The nearest of some points to each of others. */
export interface NearestPoints {
  /** Which one, counted from 0; of equally near ones the first. */
  readonly index: Uint32Array
  /** ‖x − y‖, in units of x. */
  readonly distance: Float64Array
}
