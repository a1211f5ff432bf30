// What a visitor can set in the scene of the Bayesian brain: what the circuit is shown, step by step, and how it stands in the address.
import { type Cues, cuePosterior, cueWorlds } from 'langevin-rnn/experiments'
import type { Experiment } from '../shared/plan.ts'
import { QueryReader, type RunSettings, toQuery } from '../shared/settings.ts'

/** Cues from a step on. */
export interface Moment {
  readonly step: number
  readonly cues: Cues
}

export interface BrainSettings extends RunSettings {
  /** The first from step 0 on, then by rising steps. */
  readonly moments: readonly Moment[]
}

/** Numbers in the address are whole multiples of these, so that a link has the very cues. */
export const CUE = { low: -2.5, high: 2.5, grain: 0.05 } as const
export const RELIABILITY = { low: 0.5, high: 12, grain: 0.25 } as const
/** Moves take effect at multiples of so many steps: a link holds a drag in a few words. */
export const EVERY = 10
export const LAST_STEP = 400
const UNITS = 240
const POINTS = 20_000
const NOISE = 0.05

const onGrain = ({ low, high, grain }: { low: number; high: number; grain: number }, value: number) =>
  Math.round(Math.min(high, Math.max(low, value)) / grain) * grain

/** The nearest cues that an address can hold. */
export function rounded([visual, haptic, r, s]: Cues): Cues {
  return [onGrain(CUE, visual), onGrain(CUE, haptic), onGrain(RELIABILITY, r), onGrain(RELIABILITY, s)]
}

export const DEFAULTS: BrainSettings = {
  seed: 1,
  chains: 5000,
  dt: 0.01,
  integrator: 'leimkuhler-matthews',
  pace: 1,
  moments: [{ step: 0, cues: rounded([1.5, -0.5, 6, 2]) }],
}

/** What is shown at a step. */
export function cuesAt(moments: readonly Moment[], step: number): Cues {
  return moments.findLast((moment) => moment.step <= step)!.cues
}

/**
 * The moments with one more, from the first step on that no chain has begun; what was to come later is gone. Beyond the last step
 * whose hash is shown only the newest is kept.
 */
export function moved(moments: readonly Moment[], next: number, cues: Cues): readonly Moment[] {
  const step = Math.ceil(next / EVERY) * EVERY
  const before = moments.filter((moment) => moment.step < step && moment.step <= LAST_STEP)
  return [...before, { step, cues }]
}

const normal = (mean: number, deviation: number) =>
  ({ kind: 'gaussian-mixture', weights: [1], means: [[mean]], deviations: [deviation] }) as const

export const experiment: Experiment<BrainSettings> = {
  circuits: [
    {
      name: 'reservoir-sampler',
      architecture: 'reservoir-sampler',
      title: 'The circuit’s belief',
      about: `${UNITS} reservoir units get the cues as a constant input. Their noise makes the output wander over what x may be.`,
    },
  ],
  lastStep: LAST_STEP,
  plan: ({ moments }, step) => {
    const cues = cuesAt(moments, step)
    const { mean, deviation } = cuePosterior(cues)
    const law = normal(mean, deviation)
    return {
      target: law,
      axes: [{ law }],
      dimension: 1,
      range: [-3, 3],
      start: { kind: 'normal', mean: 0, deviation: 1 },
      antithetic: false,
      pairs: (engine, seed) => cueWorlds(engine, POINTS, seed),
      stimulus: cues,
      shown: moments.map(({ step, cues }) => ({ step, stimulus: cues })),
      training: () => ({ units: UNITS, method: 'closed-form', levels: 1, noiseMin: NOISE }),
    }
  },
  trainsAnew: (before, after) => before.seed !== after.seed,
}

/** `STEP.VISUAL.HAPTIC.R.R`, cues in twentieths and reliabilities in quarters, with `_` between moments. */
function encode(moments: readonly Moment[]): string {
  const grains = [CUE.grain, CUE.grain, RELIABILITY.grain, RELIABILITY.grain]
  return moments
    .map(({ step, cues }) => [step, ...cues.map((value, i) => Math.round(value / grains[i]!))].join('.'))
    .join('_')
}

function decode(text: string): readonly Moment[] | null {
  const moments = text.split('_').map((part): Moment | null => {
    const match = /^(\d{1,7})\.(-?\d{1,3})\.(-?\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)
    if (!match) return null
    const [step, v, h, r, s] = match.slice(1).map(Number) as [number, number, number, number, number]
    const given: Cues = [v * CUE.grain, h * CUE.grain, r * RELIABILITY.grain, s * RELIABILITY.grain]
    const cues = rounded(given)
    return cues.every((value, i) => Math.abs(value - given[i]!) < 1e-9) ? { step, cues } : null
  })
  const rising = moments.every(
    (moment, i) => moment && (i === 0 ? moment.step === 0 : moment.step > moments[i - 1]!.step),
  )
  return rising ? (moments as Moment[]) : null
}

export function toAddress({ moments, ...run }: BrainSettings): URLSearchParams {
  return toQuery({ ...run, shown: encode(moments) })
}

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromAddress(query: string | URLSearchParams): { settings: BrainSettings; refused: string[] } {
  const reader = new QueryReader(query)
  const settings = { ...reader.run(DEFAULTS), moments: reader.read('shown', decode, DEFAULTS.moments) }
  return { settings, refused: reader.refused }
}
