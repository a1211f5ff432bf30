// What a scene that trains circuits and lets them sample has to say; the rest is the live experiment's.
import type { Architecture, Change, Engine, Start, Target, Tensor } from 'langevin-rnn'
import type { doublePeakPreset } from 'langevin-rnn/experiments'
import type { Domain } from '../../figures/paths.ts'
import type { RunSettings } from './settings.ts'

/** Options of `engine.train` but for what the plan and the run say themselves. */
type Training = ReturnType<typeof doublePeakPreset>['train']

/** Rows. */
export type Matrix = readonly (readonly number[])[]

/** One of the circuits side by side. */
export interface Role {
  /** Its name on the page and in files; that of its architecture where there is one of each. */
  readonly name: string
  readonly architecture: Architecture
  /** Where the architecture's own is not enough. */
  readonly title?: string
  readonly about?: string
}

/** A role for each architecture. */
export const rolesOf = (architectures: readonly Architecture[]): readonly Role[] =>
  architectures.map((architecture) => ({ name: architecture, architecture }))

/** What figures of a law show. */
export interface Frame {
  /** n: 1 or 2. */
  readonly dimension: 1 | 2
  /** Of every axis, in units of x. */
  readonly range: Domain
}

/** A law to learn, and how. */
export interface Plan extends Frame {
  /** What is learned; of a network that is shown something, the law that it should have for what it is shown now. */
  readonly target: Target
  /** What a network with a stimulus input learns from, in the place of draws of the target. */
  readonly pairs?: (engine: Engine, seed: number) => Promise<{ readonly data: Tensor; readonly stimuli: Tensor }>
  /** The stimulus now. */
  readonly stimulus?: readonly number[]
  /** The stimuli of the whole run by step, the first from step 0 on. */
  readonly shown?: readonly (Change & { readonly stimulus: readonly number[] })[]
  /** The law of each coordinate: one of its own, or a coordinate of another. */
  readonly axes: readonly { readonly law: Target; readonly axis?: number }[]
  /** σ of noise that figures add to the law, in units of x: for one whose density has no bound. */
  readonly blur?: number
  readonly start: Start
  readonly antithetic: boolean
  /** A skew-symmetric Q that a circuit's score is turned by, dx = (I + Q) s dt + √2 dB; none for the others. */
  readonly rotation?: (circuit: string) => Matrix | null
  readonly training: (architecture: Architecture) => Training
}

export interface Experiment<Settings extends RunSettings> {
  /** Side by side, in this order. */
  readonly circuits: readonly Role[]
  /** The step at which the hash of the chains is taken. */
  readonly lastStep: number
  /** Null while the settings hold nothing to learn. The step matters where there are stimuli. */
  readonly plan: (settings: Settings, step: number) => Plan | null
  /** Whether the networks of `before` are of no use after a change. */
  readonly trainsAnew: (before: Settings, after: Settings) => boolean
  /** Whether the chains are of no use, besides a change of their number, step or integrator. */
  readonly samplesAnew?: (before: Settings, after: Settings) => boolean
}
