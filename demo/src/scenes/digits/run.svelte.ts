// The digits' chains: the network is read, then all chains move on by dy = s(y) dt + √(2T) dB, a few steps a frame.
import type { Draws, Engine } from 'langevin-rnn'
import { Steered } from '../shared/steered.svelte.ts'
import { type DigitsNetwork, denoise, digitsNetwork, START } from './network.ts'
import { type DigitsSettings, LAST_STEP } from './settings.ts'

const OF_CHAINS = ['seed', 'chains', 'dt', 'integrator', 'temperature'] as const

export class DigitsRun extends Steered<DigitsSettings> {
  readonly role = { name: 'digits' }
  readonly lastStep = LAST_STEP
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

  /** @param calm whether the visitor prefers less motion */
  constructor(engine: Promise<Engine>, settings: DigitsSettings, calm: () => boolean) {
    super(settings, calm)
    this.#starting = engine
  }

  /** Reads the network where it isn't there yet, and samples from the start. */
  async retrain(): Promise<void> {
    const signal = this.newSession()
    try {
      this.digits ??= await readDigits()
      this.#engine = await this.#starting
      if (signal.aborted) return
      this.phase = 'sampling'
      await this.play(signal)
    } catch (error) {
      this.fail(error, signal)
    }
  }

  reset(): Promise<void> {
    return this.retrain()
  }

  change(settings: DigitsSettings): void {
    const before = this.settings
    this.settings = settings
    if (OF_CHAINS.some((name) => settings[name] !== before[name])) void this.reset()
    else if (settings.shown !== before.shown) void this.inTurn((signal) => this.#show(signal))
  }

  protected override newSession(): AbortSignal {
    this.draws = null
    this.hash = null
    return super.newSession()
  }

  protected async advance(steps: number, signal: AbortSignal): Promise<void> {
    const { seed, chains, dt, integrator, temperature } = this.settings
    const from = this.step
    const count = this.upToHash(steps)
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
