// What controls and status need of a run, live or played back.
import type { Problem } from '../../platform/support.ts'
import type { RunSettings } from './settings.ts'

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
