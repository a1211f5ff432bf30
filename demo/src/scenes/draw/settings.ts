// What a visitor can set in the scene of one's own density, and how it stands in the address.
import type { Architecture } from 'langevin-rnn'
import { type Experiment, rolesOf } from '../shared/plan.ts'
import { type Limits, type NumberField, QueryReader, type RunSettings, toQuery } from '../shared/settings.ts'
import { axesOf, type Drawing, decode, EXAMPLES, encode, type Kind, lawOf, NODES } from './drawing.ts'

export interface DrawSettings extends RunSettings {
  readonly drawing: Drawing
  /** m of the reservoir. */
  readonly units: number
  /** σ of the noise that training adds, in units of x. */
  readonly noise: number
}

const UNITS: Limits = { low: 8, high: 512, whole: true, words: 'a whole number from 8 to 512' }
const NOISE: Limits = { low: 0.05, high: 0.5, whole: false, words: 'a number from 0.05 to 0.5' }
export const FIELDS: readonly NumberField<'units' | 'noise'>[] = [
  { name: 'units', label: 'Units m', step: 8, limits: UNITS },
  { name: 'noise', label: 'Noise σ', step: 0.05, limits: NOISE },
]

/** Units that a kind of drawing needs; a reader may have others. */
export const UNITS_OF: Readonly<Record<Kind, number>> = { curve: 64, paint: 256 }
/** Points of training: a second's worth at most. */
const POINTS_OF: Readonly<Record<Kind, number>> = { curve: 50_000, paint: 20_000 }
const START = { kind: 'uniform', low: -2.4, high: 2.4 } as const

export const DEFAULTS: DrawSettings = {
  seed: 1,
  chains: 5000,
  dt: 0.02,
  integrator: 'leimkuhler-matthews',
  pace: 2,
  drawing: EXAMPLES[0]!.drawing,
  units: UNITS_OF.curve,
  noise: 0.1,
}

/** The reservoir-sampler in closed form; the sampler-only network, which has none, by Adam. */
function training({ drawing, units, noise }: DrawSettings, architecture: Architecture) {
  if (architecture === 'reservoir-sampler') {
    return { units, method: 'closed-form', points: POINTS_OF[drawing.kind], levels: 1, noiseMin: noise } as const
  }
  return {
    method: 'adam',
    points: 10_000,
    noiseMax: 0.5,
    noiseMin: noise,
    levels: 4,
    epochs: 40,
    batch: 100,
    learningRate: 5e-3,
    amsgrad: true,
  } as const
}

export const experiment: Experiment<DrawSettings> = {
  circuits: rolesOf(['reservoir-sampler', 'sampler-only-rate']),
  lastStep: 400,
  plan: (settings) => {
    const target = lawOf(settings.drawing)
    if (target === null) return null
    return {
      target,
      axes: axesOf(settings.drawing).map((law) => ({ law })),
      dimension: NODES[settings.drawing.kind].dimension,
      range: [-3, 3],
      start: START,
      antithetic: false,
      training: (architecture) => training(settings, architecture),
    }
  },
  trainsAnew: (before, after) =>
    before.seed !== after.seed ||
    before.units !== after.units ||
    before.noise !== after.noise ||
    before.drawing.kind !== after.drawing.kind ||
    encode(before.drawing) !== encode(after.drawing),
}

/** Settings as the query of an address. */
export function toAddress({ drawing, ...numbers }: DrawSettings): URLSearchParams {
  return toQuery({ ...numbers, [drawing.kind]: encode(drawing) })
}

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromAddress(query: string | URLSearchParams): { settings: DrawSettings; refused: string[] } {
  const reader = new QueryReader(query)
  const curve = reader.read('curve', (text) => decode('curve', text), DEFAULTS.drawing)
  const drawing = reader.read('paint', (text) => decode('paint', text), curve)
  const settings: DrawSettings = {
    ...reader.run(DEFAULTS),
    drawing,
    units: reader.number('units', UNITS, UNITS_OF[drawing.kind]),
    noise: reader.number('noise', NOISE, DEFAULTS.noise),
  }
  return { settings, refused: reader.refused }
}
