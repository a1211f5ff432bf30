// The live experiment: trains the three circuits, then moves their chains on, a few steps a frame, until told otherwise.
import type { Engine } from 'langevin-rnn'
import { describe, type Problem } from '../../platform/support.ts'
import { Circuit, GRID, LAST_STEP, TARGET } from './circuit.svelte.ts'
import type { Settings } from './settings.ts'

/** Between measurements of W1. */
const MEASURE_MILLISECONDS = 250
/** Between pictures, for those who asked for less motion. */
const CALM_MILLISECONDS = 1000
const CALM_STEPS = 40
/** After so many steps it pauses of itself, so that a forgotten page does not drain a battery. */
const REST_AFTER = 20 * LAST_STEP

export interface Truth {
  readonly density: Float64Array
  readonly score: Float64Array
}

export class LiveExperiment {
  readonly circuits = [
    new Circuit('reservoir-sampler'),
    new Circuit('sampler-only-rate'),
    new Circuit('sampler-only-current'),
  ]
  truth = $state.raw<Truth | null>(null)
  /** W1 of as many exact draws as there are chains: the yardstick. */
  exactWasserstein = $state<number | null>(null)
  step = $state(0)
  phase = $state<'idle' | 'training' | 'sampling'>('idle')
  running = $state(true)
  /** It paused of itself. */
  rested = $state(false)
  /** Waits while something else needs the workers. */
  #held = $state(false)
  problem = $state.raw<Problem | null>(null)
  settings = $state.raw<Settings>()!

  readonly #engine: Engine
  readonly #calm: () => boolean
  #session = new AbortController()
  #restAt = REST_AFTER
  #lastMeasured = 0
  #advancing = Promise.resolve()
  /** Lets a loop that waits look again. */
  #wake: () => void = () => {}

  /** @param calm whether the visitor prefers less motion */
  constructor(engine: Engine, settings: Settings, calm: () => boolean) {
    this.#engine = engine
    this.#calm = calm
    this.settings = settings
  }

  /** Trains, then samples from the start. */
  async retrain(): Promise<void> {
    const signal = this.#newSession()
    const { seed, chains } = this.settings
    this.phase = 'training'
    try {
      const [truth, exact] = await Promise.all([
        this.#engine.targetValues(TARGET, GRID),
        this.#exactDraws(chains, seed),
        ...this.circuits.map((circuit) => circuit.train(this.#engine, seed, signal)),
      ])
      if (signal.aborted) return
      this.truth = truth
      this.exactWasserstein = exact
      this.phase = 'sampling'
      await this.#run(signal)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Samples from the start with the networks that are there. */
  async reset(): Promise<void> {
    if (this.phase !== 'sampling') return this.retrain()
    const signal = this.#newSession()
    const { seed, chains } = this.settings
    for (const circuit of this.circuits) circuit.restart()
    try {
      const exact = await this.#exactDraws(chains, seed)
      if (signal.aborted) return
      this.exactWasserstein = exact
      await this.#run(signal)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Takes new settings; only what depends on them is done again. */
  change(settings: Settings): void {
    const before = this.settings
    this.settings = settings
    if (settings.seed !== before.seed) void this.retrain()
    else if (
      settings.chains !== before.chains ||
      settings.dt !== before.dt ||
      settings.integrator !== before.integrator
    ) {
      void this.reset()
    }
  }

  run(): void {
    if (this.step >= this.#restAt) this.#restAt = this.step + REST_AFTER
    this.running = true
    this.rested = false
    this.#wake()
  }

  pause(): void {
    this.running = false
    this.rested = false
  }

  /** One step of every chain. */
  async stepOnce(): Promise<void> {
    if (this.phase !== 'sampling' || this.held) return
    this.pause()
    await this.#advance(1, this.#session.signal, true)
  }

  get held(): boolean {
    return this.#held
  }

  /** Leaves the workers to someone else, or takes them back. */
  hold(held: boolean): void {
    this.#held = held
    this.#wake()
  }

  dispose(): void {
    this.#session.abort()
    this.#wake()
  }

  #newSession(): AbortSignal {
    this.#session.abort()
    this.#wake()
    this.#session = new AbortController()
    this.step = 0
    this.rested = false
    this.problem = null
    this.#restAt = this.#calm() ? LAST_STEP : REST_AFTER
    return this.#session.signal
  }

  /** Frame by frame: the next steps are asked for only when the last ones are there. */
  async #run(signal: AbortSignal): Promise<void> {
    let lastPicture = 0
    let measured = true
    while (!signal.aborted) {
      await nextFrame()
      if (signal.aborted) break
      if (!this.running || this.held) {
        // The figures of a paused run are those of its last picture.
        if (!measured) await this.#measure(signal)
        measured = true
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      const calm = this.#calm()
      const now = performance.now()
      if (calm && now - lastPicture < CALM_MILLISECONDS) continue
      lastPicture = now
      measured = false
      const last = this.step >= this.#restAt
      if (last) {
        this.running = false
        this.rested = true
        continue
      }
      await this.#advance(this.settings.pace * (calm ? CALM_STEPS : 1), signal, false)
    }
  }

  /** One after the other, never two at once. */
  #advance(steps: number, signal: AbortSignal, measure: boolean): Promise<void> {
    this.#advancing = this.#advancing.then(async () => {
      if (signal.aborted) return
      const from = this.step
      // Stops at the step whose hash is shown.
      const count = from < LAST_STEP ? Math.min(steps, LAST_STEP - from) : steps
      await Promise.all(
        this.circuits.map((circuit) => circuit.advance(this.#engine, this.settings, from, count, signal)),
      )
      if (signal.aborted) return
      this.step = from + count
      const due = performance.now() - this.#lastMeasured > MEASURE_MILLISECONDS
      if (measure || due) await this.#measure(signal)
    })
    return this.#advancing
  }

  async #measure(signal: AbortSignal): Promise<void> {
    this.#lastMeasured = performance.now()
    await Promise.all(this.circuits.map((circuit) => circuit.measure(this.#engine, signal)))
  }

  async #exactDraws(chains: number, seed: number): Promise<number> {
    const exact = await this.#engine.targetDraws(TARGET, chains, seed)
    return this.#engine.wasserstein(exact.data, TARGET)
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.problem = describe(error)
  }
}

/** Never in a hidden page, which then does no work. */
function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve))
}
