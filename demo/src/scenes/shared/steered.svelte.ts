// A run that controls steer: sessions, one after the other, and pictures, frame by frame, each some steps after the one before.
import { describe, type Problem } from '../../platform/support.ts'
import type { RunSettings } from './settings.ts'

/** Between pictures, for those who asked for less motion. */
const CALM_MILLISECONDS = 1000
/** As many times the steps then. */
const CALM_STEPS = 40
/** After so many times the last step it pauses of itself, so that a forgotten page does not drain a battery. */
const REST_AFTER = 20

export abstract class Steered<Settings extends RunSettings = RunSettings> {
  settings = $state.raw<Settings>()!
  /** `empty`: the settings hold nothing to learn. */
  phase = $state<'starting' | 'empty' | 'training' | 'sampling'>('starting')
  running = $state(true)
  /** It paused of itself. */
  rested = $state(false)
  step = $state(0)
  problem = $state.raw<Problem | null>(null)
  /** Whether the visitor prefers less motion. */
  protected readonly calm: () => boolean
  protected session = new AbortController()
  #restAt = 0
  #work = Promise.resolve()
  /** Lets a loop that waits look again. */
  #wake: () => void = () => {}

  constructor(settings: Settings, calm: () => boolean) {
    this.settings = settings
    this.calm = calm
  }

  /** The step at which the hash of the chains is taken. */
  abstract readonly lastStep: number
  /** Learns or reads the network, then runs from the start. */
  abstract retrain(): Promise<void>
  /** Runs from the start with the network that is there. */
  abstract reset(): Promise<void>
  /** Takes new settings; only what depends on them is done again. */
  abstract change(settings: Settings): void
  /** Moves everything on; `alone` when no other move follows by itself. */
  protected abstract advance(steps: number, signal: AbortSignal, alone: boolean): Promise<void>

  /** Someone else has the workers. */
  get held(): boolean {
    return false
  }

  run(): void {
    if (this.step >= this.#restAt) this.#restAt = this.step + REST_AFTER * this.lastStep
    this.running = true
    this.rested = false
    this.wake()
  }

  pause(): void {
    this.running = false
    this.rested = false
  }

  async stepOnce(): Promise<void> {
    if (this.phase !== 'sampling' || this.held) return
    this.pause()
    await this.inTurn((signal) => this.advance(1, signal, true))
  }

  dispose(): void {
    this.session.abort()
    this.wake()
  }

  /** Steps from one picture to the next. */
  protected get stride(): number {
    return this.settings.pace * (this.calm() ? CALM_STEPS : 1)
  }

  /** Of some steps as many as lead to the one whose hash is shown, until it is reached. */
  protected upToHash(steps: number): number {
    return this.step < this.lastStep ? Math.min(steps, this.lastStep - this.step) : steps
  }

  /** Ends the session that is there. */
  protected newSession(): AbortSignal {
    this.dispose()
    this.session = new AbortController()
    this.step = 0
    // Whoever changes something has come back.
    if (this.rested) this.running = true
    this.rested = false
    this.problem = null
    this.#restAt = (this.calm() ? 1 : REST_AFTER) * this.lastStep
    return this.session.signal
  }

  /** Frame by frame: the next steps are asked for only when the last ones are there. */
  protected async play(signal: AbortSignal): Promise<void> {
    let lastPicture = Number.NEGATIVE_INFINITY
    let settled = true
    while (!signal.aborted && this.problem === null) {
      const now = await nextFrame()
      if (signal.aborted) break
      if (!this.running || this.held) {
        if (settled) await this.#woken()
        else await this.settle(signal)
        settled = true
      } else if (this.step >= this.#restAt) {
        this.running = false
        this.rested = true
      } else if (!this.calm() || now - lastPicture >= CALM_MILLISECONDS) {
        lastPicture = now
        settled = false
        await this.inTurn(() => this.advance(this.stride, signal, false))
      }
    }
  }

  /** After the last picture before a pause. */
  protected async settle(_signal: AbortSignal): Promise<void> {}

  /** One after the other, never two at once; nothing of a session that has ended. */
  protected inTurn(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.session
    this.#work = this.#work
      .then(() => (signal.aborted ? undefined : work(signal)))
      .catch((error) => this.fail(error, signal))
    return this.#work
  }

  protected wake(): void {
    this.#wake()
  }

  protected fail(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.problem = describe(error)
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

/** Never in a hidden page, which then does no work. */
function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve))
}
