// What controls and status need of a run, live or played back.
import type { Problem } from '../../platform/support.ts'
import type { RunSettings } from './settings.ts'

/** Between pictures, for those who asked for less motion. */
export const CALM_MILLISECONDS = 1000
/** As many times the steps then. */
export const CALM_STEPS = 40
/** After so many times the last step it pauses of itself, so that a forgotten page does not drain a battery. */
export const REST_AFTER = 20

export interface Steered<Settings extends RunSettings = RunSettings> {
  readonly settings: Settings
  readonly phase: 'starting' | 'empty' | 'training' | 'sampling'
  readonly running: boolean
  /** Someone else has the workers. */
  readonly held: boolean
  /** It paused of itself. */
  readonly rested: boolean
  readonly step: number
  readonly problem: Problem | null
  run(): void
  pause(): void
  stepOnce(): Promise<void>
  reset(): Promise<void>
  retrain(): Promise<void>
}

/** Never in a hidden page, which then does no work. */
export function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve))
}
