// What sampling takes and returns.
import type { Diagnostics } from './diagnostics.js'
import type { Progress, RunOptions } from './engine.js'
import type { Provenance, Tensor } from './network.js'

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
 * How a score is computed: `direct`, the sum over all units, O(m) (for one or two outputs and relu units as hinges,
 * w·max(0, v x + b) = w b + w v·max(x, −b/v) for v > 0); `piecewise-linear`, for relu units and projected dynamics, O(1) a step:
 * with one output sorted kinks and a bucket index, up to 80 bytes a unit and worker, with two the cells of a plane that few units' lines
 * cross, up to 8 MB a worker and 8 kB a unit. They agree within rounding; each has its own bits.
 */
export type Evaluator = 'direct' | 'piecewise-linear'
/**
 * What is simulated. `projected`: the outputs x alone, O(mn) a step. `recurrent`: the circuit itself, O(m²) a step,
 * dr = [−r + φ(W_fb W_out r + b)] dt + √2 Σ dB with Σ = W_outᵀ (W_out W_outᵀ)⁻¹, started at r = Σx; for the
 * reservoir-sampler only. Driven by the same noise, the two agree within rounding.
 */
export type Dynamics = 'projected' | 'recurrent'

/**
 * Where chains start: every coordinate from U(low, high), low ≤ high, or from N(mean, deviation²), deviation ≥ 0; or at given
 * states [chain, n]. In units of x.
 */
export type Start =
  | {
      /** A uniform law. */
      readonly kind: 'uniform'
      /** Lower bound, finite, in units of x. */
      readonly low: number
      /** Upper bound, finite, in units of x. */
      readonly high: number
    }
  | {
      /** A normal law. */
      readonly kind: 'normal'
      /** Mean of every coordinate, finite, in units of x. */
      readonly mean: number
      /** Standard deviation of every coordinate, in units of x. */
      readonly deviation: number
    }
  | {
      /** N(μ_d, δ_d²) in coordinate d, as the network's scaling of x has them; N(0, 1) without one. */
      readonly kind: 'data'
    }
  | {
      /** Given states. */
      readonly kind: 'states'
      /** One state for each chain, [chain, n]. */
      readonly states: Tensor
    }

/** What a run's steps depend on and may change while it goes on. */
export interface Conditions {
  /** Length of a step in units of τ, above 0, at most 1. */
  readonly dt: number
  /**
   * T of dx = s(x) dt + √(2T) dB, 0 or above: where s = ∇ log p, the stationary law is p^(1/T), normalised. At 0 there is no
   * noise.
   */
  readonly temperature: number
  /** u of a network with a stimulus input, k numbers in the units of the stimuli that it was trained on; it needs one. */
  readonly stimulus: readonly number[]
  /** σ of a network with a noise-level input, above 0, in units of x; it needs one. */
  readonly noise: number
}

/** New conditions from a step on; what is left out stays as it was. */
export interface Change extends Partial<Conditions> {
  /**
   * Absolute number of the first step that it holds for (the run's first is `firstStep`). A step has its conditions throughout:
   * where noises of two steps are averaged (Leimkuhler–Matthews), both are scaled by those of the step that they enter.
   */
  readonly step: number
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
  /** T of dx = s(x) dt + √(2T) dB, see {@link Conditions}; default 1. */
  readonly temperature?: number
  /** u of a network with a stimulus input, see {@link Conditions}: the draws are of p(x | u). Needed by such a network, absent for others. */
  readonly stimulus?: readonly number[]
  /** σ of a network with a noise-level input, see {@link Conditions}: the draws are of the law with noise σ. Needed by such a network, absent for others. */
  readonly noise?: number
  /**
   * A skew-symmetric Q as rows [n][n], for a network whose raw output is the score: dx = (I + Q) s(x) dt + √2 dB has the same law and
   * mixes faster. In the circuit the drift is (I + Σ Q W_out)(φ(W_rec r + b) − r). Each step's rotation is explicit (`exponential-euler`
   * integrates the leak −x exactly and holds Qx with the rest), so take dt of the order of 1/(1 + ‖Q‖²): where the score is −λx, draws
   * come out wider by a share of λ dt ‖Q‖²/2 to first order. Default none.
   */
  readonly irreversible?: readonly (readonly number[])[]
  /** Changes of dt, temperature, stimulus and noise, in rising order of their steps. They decide bits as all else here does. Default none. */
  readonly changes?: readonly Change[]
  /** Default `leimkuhler-matthews`. */
  readonly integrator?: Integrator
  /** Default `projected`. */
  readonly dynamics?: Dynamics
  /** Default `direct`. */
  readonly evaluator?: Evaluator
  /** Default N(0, 1) in every coordinate; for a network with a scaling of x, N(μ, δ²): `data`. */
  readonly start?: Start
  /** Record the state after every so many steps beyond `burnIn`; default `steps − burnIn`: the last state only. */
  readonly recordEvery?: number
  /** Steps that are not recorded, fewer than `steps`; default 0. */
  readonly burnIn?: number
  /**
   * Reservoir units, 0 … m − 1 and each once, whose rates r are recorded with the draws, in the network's own units; default none. On the
   * projected path only these units are computed, O(n) each and step, and the draws keep their bits; driven by the same noise, their rates
   * are those of the recurrent dynamics within rounding. Like those they start at r = Σx₀ (the least r with W_out r = x₀), also where
   * `start` goes on from `states`: what is left of that start fades as e^−t.
   */
  readonly rates?: readonly number[]
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
   * on the projected path with the bits of an unbroken run (within rounding where the network has a scaling of x). Default 0.
   */
  readonly firstStep?: number
  /**
   * Hand blocks over after this many steps; default: whole trajectories, but for very long ones. Never changes the bits. Changes
   * made while the run goes on take effect at multiples of it.
   */
  readonly blockSteps?: number
  /** Chains a block; default chosen from the work and the workers. Never changes the bits. */
  readonly blockChains?: number
  /** Hand over a checkpoint about every so many seconds; needs `onCheckpoint`. Default 30. */
  readonly checkpointSeconds?: number
  /**
   * Gets each checkpoint, and one more when the run is stopped or a worker dies; the run waits for it, and a failure to keep one
   * ends the run. Default none.
   */
  readonly onCheckpoint?: (checkpoint: SampleCheckpoint) => void | Promise<void>
  /** Go on from here; network and every other option as they were, but for blocks. Default: from the start. */
  readonly resume?: SampleCheckpoint
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
  /** Rates of the chosen units in these records, [chain, draw, unit]; empty where none are. */
  readonly rates: Float32Array
}

/** How far some chains are. */
export interface ChainProgress {
  /** The first of them, counted from the run's first. */
  readonly firstChain: number
  /** How many they are. */
  readonly chains: number
  /** Steps that each has taken. */
  readonly steps: number
  /** Draws that each has. */
  readonly draws: number
}

/** What a run has drawn so far: of the chains that have the same number of draws, or more, as many draws as there can be. */
export interface DrawsSoFar {
  /** The records [chain, draw, n], row-major, in units of x. */
  readonly data: Float32Array
  /** [chain, draw, n]. Its rows are the chains of those `blocks` that have `shape[1]` draws or more, in order. */
  readonly shape: readonly [number, number, number]
  /** Rates of the chosen units at the times of the records, [chain, draw, unit]; null when no units were chosen. */
  readonly rates: Float32Array | null
  /** The chosen units, in the order of `rates`. */
  readonly rateUnits: readonly number[]
  /** The seed of the run. */
  readonly seed: number
  /** State of the chains in `data` after their last step, [chain, n]: start a continuation of a complete run here. */
  readonly states: Float32Array
  /** Whether all chains have taken all steps. */
  readonly complete: boolean
  /** How far all chains are; chains that haven't begun are in none. */
  readonly blocks: readonly ChainProgress[]
  /** The sampling run; it doesn't hold the network. */
  readonly provenance: Provenance
}

/** All draws of a run, [chain, draw, n]; of a stopped one those that there are. */
export interface Draws extends DrawsSoFar {
  /** SHA-256, 64 hexadecimal digits, over dtype, shape and little-endian bytes of the records. */
  readonly hash: string
  /** The same of the rates; null when there are none. */
  readonly ratesHash: string | null
}

/** A running, paused or ended sampling run, looked into. */
export interface SampleInspection extends DrawsSoFar {
  /** How far it is; null before the first block. */
  readonly progress: Progress | null
  /** What the draws tell; null with fewer than two draws a chain, or when not asked for. */
  readonly diagnostics: Diagnostics | null
}

/**
 * Where a sampling run stands: a plain value, to be kept in a file (`checkpointToNpz`) or anywhere else. A run resumed from it
 * ends with the bits of one that was never stopped.
 */
export interface SampleCheckpoint {
  /** Tells checkpoints from other values. */
  readonly format: 'langevin-rnn checkpoint'
  /** Tells it from a checkpoint of training. */
  readonly stage: 'sample'
  /** Version of everything that decides bits: only the same one can go on. */
  readonly streamVersion: number
  /** The run's complete configuration, changes made while it ran included: only the same one can go on. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** SHA-256 over the network's tensors in the order of their names, as one float32 array: only the same one can go on. */
  readonly network: string
  /** How far the chains are; those that haven't begun are in none. */
  readonly blocks: readonly ChainProgress[]
  /**
   * Of the chains of all blocks in order: `draws` [chain, draw, n], `rates` [chain, draw, unit] where units were chosen, `states`
   * [chain, n], and `carry`, what the next step needs.
   */
  readonly arrays: Readonly<Record<'draws' | 'states' | 'carry', Float32Array> & Partial<Record<'rates', Float32Array>>>
}
