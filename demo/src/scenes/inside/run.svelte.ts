// A run with the rates of all units: trained and sampled at once, then played back a few steps a frame.
import type { CoordinateDiagnostics, Draws, Engine, TrainedNetwork } from 'langevin-rnn'
import { turn } from '../../platform/turns.ts'
import { Steered } from '../shared/steered.svelte.ts'
import { type InsideSettings, LAST_STEP, runOf, TRAIN } from './settings.ts'
import { type Unit, unitsOf } from './wiring.ts'

const LAGS = 200

export class InsideRun extends Steered<InsideSettings> {
  readonly role = { name: 'reservoir-sampler', architecture: 'reservoir-sampler' } as const
  readonly lastStep = LAST_STEP
  trained = $state.raw<TrainedNetwork | null>(null)
  /** All of the run, every step recorded; `step` says how far it has been played. */
  draws = $state.raw<Draws | null>(null)
  /** Wall time of the run's computation. */
  milliseconds = $state<number | null>(null)
  /** √(2dt) ε of each step of the first chain: what its output did beyond dt·s. */
  noise = $state.raw<Float64Array | null>(null)
  ofOutput = $state.raw<CoordinateDiagnostics | null>(null)
  ofUnit = $state.raw<CoordinateDiagnostics | null>(null)
  /** In the order in which they are drawn. */
  readonly units = $derived<readonly Unit[]>(this.trained === null ? [] : unitsOf(this.trained))

  readonly #engine: Promise<Engine>

  /** @param calm whether the visitor prefers less motion: then the run shows whole */
  constructor(engine: Promise<Engine>, settings: InsideSettings, calm: () => boolean) {
    super(settings, calm)
    this.#engine = engine
  }

  async retrain(): Promise<void> {
    const signal = this.newSession()
    this.trained = null
    try {
      const engine = await this.#engine
      if (signal.aborted) return
      this.phase = 'training'
      const { seed } = this.settings
      const network = await engine.train({
        target: 'double-peak',
        architecture: 'reservoir-sampler',
        seed,
        ...TRAIN,
        signal,
      })
      if (signal.aborted) return
      // Its figures are drawn while the workers sample.
      const shown = turn().then(() => {
        if (!signal.aborted) this.trained = network
      })
      await Promise.all([this.#sample(engine, network, signal), shown])
    } catch (error) {
      this.fail(error, signal)
    }
  }

  async reset(): Promise<void> {
    const { trained } = this
    if (trained === null) return this.retrain()
    const signal = this.newSession()
    try {
      await this.#sample(await this.#engine, trained, signal)
    } catch (error) {
      this.fail(error, signal)
    }
  }

  change(settings: InsideSettings): void {
    const before = this.settings
    this.settings = settings
    if (settings.seed !== before.seed) void this.retrain()
    else if (settings.dt !== before.dt || settings.integrator !== before.integrator) void this.reset()
    else if (settings.unit !== before.unit) void this.#judgeUnit(this.session.signal)
  }

  /** From the start again once it has been played. */
  override run(): void {
    if (this.step >= LAST_STEP) this.step = 0
    super.run()
  }

  protected async advance(steps: number): Promise<void> {
    this.step = Math.min(LAST_STEP, this.step + steps)
    if (this.step === LAST_STEP) this.pause()
  }

  protected override get stride(): number {
    return this.calm() ? LAST_STEP : super.stride
  }

  protected override newSession(): AbortSignal {
    this.running = true
    this.draws = null
    this.noise = null
    this.ofOutput = null
    this.ofUnit = null
    return super.newSession()
  }

  async #sample(engine: Engine, network: TrainedNetwork, signal: AbortSignal): Promise<void> {
    const begun = performance.now()
    const draws = await engine.sample(network, { ...runOf(this.settings), signal })
    if (signal.aborted) return
    this.milliseconds = performance.now() - begun
    this.draws = draws
    this.phase = 'sampling'
    void this.play(signal)
    const x = draws.data.subarray(0, LAST_STEP)
    const [scores, told] = await Promise.all([
      engine.score(network, { shape: [LAST_STEP, 1], data: x.slice() }),
      engine.diagnose(draws, { lags: LAGS }),
      this.#judgeUnit(signal),
    ])
    if (signal.aborted) return
    const { dt } = this.settings
    this.noise = Float64Array.from({ length: LAST_STEP - 1 }, (_, i) => x[i + 1]! - x[i]! - dt * scores[i]!)
    this.ofOutput = told.coordinates[0]!
  }

  /** What the rates of the unit that is looked at tell. */
  async #judgeUnit(signal: AbortSignal): Promise<void> {
    const { draws, settings } = this
    if (draws?.rates == null) return
    const { rates, rateUnits, shape } = draws
    const [chains, count] = shape
    const data = Float32Array.from({ length: chains * count }, (_, i) => rates[i * rateUnits.length + settings.unit]!)
    try {
      const engine = await this.#engine
      const options = { interval: settings.dt, lags: LAGS }
      const told = await engine.diagnose({ shape: [chains, count, 1], data }, options)
      if (!signal.aborted && this.settings.unit === settings.unit) this.ofUnit = told.coordinates[0]!
    } catch (error) {
      this.fail(error, signal)
    }
  }
}
