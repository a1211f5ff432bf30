// A live experiment: trains its circuits, then moves their chains on, a few steps a frame, until told otherwise.
import type { Engine } from 'langevin-rnn'
import { allTurns, turn } from '../../platform/turns.ts'
import { Circuit, learner } from './circuit.svelte.ts'
import { type Truth, truthOf, wassersteinOf } from './law.ts'
import type { Experiment, Frame, Plan } from './plan.ts'
import type { RunSettings } from './settings.ts'
import { Steered } from './steered.svelte.ts'

/** Between measurements of W1. */
const MEASURE_MILLISECONDS = 250
/** Before any law. */
const EMPTY: Frame = { dimension: 1, range: [-3, 3] }

export class LiveExperiment<Settings extends RunSettings = RunSettings> extends Steered<Settings> {
  readonly circuits: readonly Circuit[]
  readonly lastStep: number
  truth = $state.raw<Truth | null>(null)
  /** What figures show: of the law that is being learned or was last. */
  frame = $state.raw<Frame>(EMPTY)
  /** W1 of as many exact draws as there are chains: the yardstick. */
  exactWasserstein = $state<number | null>(null)
  /** Waits while something else needs the workers. */
  #held = $state(false)

  readonly #starting: Promise<Engine>
  #engine!: Engine
  readonly #experiment: Experiment<Settings>
  /** The first step that no chain has begun: where a change takes effect. */
  next = 0
  /** The law that shows or is on its way, where it may become another. */
  #law: Plan | null = null
  #following = Promise.resolve()
  /** When W1 is due again. */
  #measureAt = 0

  /** @param calm whether the visitor prefers less motion */
  constructor(engine: Promise<Engine>, experiment: Experiment<Settings>, settings: Settings, calm: () => boolean) {
    super(settings, calm)
    this.#starting = engine
    this.#experiment = experiment
    this.frame = experiment.plan(settings, 0) ?? EMPTY
    this.lastStep = experiment.lastStep
    this.circuits = experiment.circuits.map((role) => new Circuit(role, experiment.lastStep))
  }

  async retrain(): Promise<void> {
    const signal = this.newSession()
    const plan = this.#experiment.plan(this.settings, 0)
    if (plan === null) {
      this.phase = 'empty'
      this.#forget()
      return
    }
    const { seed } = this.settings
    try {
      this.#engine = await this.#starting
      if (signal.aborted) return
      this.#law = plan.stimulus ? plan : null
      this.phase = 'training'
      this.#fit(plan)
      const learn = learner(this.#engine, plan, seed, signal)
      // Training first: the chains wait for it, and longest for the first circuit's, which is the largest. One worker leaves a page that is
      // still being made half of a small machine.
      const [largest, ...others] = this.circuits
      const first = largest?.train(plan, learn, signal)
      await allTurns()
      if (signal.aborted) return
      await Promise.all([first, ...others.map((circuit) => circuit.train(plan, learn, signal))])
      if (signal.aborted) return
      this.phase = 'sampling'
      // Before all that chains and networks are compared with.
      if (this.running && !this.held) await this.inTurn(() => this.advance(this.stride, signal, false))
      if (signal.aborted) return
      for (const circuit of this.circuits) circuit.judge(signal)
      await Promise.all([this.#showTruth(plan, signal), this.#measureExact(plan, signal), this.play(signal)])
    } catch (error) {
      this.fail(error, signal)
    }
  }

  async reset(): Promise<void> {
    const plan = this.#experiment.plan(this.settings, 0)
    if (plan === null || this.phase !== 'sampling') return this.retrain()
    const signal = this.newSession()
    for (const circuit of this.circuits) circuit.restart(plan)
    try {
      this.#follow(plan, signal)
      await Promise.all([this.#measureExact(plan, signal), this.play(signal)])
    } catch (error) {
      this.fail(error, signal)
    }
  }

  change(settings: Settings): void {
    const before = this.settings
    this.settings = settings
    if (this.phase === 'sampling') this.#look(this.session.signal)
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

  override get held(): boolean {
    return this.#held
  }

  /** Leaves the workers to someone else, or takes them back. */
  hold(held: boolean): void {
    this.#held = held
    this.wake()
  }

  /** In another frame nothing of the law before makes sense; in the same one the old picture is better than none, and no figure is made anew. */
  #fit({ dimension, range }: Plan): void {
    if (dimension === this.frame.dimension && range.join() === this.frame.range.join()) return
    this.#forget()
    this.frame = { dimension, range }
  }

  #forget(): void {
    this.truth = null
    for (const circuit of this.circuits) circuit.forget()
  }

  protected override newSession(): AbortSignal {
    this.next = 0
    return super.newSession()
  }

  protected async advance(steps: number, signal: AbortSignal, alone: boolean): Promise<void> {
    const from = this.step
    const count = this.upToHash(steps)
    this.next = from + count
    const shown = this.#law && this.#experiment.plan(this.settings, from)?.shown
    await Promise.all(
      this.circuits.map((circuit) => circuit.advance(this.#engine, this.settings, from, count, signal, shown)),
    )
    if (signal.aborted) return
    this.step = from + count
    this.#look(signal)
    if (alone) await this.#measure(signal)
    else if (performance.now() > this.#measureAt) void this.#measure(signal)
  }

  /** The figures of a paused run are those of its last picture. */
  protected override settle(signal: AbortSignal): Promise<void> {
    return this.#measure(signal)
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
    this.#following = this.#following.catch((error) => this.fail(error, signal))
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

  async #showTruth(plan: Plan, signal: AbortSignal): Promise<void> {
    const truth = await truthOf(this.#engine, plan)
    await turn()
    if (this.#stands(plan, signal)) this.truth = truth
  }

  async #measureExact(plan: Plan, signal: AbortSignal): Promise<void> {
    const { chains, seed } = this.settings
    const exact = await this.#engine.targetDraws(plan.target, chains, seed)
    const distance = await wassersteinOf(this.#engine, exact.data, plan)
    if (this.#stands(plan, signal)) this.exactWasserstein = distance
  }

  /** Whether what was found of a law may show: no other has come since, whose own is on its way. */
  #stands(plan: Plan, signal: AbortSignal): boolean {
    return !signal.aborted && (this.#law === null || this.#law === plan)
  }
}
