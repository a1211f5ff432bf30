// What tests of the engine share.
import type { Engine, LangevinError, Network } from 'langevin-rnn'
import * as library from 'langevin-rnn'
import { expect } from 'vitest'

/** A small network of the double peak. */
export const trained = (engine: Engine) =>
  engine.train({ target: 'double-peak', units: 32, points: 20_000, levels: 2, seed: 1 })

export const short = { chains: 100, steps: 50, dt: 0.05, seed: 3 }
/** Long enough to be cut short: minutes. */
export const endless = { chains: 20_000, steps: 1_000_000, dt: 0.01 }

/** The engine works after whatever happened. */
export async function stillWorks(engine: Engine, network: Network) {
  const draws = await engine.sample(network, short)
  expect(draws.shape).toEqual([100, 1, 1])
}

export async function rejected(promise: PromiseLike<unknown>): Promise<LangevinError> {
  try {
    await promise
  } catch (error) {
    expect(error).toBeInstanceOf(library.LangevinError)
    return error as LangevinError
  }
  throw new Error('it should have been refused')
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
