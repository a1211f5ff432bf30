// What a visitor can set in the scene of the Laplace mixture, and how it stands in the address.
import type { Experiment, Matrix } from '../shared/plan.ts'
import { type Limits, type NumberField, QueryReader, type RunSettings, toQuery } from '../shared/settings.ts'

export interface LaplaceSettings extends RunSettings {
  /** q of Q = [[0, −q], [q, 0]]. */
  readonly turn: number
}

const TURN: Limits = { low: 0, high: 6, whole: false, words: 'a number from 0 to 6' }
export const FIELDS: readonly NumberField<'turn'>[] = [{ name: 'turn', label: 'Rotation q', step: 0.5, limits: TURN }]

export const DEFAULTS: LaplaceSettings = {
  seed: 1,
  chains: 5000,
  dt: 0.005,
  integrator: 'leimkuhler-matthews',
  pace: 5,
  turn: 3,
}

/** σ of training, in units of x. */
const NOISE = 0.1
const TURNED = 'irreversible'
const rotation = (q: number): Matrix => [
  [0, -q],
  [q, 0],
]

/** One network twice: the second is run with its score turned. */
export const experiment: Experiment<LaplaceSettings> = {
  circuits: [
    {
      name: 'reversible',
      architecture: 'reservoir-sampler',
      title: 'Reversible',
      about: 'Every step follows the score s itself: chains climb, and noise takes them down again.',
    },
    {
      name: TURNED,
      architecture: 'reservoir-sampler',
      title: 'Irreversible',
      about:
        'The same network, its drift (I + Q) s: chains are also driven around the peak, along lines of equal density.',
    },
  ],
  lastStep: 1000,
  plan: ({ turn }) => ({
    target: 'laplace-mixture',
    axes: [
      { law: 'laplace-mixture', axis: 0 },
      { law: 'laplace-mixture', axis: 1 },
    ],
    dimension: 2,
    // The law that training shows the network; without noise the density at 0 is infinite.
    blur: NOISE,
    range: [-3, 3],
    // All in one corner, so that the way to the law is long.
    start: { kind: 'normal', mean: 2, deviation: 0.1 },
    antithetic: false,
    rotation: (circuit) => (circuit === TURNED && turn > 0 ? rotation(turn) : null),
    training: () => ({ units: 200, method: 'closed-form', points: 30_000, levels: 1, noiseMin: NOISE }),
  }),
  trainsAnew: (before, after) => before.seed !== after.seed,
  samplesAnew: (before, after) => before.turn !== after.turn,
}

/** Settings as the query of an address. */
export const toAddress = (settings: LaplaceSettings): URLSearchParams => toQuery({ ...settings })

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromAddress(query: string | URLSearchParams): { settings: LaplaceSettings; refused: string[] } {
  const reader = new QueryReader(query)
  const settings = { ...reader.run(DEFAULTS), turn: reader.number('turn', TURN, DEFAULTS.turn) }
  return { settings, refused: reader.refused }
}
