// Where Adam begins when not with random weights: with a given network, or with a closed-form fit of its first noise level.
import { type BareNetwork, hashOfTensors, withoutReports } from './network.js'
import type { Crew, Remote } from './pool.js'
import type { TrainingSource } from './training_team.js'
import { TrainingTeam } from './training_team.js'
import type { Network, TrainOptions } from './types.js'

/** How a run begins: what its provenance says of it, and the weights. */
export interface Beginning {
  readonly origin: Readonly<Record<string, unknown>>
  /** Works the weights out; a resumed run never asks. */
  readonly network: () => Promise<BareNetwork>
}

/** What the fit takes over from the run that is to begin. */
const SHARED = [
  'architecture',
  'units',
  'activation',
  'seed',
  'standardise',
  'commonDeviation',
  'irreversible',
  'irreversibleScale',
  'noiseInput',
  'ridges',
  'anchorPull',
] as const satisfies readonly (keyof TrainOptions)[]

export async function fromNetwork(
  initial: Network,
  hash: (shape: number[], values: Float32Array) => Promise<string>,
): Promise<Beginning> {
  const network = withoutReports(initial)
  return { origin: { initial: await hashOfTensors(network, hash) }, network: async () => network }
}

/** `adam` is the complete configuration of the run that is to begin. */
export async function fromClosedForm(
  api: Remote,
  crew: Crew,
  settings: Partial<TrainOptions>,
  adam: Readonly<Record<string, unknown>>,
  source: TrainingSource,
  budget: number,
): Promise<Beginning> {
  const noise = adam['levels'] === 1 ? adam['noiseMin'] : adam['noiseMax']
  const same = Object.fromEntries(SHARED.map((name) => [name, settings[name]]))
  const fit = { ...same, method: 'closed-form', levels: 1, noiseMax: noise, noiseMin: noise }
  const team = await TrainingTeam.open(api, crew, fit, source, budget, 1)
  return {
    origin: { warmStart: team.configuration },
    network: async () => {
      while (!(await team.advance(0, false)).complete);
      return (await team.finish()).network
    },
  }
}
