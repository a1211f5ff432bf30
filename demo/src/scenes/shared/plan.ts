// What a scene that trains circuits and lets them sample has to say; the rest is the live experiment's.
import type { Architecture, Start, Target } from 'langevin-rnn'
import type { doublePeakPreset } from 'langevin-rnn/experiments'
import type { Domain } from '../../figures/paths.ts'
import type { RunSettings } from './settings.ts'

/** Options of `engine.train` but for what the plan and the run say themselves. */
type Training = ReturnType<typeof doublePeakPreset>['train']

/** A law to learn, and how. */
export interface Plan {
  readonly target: Target
  /** The law of each coordinate by itself. */
  readonly axes: readonly Target[]
  /** n: 1 or 2. */
  readonly dimension: 1 | 2
  /** What figures show of every axis, in units of x. */
  readonly range: Domain
  readonly start: Start
  readonly antithetic: boolean
  readonly training: (architecture: Architecture) => Training
}

export interface Experiment<Settings extends RunSettings> {
  /** Side by side, in this order. */
  readonly architectures: readonly Architecture[]
  /** The step at which the hash of the chains is taken. */
  readonly lastStep: number
  /** Null while the settings hold nothing to learn. */
  readonly plan: (settings: Settings) => Plan | null
  /** Whether the networks of `before` are of no use after a change. */
  readonly trainsAnew: (before: Settings, after: Settings) => boolean
}
