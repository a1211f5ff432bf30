// Whether what a sampling run begins with or goes on from fits it.
import { invalid } from '../errors.js'
import type { SampleCheckpoint, SampleOptions, Tensor } from '../types.js'

export function checkStart(states: Tensor | undefined, chains: number, n: number): void {
  if (states === undefined || (states.shape[0] === chains && states.shape[1] === n)) return
  throw invalid('start.states', `[${states.shape.join(', ')}]`, `[${chains}, ${n}], a state for each chain`)
}

/** Blocks in order, within the run, and arrays of their sizes; `drawn` is what the core says that each has. */
export function checkBlocks(
  resume: SampleCheckpoint,
  options: SampleOptions,
  n: number,
  drawn: readonly number[],
): void {
  let end = 0
  const sizes = { draws: 0, states: 0 }
  for (const [k, { firstChain, chains, steps, draws }] of resume.blocks.entries()) {
    const fits = firstChain >= end && chains > 0 && steps > 0 && steps <= options.steps && draws === drawn[k]
    end = firstChain + chains
    if (!fits || end > options.chains) {
      throw invalid(
        'resume.blocks',
        `chains ${firstChain}–${end} at step ${steps} with ${draws} draws`,
        'rising blocks of the run’s chains, with their draws',
      )
    }
    sizes.draws += chains * draws * n
    sizes.states += chains * n
  }
  const chains = sizes.states / n
  const { draws, rates, states, carry } = resume.arrays
  const fits =
    draws.length === sizes.draws && states.length === sizes.states && (chains === 0 || carry.length % chains === 0)
  const ratesSize = (sizes.draws / n) * (options.rates?.length ?? 0)
  if (!fits || (rates?.length ?? 0) !== ratesSize) {
    const lengths = `${draws.length}, ${rates?.length ?? 0}, ${states.length} and ${carry.length} numbers`
    const expected = `${sizes.draws} of draws, ${ratesSize} of rates, ${sizes.states} of states, and a carry for each chain`
    throw invalid('resume.arrays', lengths, expected)
  }
}
