// The architectures and integrators in words.
import type { Architecture } from 'langevin-rnn'
import type { OfferedIntegrator } from './settings.ts'

export const NAMES: Readonly<Record<Architecture, { readonly title: string; readonly about: string }>> = {
  'reservoir-sampler': {
    title: 'Reservoir-sampler network',
    about: '64 reservoir units drive one output. With enough of them, any score can be had.',
  },
  'sampler-only-rate': {
    title: 'Sampler-only, firing rate',
    about: 'The output neuron alone, its firing rate the sample. Its drift has one kink.',
  },
  'sampler-only-current': {
    title: 'Sampler-only, synaptic current',
    about: 'The output neuron alone, its synaptic current the sample. One kink again.',
  },
}

export const INTEGRATOR_NAMES: Readonly<Record<OfferedIntegrator, string>> = {
  'leimkuhler-matthews': 'Leimkuhler–Matthews',
  'exponential-euler': 'Exponential Euler',
  'euler-maruyama': 'Euler–Maruyama',
}
