// The digits' chains: the network is read, then all chains move on by dy = s(y) dt + √(2T) dB, a few steps a frame.
import type { Draws, Engine } from 'langevin-rnn'
import { describe, type Problem } from '../../platform/support.ts'
import { CALM_MILLISECONDS, CALM_STEPS, nextFrame, REST_AFTER, type Steered } from '../shared/steered.ts'
import { type DigitsNetwork, denoise, digitsNetwork, START } from './network.ts'
import { type DigitsSettings, LAST_STEP } from './settings.ts'

const OF_CHAINS = ['seed', 'chains', 'dt', 'integrator', 'temperature'] as const

export class DigitsRun implements Steered<DigitsSettings> {
  readonly role = { name: 'digits' }
  readonly held = false
  settings = $state.raw<DigitsSettings>()!
  phase = $state<'starting' | 'sampling'>('starting')
  running = $state(true)
  rested = $state(false)
  step = $state(0)
  problem = $state.raw<Problem | null>(null)
  /** The chains now, in the network's own units. */
  draws = $state.raw<Draws | null>(null)
  /** What shows of them, [chain, pixel]. */
  pictures = $state.raw<Float32Array | null>(null)
  /** SHA-256 of the chains after `LAST_STEP` steps. */
  hash = $state<string | null>(null)
  digits = $state.raw<DigitsNetwork | null>(null)
  readonly trained = $derived(this.digits?.network ?? null)

  readonly #starting: Promise<Engine>
  #engine!: Engine
  readonly #calm: () => boolean
  #session = new AbortController()
  #restAt = 0
  #work = Promise.resolve()

  /** @param calm whether the visitor prefers less motion */
  constructor(engine: Promise<Engine>, settings: DigitsSettings, calm: () => boolean) {
    this.#starting = engine
    this.settings = settings
    this.#calm = calm
  }

  /** Reads the network where it isn't there yet, and samples from the start. */
  async retrain(): Promise<void> {
    const signal = this.#newSession()
    try {
      this.digits ??= await readDigits()
      this.#engine = await this.#starting
      if (signal.aborted) return
      this.phase = 'sampling'
      await this.#run(signal)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  reset(): Promise<void> {
    return this.retrain()
  }

  change(settings: DigitsSettings): void {
    const before = this.settings
    this.settings = settings
    if (OF_CHAINS.some((name) => settings[name] !== before[name])) void this.reset()
    else if (settings.shown !== before.shown) void this.#inTurn((signal) => this.#show(signal))
  }

  run(): void {
    if (this.step >= this.#restAt) this.#restAt = this.step + REST_AFTER * LAST_STEP
    this.running = true
    this.rested = false
  }

  pause(): void {
    this.running = false
    this.rested = false
  }

  async stepOnce(): Promise<void> {
    this.pause()
    await this.#inTurn((signal) => this.#advance(1, signal))
  }

  dispose(): void {
    this.#session.abort()
  }

  #newSession(): AbortSignal {
    this.#session.abort()
    this.#session = new AbortController()
    this.step = 0
    this.rested = false
    this.problem = null
    this.draws = null
    this.hash = null
    this.#restAt = this.#calm() ? LAST_STEP : REST_AFTER * LAST_STEP
    return this.#session.signal
  }

  async #run(signal: AbortSignal): Promise<void> {
    let lastPicture = 0
    while (!signal.aborted && this.problem === null) {
      const now = await nextFrame()
      const calm = this.#calm()
      if (signal.aborted || !this.running || (calm && now - lastPicture < CALM_MILLISECONDS)) continue
      lastPicture = now
      if (this.step < this.#restAt) {
        await this.#inTurn((mine) => this.#advance(this.settings.pace * (calm ? CALM_STEPS : 1), mine))
      } else {
        this.running = false
        this.rested = true
      }
    }
  }

  /** One after the other, never two at once. */
  #inTurn(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#session
    this.#work = this.#work
      .then(() => (signal.aborted ? undefined : work(signal)))
      .catch((error) => this.#fail(error, signal))
    return this.#work
  }

  async #advance(steps: number, signal: AbortSignal): Promise<void> {
    const { seed, chains, dt, integrator, temperature } = this.settings
    const from = this.step
    // Stops at the step whose hash is shown.
    const count = from < LAST_STEP ? Math.min(steps, LAST_STEP - from) : steps
    const states = this.draws?.states
    const { network } = this.digits!
    const draws = await this.#engine.sample(network, {
      seed,
      chains,
      dt,
      integrator,
      temperature,
      steps: count,
      firstStep: from,
      start: states ? { kind: 'states', states: { shape: [chains, network.dimension], data: states } } : START,
      signal,
    })
    if (signal.aborted) return
    this.draws = draws
    this.step = from + count
    if (this.step === LAST_STEP) this.hash = draws.hash
    await this.#show(signal)
  }

  async #show(signal: AbortSignal): Promise<void> {
    const { draws, digits } = this
    if (draws === null || digits === null) return
    const y = { shape: [draws.shape[0]!, draws.shape[2]!], data: draws.data }
    const shown = this.settings.shown === 'denoised' ? await denoise(this.#engine, digits, y) : y
    const { data } = await this.#engine.reconstruct(shown, digits.basis)
    if (!signal.aborted) this.pictures = data
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.problem = describe(error)
  }
}

async function readDigits(): Promise<DigitsNetwork> {
  const [network, components] = await Promise.all([bytesOf('digits'), bytesOf('digits-components')])
  return digitsNetwork(network, components)
}

async function bytesOf(name: string): Promise<Uint8Array> {
  const response = await fetch(`./${name}.safetensors`)
  if (!response.ok) throw new Error(`${name}.safetensors could not be read: the server answers ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}
