// Firing rates beside the draws: the same bits whatever the blocks, the workers or the module; the circuit's within rounding.
import type { DrawBlock, Draws, Engine, Network, SampleOptions } from 'langevin-rnn'
import { createEngine, drawsFromNpz, drawsToNpz } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejected, trained } from '../helpers.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 3 })
  network = await trained(engine)
})
afterAll(() => engine.dispose())

const run: SampleOptions = {
  chains: 70,
  steps: 60,
  dt: 0.05,
  seed: 4,
  burnIn: 3,
  recordEvery: 5,
  rates: [31, 0, 7],
  changes: [{ step: 21, dt: 0.02, temperature: 0.5 }],
}

describe('rates of chosen units', () => {
  test('are recorded with draws that keep their bits', async () => {
    const { rates: _, ...bare } = run
    const [draws, alone] = [await engine.sample(network, run), await engine.sample(network, bare)]
    expect(draws.hash).toBe(alone.hash)
    expect(draws.rateUnits).toEqual([31, 0, 7])
    expect(draws.rates).toHaveLength(70 * 11 * 3)
    const rates = { shape: [70, 11, 3], data: draws.rates! }
    expect(draws.ratesHash).toBe(await engine.hash(rates))
    expect(alone).toMatchObject({ rates: null, rateUnits: [], ratesHash: null })
    const told = await engine.diagnose(rates)
    expect(told.coordinates[1]?.autocorrelation?.[0]).toBe(1)
    expect(drawsFromNpz(drawsToNpz(draws))).toMatchObject({ rates: draws.rates, rateUnits: [31, 0, 7] })
  })

  test('are those of the circuit within rounding, and sum up to the outputs', async () => {
    const all = Array.from({ length: 32 }, (_, j) => j)
    const { rates, data } = await engine.sample(network, { ...run, rates: all })
    const circuit = await engine.sample(network, { ...run, rates: all, dynamics: 'recurrent' })
    const size = Math.max(...circuit.rates!.map(Math.abs))
    expect(size).toBeGreaterThan(0.1)
    for (const [i, rate] of rates!.entries()) expect(Math.abs(rate - circuit.rates![i]!)).toBeLessThan(1e-4 * size)
    const out = network.tensors['W1.weight']!.data
    for (const [i, x] of data.entries()) {
      const sum = out.reduce((sum, w, j) => sum + w * rates![32 * i + j]!, 0)
      expect(Math.abs(sum - x)).toBeLessThan(1e-3)
    }
  })

  test('have the same bits in one worker, in blocks and in parts of the chains', async () => {
    const whole = await engine.sample(network, run)
    await using single = await createEngine({ workers: 1 })
    const blocks: DrawBlock[] = []
    const cut = single.sample(network, { ...run, blockChains: 32, blockSteps: 8 })
    for await (const block of cut) blocks.push(block)
    expect((await cut).ratesHash).toBe(whole.ratesHash)
    const first = blocks.filter((block) => block.firstChain === 0).sort((a, b) => a.firstStep - b.firstStep)
    const ofChain = first.flatMap(({ rates, chains }) => [...rates.subarray(0, rates.length / chains)])
    expect(ofChain).toEqual([...whole.rates!.subarray(0, 33)])
    const part = await single.sample(network, { ...run, chains: 20, firstChain: 50 })
    expect(part.rates).toEqual(whole.rates!.subarray(50 * 33))
  })

  test('of a stopped run are those that there are', async () => {
    const long = { ...run, changes: [], burnIn: 0, steps: 40_000, recordEvery: 100, blockChains: 35, blockSteps: 400 }
    const whole = await engine.sample(network, long)
    const stopping = engine.sample(network, long)
    let seen = 0
    for await (const _ of stopping) if (++seen === 20) void stopping.stop()
    const { complete, shape, rates }: Draws = await stopping
    expect(complete).toBe(false)
    expect(rates).toHaveLength(shape[0] * shape[1] * 3)
    expect(rates!.subarray(0, shape[1] * 3)).toEqual(whole.rates!.subarray(0, shape[1] * 3))
  })

  test.each<[unknown, string]>([
    [[32], 'different units from 0 to 31'],
    [[1, 2, 1], 'different units from 0 to 31'],
    [[0.5], 'a whole number'],
    [3, 'an array of whole numbers'],
  ])('refuse %j', async (rates, expected) => {
    const error = await rejected(engine.sample(network, { ...run, rates: rates as number[] }))
    expect(error.message).toContain('rates')
    expect(error.message).toContain(expected)
  })

  test('are refused of networks whose units are their outputs', async () => {
    const sampler = await engine.train({
      target: 'double-peak',
      architecture: 'sampler-only-rate',
      method: 'adam',
      points: 64,
      epochs: 1,
      levels: 1,
    })
    const error = await rejected(engine.sample(sampler, { ...run, rates: [0] }))
    expect(error.message).toContain('its outputs')
  })
})
