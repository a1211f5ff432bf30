// Annealed draws: chains pass through the noise levels σ_0 > σ_1 > …, each by its own level's network, dt = h (σ_k/δ̄)², so that
// the share of each mode is settled where chains still pass between modes; then x + σ² s(x) takes the last level's noise away.
// A network with log σ as an input has every level's network in it.
import type { Engine } from '../engine.js'
import { invalid } from '../errors.js'
import type { Draws, SampleOptions, TrainedNetwork } from '../types.js'
import type { Workshop } from './experiment.js'

/** How chains come down through the noise levels. */
export interface Annealing {
  /** How many chains; each gives one draw. */
  readonly chains: number
  /** Steps at each level but the last. */
  readonly steps: number
  /** Steps at the last level: more of them sharpen draws, but too many let an imperfect score shift mass between modes. */
  readonly lastSteps: number
  /** h of dt = h (σ/δ̄)², below 2, where the noise's own well has the curvature 1/σ². */
  readonly stepOverVariance: number
}

/** One level's part of an annealed run. */
export interface AnnealingPart {
  /** σ, in units of x. */
  readonly noise: number
  /** That level's network. */
  readonly network: TrainedNetwork['levels'][number]['network']
  /** How its chains run; `start` is missing for all levels but the first, whose chains begin as wide as the data. */
  readonly sample: Pick<SampleOptions, 'chains' | 'steps' | 'dt' | 'integrator' | 'recordEvery' | 'start'>
}

/** Networks of falling noise levels, and the units that they share. */
export type Levels = Pick<TrainedNetwork, 'levels' | 'scaling'>

/** A network with log σ as an input is held at 2^3 + 1 levels. */
const HALVINGS = 3

/**
 * The levels of a network that has log σ as an input: the network held at σ from the largest to the smallest of its training, in steps of
 * equal ratio.
 *
 * @param network - trained with `noiseInput`
 * @throws an `InvalidArgumentError` for a network without that input, or that doesn't tell what it was trained on
 */
export async function heldLevels(engine: Engine, network: TrainedNetwork): Promise<Levels> {
  const { noiseMax: high, noiseMin: low } = network.provenance?.configuration ?? {}
  if (!network.noiseInput || typeof high !== 'number' || typeof low !== 'number') {
    throw invalid('network', 'without a noise-level input', 'one trained with noiseInput')
  }
  // Square roots are the same everywhere; powers are not.
  let noises = [high, low]
  for (let k = 0; k < HALVINGS; k += 1) {
    noises = noises.flatMap((noise, i) => (i === 0 ? [noise] : [Math.sqrt(noises[i - 1]! * noise), noise]))
  }
  const held = noises.map(async (noise) => ({ noise, network: await engine.at(network, { noise }) }))
  return { levels: await Promise.all(held), ...(network.scaling && { scaling: network.scaling }) }
}

/** The parts of an annealed run through the levels that training kept. */
export function annealingParts({ levels, scaling }: Levels, annealing: Annealing): AnnealingPart[] {
  const { chains, steps, lastSteps, stepOverVariance } = annealing
  const deviations = scaling?.x?.deviation ?? [1]
  const square = deviations.reduce((sum, deviation) => sum + deviation * deviation, 0) / deviations.length
  return levels.map(({ noise, network }, k) => {
    const count = k === levels.length - 1 ? lastSteps : steps
    return {
      noise,
      network,
      sample: {
        chains,
        steps: count,
        dt: Math.min(1, (stepOverVariance * noise * noise) / square),
        integrator: 'leimkuhler-matthews',
        recordEvery: count,
        ...(k === 0 && { start: { kind: 'data' } }),
      },
    }
  })
}

/**
 * Runs the parts one after the other, each from where the last one ended.
 *
 * @param parts - one or more, by falling noise
 * @param sample - samples one part; the seed differs from part to part, so that no noise comes twice
 * @returns the draws of the last level, noise and all
 * @throws an `InvalidArgumentError` without parts; whatever `sample` throws
 */
export async function anneal(
  parts: readonly AnnealingPart[],
  sample: (part: AnnealingPart, options: AnnealingPart['sample'], index: number) => PromiseLike<Draws>,
): Promise<Draws> {
  let draws: Draws | undefined
  for (const [k, part] of parts.entries()) {
    const states = draws && { shape: [draws.shape[0]!, draws.shape[2]!], data: draws.data }
    draws = await sample(part, { ...part.sample, ...(states && { start: { kind: 'states', states } }) }, k)
  }
  if (draws === undefined) throw invalid('parts', 'empty', 'one or more')
  return draws
}

/** The same in an experiment, watched by `name`; each part has another seed, whatever the first. */
export function annealedDraws(
  workshop: Workshop,
  name: string,
  network: Levels,
  annealing: Annealing,
  conditions: Pick<SampleOptions, 'stimulus'> = {},
): Promise<Draws> {
  const { seed } = workshop
  return anneal(annealingParts(network, annealing), (part, options, k) => {
    const own = seed < 2 ** 52 ? seed + k : seed - k
    return workshop.sample(name, { ...part.network, provenance: null }, { ...options, ...conditions, seed: own })
  })
}
