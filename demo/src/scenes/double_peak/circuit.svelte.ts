// One architecture on the page: its network once trained, its chains as they move, and how good both are.
import type { Architecture, Engine, Network, ScoreQuality, Target, Tensor, TrainedNetwork } from 'langevin-rnn'
import { doublePeakPreset } from 'langevin-rnn/experiments'
import { type Domain, type Histogram, histogram } from '../../figures/paths.ts'
import { describe, type Problem } from '../../platform/support.ts'
import { preset, type Settings } from './settings.ts'

export const TARGET: Target = 'double-peak'
export const RANGE: Domain = [-3, 3]
const BINS = 60
/** The preset's last step: the hash of the chains is taken here. */
export const LAST_STEP = preset.steps

const GRID_POINTS = 301
/** Where scores are drawn. */
export const GRID: Tensor = {
  shape: [GRID_POINTS, 1],
  data: Float32Array.from(
    { length: GRID_POINTS },
    (_, i) => RANGE[0] + ((RANGE[1] - RANGE[0]) * i) / (GRID_POINTS - 1),
  ),
}

export interface ScoreCurve {
  readonly noise: number
  readonly score: Float32Array
}

export class Circuit {
  readonly architecture: Architecture
  phase = $state<'waiting' | 'training' | 'trained' | 'failed'>('waiting')
  /** Share of training that is done. */
  trainedShare = $state(0)
  quality = $state.raw<ScoreQuality | null>(null)
  confined = $state<boolean | null>(null)
  /** Learned score at the end of each noise level, largest noise first. */
  curves = $state.raw<readonly ScoreCurve[]>([])
  histogram = $state.raw<Histogram | null>(null)
  /** W1 of the chains now. */
  wasserstein = $state<number | null>(null)
  /** SHA-256 of the chains after the preset's number of steps. */
  hash = $state<string | null>(null)
  problem = $state.raw<Problem | null>(null)

  #network: Network | null = null
  #states: Float32Array | null = null

  constructor(architecture: Architecture) {
    this.architecture = architecture
  }

  async train(engine: Engine, seed: number, signal: AbortSignal): Promise<void> {
    this.phase = 'training'
    this.trainedShare = 0
    this.problem = null
    this.quality = null
    this.confined = null
    this.curves = []
    this.#network = null
    this.restart()
    try {
      const trained = await engine.train({
        target: TARGET,
        architecture: this.architecture,
        seed,
        ...doublePeakPreset('quick', this.architecture).train,
        signal,
        onProgress: ({ done, total }) => {
          if (!signal.aborted) this.trainedShare = done / total
        },
      })
      const [quality, curves] = await Promise.all([
        engine.evaluate(trained, TARGET),
        Promise.all(
          trained.levels.map(async (level) => ({ noise: level.noise, score: await engine.score(level.network, GRID) })),
        ),
      ])
      if (signal.aborted) return
      this.quality = quality
      this.curves = curves
      this.confined = trained.confinement?.confined ?? false
      this.#network = bare(trained)
      this.phase = 'trained'
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Puts the chains back to where they start; the network stays. */
  restart(): void {
    this.#states = null
    this.histogram = null
    this.wasserstein = null
    this.hash = null
    if (this.phase === 'failed' && this.#network !== null) {
      this.phase = 'trained'
      this.problem = null
    }
  }

  /** Moves every chain on, from step `from` by `steps`. Noise is addressed by step, so pieces are as good as the whole. */
  async advance(engine: Engine, settings: Settings, from: number, steps: number, signal: AbortSignal): Promise<void> {
    if (this.#network === null || this.phase !== 'trained') return
    const { seed, chains, dt, integrator } = settings
    const states = this.#states
    try {
      const draws = await engine.sample(this.#network, {
        seed,
        chains,
        dt,
        integrator,
        steps,
        firstStep: from,
        antithetic: preset.antithetic ?? false,
        start: states === null ? preset.start! : { kind: 'states', states: { shape: [chains, 1], data: states } },
        signal,
      })
      if (signal.aborted) return
      this.#states = draws.states
      this.histogram = histogram(draws.states, RANGE, BINS)
      // One draw a chain, so that this is the very array whose hash stands in the manifest.
      if (from + steps === LAST_STEP) this.hash = draws.hash
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Measures the chains as they are. */
  async measure(engine: Engine, signal: AbortSignal): Promise<void> {
    const states = this.#states
    if (states === null) return
    try {
      const distance = await engine.wasserstein(states, TARGET)
      if (!signal.aborted) this.wasserstein = distance
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  #fail(error: unknown, signal: AbortSignal): void {
    // Whoever aborted goes on by other means.
    if (signal.aborted) return
    this.phase = 'failed'
    this.problem = describe(error)
  }
}

/** What sampling needs; noise levels and losses would be copied to the workers with every call. */
function bare({ architecture, activation, dimension, units, tensors }: TrainedNetwork): Network {
  return { architecture, activation, dimension, units, tensors, confinement: null, provenance: null }
}
