// The architectures and integrators in words.
import type { Architecture } from 'langevin-rnn'
import type { OfferedIntegrator } from './settings.ts'

interface Name {
  readonly title: string
  /** @param units of the reservoir, once known; @param plane whether there are two outputs */
  readonly about: (units: number | null, plane: boolean) => string
}

const outputs = (plane: boolean): string => (plane ? 'two outputs' : 'one output')
const alone = (what: string, plane: boolean): string =>
  plane
    ? `The two output neurons alone, their ${what}s the sample. Each adds one kink to the drift.`
    : `The output neuron alone, its ${what} the sample. Its drift has one kink.`

export const NAMES: Readonly<Record<Architecture, Name>> = {
  'reservoir-sampler': {
    title: 'Reservoir-sampler network',
    about: (units, plane) =>
      `${units ?? 'Many'} reservoir units drive ${outputs(plane)}. With enough of them, any score can be had.`,
  },
  'sampler-only-rate': {
    title: 'Sampler-only, firing rate',
    about: (_, plane) => alone('firing rate', plane),
  },
  'sampler-only-current': {
    title: 'Sampler-only, synaptic current',
    about: (_, plane) => alone('synaptic current', plane),
  },
}

export const INTEGRATOR_NAMES: Readonly<Record<OfferedIntegrator, string>> = {
  'leimkuhler-matthews': 'Leimkuhler–Matthews',
  'exponential-euler': 'Exponential Euler',
  'euler-maruyama': 'Euler–Maruyama',
}
