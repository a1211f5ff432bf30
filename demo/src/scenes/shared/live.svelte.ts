// A live experiment: trains its circuits, then moves their chains on, a few steps a frame, until told otherwise.
import type { Engine } from 'langevin-rnn'
import { describe, type Problem } from '../../platform/support.ts'
import { Circuit } from './circuit.svelte.ts'
import { type Truth, truthOf, wassersteinOf } from './law.ts'
import type { Experiment, Plan } from './plan.ts'
import type { RunSettings } from './settings.ts'
import { CALM_MILLISECONDS, CALM_STEPS, nextFrame, REST_AFTER } from './steered.ts'

/** Between measurements of W1. */
const MEASURE_MILLISECONDS = 250

export class LiveExperiment<Settings extends RunSettings = RunSettings> {
  readonly circuits: readonly Circuit[]
  truth = $state.raw<Truth | null>(null)
  /** W1 of as many exact draws as there are chains: the yardstick. */
  exactWasserstein = $state<number | null>(null)
  step = $state(0)
  /** `empty`: the settings hold nothing to learn. */
  phase = $state<'starting' | 'empty' | 'training' | 'sampling'>('starting')
  running = $state(true)
  /** It paused of itself. */
  rested = $state(false)
  /** Waits while something else needs the workers. */
  #held = $state(false)
  problem = $state.raw<Problem | null>(null)
  settings = $state.raw<Settings>()!

  readonly #starting: Promise<Engine>
  #engine!: Engine
  readonly #experiment: Experiment<Settings>
  readonly #calm: () => boolean
  /** The first step that no chain has begun: where a change takes effect. */
  next = 0
  /** The law that shows or is on its way, where it may become another. */
  #law: Plan | null = null
  #following = Promise.resolve()
  #session = new AbortController()
  #restAt = 0
  /** When W1 is due again. */
  #measureAt = 0
  #advancing = Promise.resolve()
  /** Lets a loop that waits look again. */
  #wake: () => void = () => {}

  /** @param calm whether the visitor prefers less motion */
  constructor(engine: Promise<Engine>, experiment: Experiment<Settings>, settings: Settings, calm: () => boolean) {
    this.#starting = engine
    this.#experiment = experiment
    this.circuits = experiment.circuits.map((role) => new Circuit(role, experiment.lastStep))
    this.#calm = calm
    this.settings = settings
  }

  /** Trains, then samples from the start. */
  async retrain(): Promise<void> {
    const signal = this.#newSession()
    const plan = this.#experiment.plan(this.settings, 0)
    if (plan === null) {
      this.phase = 'empty'
      this.truth = null
      for (const circuit of this.circuits) circuit.forget()
      return
    }
    const { seed } = this.settings
    try {
      this.#engine = await this.#starting
      if (signal.aborted) return
      this.#law = plan.stimulus ? plan : null
      this.phase = 'training'
      await Promise.all([
        truthOf(this.#engine, plan).then((truth) => {
          if (!signal.aborted) this.truth = truth
        }),
        this.#measureExact(plan, signal),
        ...this.circuits.map((circuit) => circuit.train(this.#engine, plan, seed, signal)),
      ])
      if (signal.aborted) return
      this.phase = 'sampling'
      await this.#run(signal)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Samples from the start with the networks that are there. */
  async reset(): Promise<void> {
    const plan = this.#experiment.plan(this.settings, 0)
    if (plan === null || this.phase !== 'sampling') return this.retrain()
    const signal = this.#newSession()
    for (const circuit of this.circuits) circuit.restart(plan)
    try {
      this.#follow(plan, signal)
      await this.#measureExact(plan, signal)
      if (signal.aborted) return
      await this.#run(signal)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Takes new settings; only what depends on them is done again. */
  change(settings: Settings): void {
    const before = this.settings
    this.settings = settings
    if (this.phase === 'sampling') this.#look(this.#session.signal)
    if (this.#experiment.trainsAnew(before, settings)) void this.retrain()
    else if (
      settings.chains !== before.chains ||
      settings.dt !== before.dt ||
      settings.integrator !== before.integrator ||
      this.#experiment.samplesAnew?.(before, settings)
    ) {
      void this.reset()
    }
  }

  run(): void {
    if (this.step >= this.#restAt) this.#restAt = this.step + this.#restAfter
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

  /** The step at which the hash of the chains is taken. */
  get lastStep(): number {
    return this.#experiment.lastStep
  }

  get #restAfter(): number {
    return REST_AFTER * this.lastStep
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
    this.next = 0
    this.rested = false
    this.problem = null
    this.#restAt = this.#calm() ? this.lastStep : this.#restAfter
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
      const count = from < this.lastStep ? Math.min(steps, this.lastStep - from) : steps
      this.next = from + count
      const shown = this.#law && this.#experiment.plan(this.settings, from)?.shown
      await Promise.all(
        this.circuits.map((circuit) => circuit.advance(this.#engine, this.settings, from, count, signal, shown)),
      )
      if (signal.aborted) return
      this.step = from + count
      this.#look(signal)
      if (measure) await this.#measure(signal)
      else if (performance.now() > this.#measureAt) void this.#measure(signal)
    })
    return this.#advancing
  }

  /** Whether the law is another by now. */
  #look(signal: AbortSignal): void {
    const plan = this.#law && this.#experiment.plan(this.settings, this.step)
    if (plan && plan.stimulus?.join() !== this.#law?.stimulus?.join()) this.#follow(plan, signal)
  }

  /** Takes another law, of those that wait only the last. */
  #follow(plan: Plan, signal: AbortSignal): void {
    if (plan.stimulus === undefined) return
    this.#law = plan
    this.#following = this.#following.then(async () => {
      if (signal.aborted || this.#law !== plan) return
      const truth = await truthOf(this.#engine, plan)
      await Promise.all(this.circuits.map((circuit) => circuit.follow(this.#engine, plan, signal)))
      await this.#measureExact(plan, signal)
      if (!signal.aborted) this.truth = truth
    })
    this.#following = this.#following.catch((error) => this.#fail(error, signal))
  }

  /** The chains go on meanwhile, and have at least as much of the workers' time. */
  async #measure(signal: AbortSignal): Promise<void> {
    const begun = performance.now()
    const t = this.step * this.settings.dt
    this.#measureAt = Number.POSITIVE_INFINITY
    await Promise.all(this.circuits.map((circuit) => circuit.measure(this.#engine, t, signal)))
    const ended = performance.now()
    this.#measureAt = ended + Math.max(MEASURE_MILLISECONDS, ended - begun)
  }

  async #measureExact(plan: Plan, signal: AbortSignal): Promise<void> {
    const { chains, seed } = this.settings
    const exact = await this.#engine.targetDraws(plan.target, chains, seed)
    const distance = await wassersteinOf(this.#engine, exact.data, plan)
    if (!signal.aborted) this.exactWasserstein = distance
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.problem = describe(error)
  }
}
