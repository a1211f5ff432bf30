// What a visitor can set in the double-peak scene, and how it stands in the address, so that a link restores it.
import { doublePeakPreset } from 'langevin-rnn/experiments'
import { type Experiment, rolesOf } from '../shared/plan.ts'
import { QueryReader, type RunSettings } from '../shared/settings.ts'

const preset = doublePeakPreset('quick', 'reservoir-sampler').sample

export const DEFAULTS: RunSettings = {
  seed: 1,
  chains: preset.chains,
  dt: preset.dt,
  // The preset's own, which `isPreset` of the tests makes sure of.
  integrator: 'leimkuhler-matthews',
  pace: 1,
}

/** The paper's first experiment by the quick preset. */
export const experiment: Experiment<RunSettings> = {
  circuits: rolesOf(['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']),
  lastStep: preset.steps,
  plan: () => ({
    target: 'double-peak',
    axes: [{ law: 'double-peak' }],
    dimension: 1,
    range: [-3, 3],
    start: preset.start!,
    antithetic: preset.antithetic ?? false,
    training: (architecture) => doublePeakPreset('quick', architecture).train,
  }),
  trainsAnew: (before, after) => before.seed !== after.seed,
}

/** Whether the live chains are those of the quick preset, noise and all. */
export function isPreset({ chains, dt, integrator }: RunSettings): boolean {
  return chains === DEFAULTS.chains && dt === DEFAULTS.dt && integrator === DEFAULTS.integrator
}

/** Settings of an address; what is missing keeps its default, what makes no sense is named. */
export function fromQuery(query: string | URLSearchParams): { settings: RunSettings; refused: string[] } {
  const reader = new QueryReader(query)
  return { settings: reader.run(DEFAULTS), refused: reader.refused }
}
