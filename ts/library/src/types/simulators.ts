// Simulators whose posterior a network with a stimulus is to sample, and the change of variable of a bounded prior.
import type { Tensor } from './network.js'

/**
 * A task of the sbibm benchmark (Lueckmann et al. 2021): parameters θ from a prior, data from a simulator.
 *
 * - `two-moons`: θ ~ U(−1, 1)²; data (r cos a + ¼ − |θ₀ + θ₁|/√2, r sin a + (θ₁ − θ₀)/√2), a ~ U(−π/2, π/2), r ~ N(0.1, 0.01²).
 * - `gaussian-mixture`: θ ~ U(−10, 10)²; data ~ ½N(θ, I) + ½N(θ, 0.1² I).
 * - `gaussian-linear`: θ ~ N(0, 0.1 I) in ten dimensions; data ~ N(θ, 0.1 I).
 * - `slcp`: θ ~ U(−3, 3)⁵; data four points of the normal law with mean (θ₀, θ₁), deviations θ₂² and θ₃², correlation tanh θ₄.
 */
export type Task = 'two-moons' | 'gaussian-mixture' | 'gaussian-linear' | 'slcp'

/** Simulations of a task. */
export interface Simulations {
  /** θ, [simulation, d]: 2, 2, 10 or 5 parameters. */
  readonly parameters: Tensor
  /** What the simulator gave for each, [simulation, k]: 2, 2, 10 or 8 numbers. */
  readonly data: Tensor
}

/**
 * The box [−a, a] as the whole line: x = (θ − μ)/w + ln(1 − e^−(θ+a)/w) − ln(1 − e^−(a−θ)/w), linear deeper in the box than some
 * widths w, and for w → ∞ its logit.
 */
export interface Box {
  /** a, above 0, in units of θ; 0 for no box, where the change of variable is linear. */
  readonly bound: number
  /** μ of each number, in the box. */
  readonly centres: Float64Array
  /** w of each number, above 0. */
  readonly widths: Float64Array
}
