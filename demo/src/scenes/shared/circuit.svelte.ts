// One architecture on the page: its network once trained, its chains as they move, and how good both are.
import type { Architecture, Draws, Engine, Network, ScoreError, ScoreQuality, TrainedNetwork } from 'langevin-rnn'
import { type Histogram, histogram } from '../../figures/paths.ts'
import { describe, type Problem } from '../../platform/support.ts'
import { turn } from '../../platform/turns.ts'
import { gridOf, wassersteinOf } from './law.ts'
import type { Matrix, Plan, Role } from './plan.ts'
import type { RunSettings } from './settings.ts'

const BINS = 60
/** Exact draws over which a score's error is taken. */
const ERROR_POINTS = 4000
/** Measurements that are kept; older ones go. */
const MOST_TRACED = 1000

/** A network's score, and how good that is. */
interface Judgement {
  /** On the plan's grid, [point, n]. */
  readonly score: Float32Array
  readonly quality: ScoreQuality | null
  readonly scoreError: ScoreError | null
}

/** A network on its way, and what is known of it once someone asks. */
interface Learned {
  readonly trained: Promise<TrainedNetwork>
  readonly judged: () => Promise<Judgement>
}

export type Learn = (architecture: Architecture, watch: (share: number) => void) => Learned

/** Circuits of one architecture share a training run and what is known of its network: they differ in how they run only. */
export function learner(engine: Engine, plan: Plan, seed: number, signal: AbortSignal): Learn {
  const runs = new Map<Architecture, Learned & { watching: ((share: number) => void)[] }>()
  return (architecture, watch) => {
    const known = runs.get(architecture)
    known?.watching.push(watch)
    if (known) return known
    const watching = [watch]
    const train = async () =>
      engine.train({
        ...(plan.pairs ? await plan.pairs(engine, seed) : { target: plan.target }),
        architecture,
        seed,
        ...plan.training(architecture),
        signal,
        onProgress: ({ done, total }) => {
          for (const each of watching) each(done / total)
        },
      })
    const trained = train()
    let judgement: Promise<Judgement> | null = null
    const judged = () => {
      judgement ??= trained.then((network) => judge(engine, plan, network))
      return judgement
    }
    const learned = { trained, judged, watching }
    runs.set(architecture, learned)
    return learned
  }
}

async function judge(engine: Engine, plan: Plan, trained: TrainedNetwork): Promise<Judgement> {
  const { stimulus } = plan
  const noise = trained.levels.at(-1)?.noise ?? 0
  const held = stimulus ? await engine.at(bare(trained), { stimulus }) : bare(trained)
  const [score, quality, scoreError] = await Promise.all([
    engine.score(held, gridOf(plan)),
    plan.dimension === 1 ? engine.evaluate(held, plan.target) : null,
    plan.dimension === 1 ? null : engine.scoreError(bare(trained), plan.target, { noise, points: ERROR_POINTS }),
  ])
  return { score, quality, scoreError }
}

export class Circuit {
  readonly role: Role
  /** The step at which the hash is taken. */
  readonly lastStep: number
  phase = $state<'waiting' | 'training' | 'trained' | 'failed'>('waiting')
  /** Share of training that is done. */
  trainedShare = $state(0)
  /** Wall time of training. */
  trainedMilliseconds = $state<number | null>(null)
  /** One output only. */
  quality = $state.raw<ScoreQuality | null>(null)
  /** Several outputs only. */
  scoreError = $state.raw<ScoreError | null>(null)
  confined = $state<boolean | null>(null)
  /** Learned score on the plan's grid, [point, n]. */
  score = $state.raw<Float32Array | null>(null)
  /** The chains now: one draw each. */
  draws = $state.raw<Draws | null>(null)
  /** Of the chains now, for one output. */
  histogram = $state.raw<Histogram | null>(null)
  /** W1 of the chains now, the mean over axes. */
  wasserstein = $state<number | null>(null)
  /** SHA-256 of the chains after `lastStep` steps. */
  hash = $state<string | null>(null)
  /** W1 as it was measured, time in units of τ. */
  trace = $state.raw<readonly { readonly t: number; readonly wasserstein: number }[]>([])
  /** Q, where the score is turned. */
  rotation = $state.raw<Matrix | null>(null)
  problem = $state.raw<Problem | null>(null)
  trained = $state.raw<TrainedNetwork | null>(null)

  #plan: Plan | null = null
  #network: Network | null = null
  #judged: Learned['judged'] | null = null
  /** What was last asked of the network; an earlier answer may come later. */
  #newest: Promise<Judgement> | null = null

  constructor(role: Role, lastStep: number) {
    this.role = role
    this.lastStep = lastStep
  }

  /** @param learn trains a network of its architecture, and tells how far that is */
  async train(plan: Plan, learn: Learn, signal: AbortSignal): Promise<void> {
    this.phase = 'training'
    this.forget(plan)
    const begun = performance.now()
    try {
      const { trained: training, judged } = learn(this.role.architecture, (share) => {
        if (!signal.aborted) this.trainedShare = share
      })
      const trained = await training
      if (signal.aborted) return
      this.trainedMilliseconds = performance.now() - begun
      this.#judged = judged
      this.confined = trained.confinement?.confined ?? false
      this.trained = trained
      this.#network = bare(trained)
      this.phase = 'trained'
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Shows what is known of the network that it has learned. */
  judge(signal: AbortSignal): void {
    if (this.#judged !== null) void this.#take(this.#judged(), signal)
  }

  /** Forgets network and chains. */
  forget(plan: Plan | null = null): void {
    this.trainedShare = 0
    this.trainedMilliseconds = null
    this.problem = null
    this.quality = null
    this.scoreError = null
    this.confined = null
    this.score = null
    this.trained = null
    this.#network = null
    this.#judged = null
    this.restart(plan)
  }

  /** Takes what the network is shown now: another law to be judged by. The chains go on. */
  async follow(engine: Engine, plan: Plan, signal: AbortSignal): Promise<void> {
    this.#plan = plan
    if (this.trained !== null) await this.#take(judge(engine, plan, this.trained), signal)
  }

  /** Puts the chains back to where they start; the network stays. */
  restart(plan: Plan | null = this.#plan): void {
    this.#plan = plan
    this.rotation = plan?.rotation?.(this.role.name) ?? null
    this.draws = null
    this.histogram = null
    this.wasserstein = null
    this.trace = []
    this.hash = null
    if (this.phase === 'failed' && this.#network !== null) {
      this.phase = 'trained'
      this.problem = null
    }
  }

  /** Moves every chain on, from step `from` by `steps`. Noise is addressed by step, so pieces are as good as the whole. */
  async advance(
    engine: Engine,
    settings: RunSettings,
    from: number,
    steps: number,
    signal: AbortSignal,
    shown: Plan['shown'] | null = null,
  ): Promise<void> {
    const plan = this.#plan
    if (plan === null || this.#network === null || this.phase !== 'trained') return
    const { seed, chains, dt, integrator } = settings
    const states = this.draws?.states
    try {
      const draws = await engine.sample(this.#network, {
        seed,
        chains,
        dt,
        integrator,
        steps,
        firstStep: from,
        antithetic: plan.antithetic,
        start: states ? { kind: 'states', states: { shape: [chains, plan.dimension], data: states } } : plan.start,
        ...(this.rotation && { irreversible: this.rotation }),
        ...(shown && { stimulus: shown[0]!.stimulus, changes: shown.slice(1) }),
        signal,
      })
      if (signal.aborted) return
      this.draws = draws
      if (plan.dimension === 1) this.histogram = histogram(draws.states, plan.range, BINS)
      // One draw a chain, so that this is the very array whose hash an unbroken run has.
      if (from + steps === this.lastStep) this.hash = draws.hash
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Measures the chains as they are. */
  async measure(engine: Engine, t: number, signal: AbortSignal): Promise<void> {
    const states = this.draws?.states
    if (!states || this.#plan === null) return
    try {
      const distance = await wassersteinOf(engine, states, this.#plan)
      if (signal.aborted) return
      this.wasserstein = distance
      this.trace = [...this.trace.slice(-MOST_TRACED + 1), { t, wasserstein: distance }]
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  async #take(judged: Promise<Judgement>, signal: AbortSignal): Promise<void> {
    this.#newest = judged
    try {
      const { score, quality, scoreError } = await judged
      // Figures of several circuits are not all drawn at once.
      await turn()
      if (signal.aborted || this.#newest !== judged) return
      this.score = score
      this.quality = quality
      this.scoreError = scoreError
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
function bare({ architecture, activation, dimension, units, tensors, scaling }: TrainedNetwork): Network {
  const scaled = scaling && { scaling }
  return { architecture, activation, dimension, units, tensors, ...scaled, confinement: null, provenance: null }
}
