// Sampling as a user meets it: draws, blocks, progress, abort.
import type { DrawBlock, Engine, Network } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endless, rejected, short, stillWorks, trained } from '../helpers.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  network = await trained(engine)
})
afterAll(() => engine.dispose())

describe('sampling', () => {
  test('blocks make up the whole', async () => {
    const run = engine.sample(network, { ...short, recordEvery: 10, blockSteps: 20, blockChains: 40 })
    const blocks: DrawBlock[] = []
    for await (const block of run) blocks.push(block)
    const draws = await run
    expect(draws.shape).toEqual([100, 5, 1])
    expect(blocks).toHaveLength(3 * 3)
    for (const block of blocks) {
      const first = block.firstStep / 10
      const count = block.steps / 10
      expect(block.draws).toHaveLength(block.chains * count)
      for (let c = 0; c < block.chains; c += 1) {
        const at = (block.firstChain + c) * 5 + first
        expect(block.draws.subarray(c * count, (c + 1) * count)).toEqual(draws.data.subarray(at, at + count))
      }
    }
  })

  test('a small run is one part, and no different from one in many', async () => {
    const small = { ...short, chains: 90, recordEvery: 5, rates: [3, 0], changes: [{ step: 20, dt: 0.02 }] }
    const states = { shape: [90, 1], data: Float32Array.from({ length: 90 }, (_, k) => k / 45 - 1) }
    for (const options of [small, { ...small, start: { kind: 'states' as const, states } }]) {
      const run = engine.sample(network, options)
      const blocks: DrawBlock[] = []
      for await (const block of run) blocks.push(block)
      const cut = await engine.sample(network, { ...options, blockSteps: 20, blockChains: 40 })
      const whole = await run
      expect(blocks).toHaveLength(1)
      expect(blocks[0]).toMatchObject({ firstChain: 0, chains: 90, firstStep: 0, steps: 50 })
      expect(whole).toEqual(cut)
      expect(await run.set({ dt: 0.01 })).toBeNull()
      expect((await run.inspect()).progress).toMatchObject({ done: 90 * 50, total: 90 * 50 })
    }
  })

  test('a small run that diverges fails as one in many parts does, and tells what there is', async () => {
    const output = network.tensors['W2.weight']!
    const steep = { shape: output.shape, data: output.data.map((weight) => weight * 1e30) }
    const wild = { ...network, tensors: { ...network.tensors, 'W2.weight': steep } }
    const [once, cut] = [engine.sample(wild, short), engine.sample(wild, { ...short, blockSteps: 4, blockChains: 100 })]
    const [error, expected] = [await rejected(once), await rejected(cut)]
    expect(error.code).toBe('diverged')
    expect(error.message).toBe(expected.message)
    expect(await once.inspect()).toMatchObject({ shape: [0, 0, 1], complete: false })
    await stillWorks(engine, network)
  })

  test('continues where it stopped', async () => {
    const long = await engine.sample(network, { ...short, steps: 80 })
    const first = await engine.sample(network, short)
    const states = { shape: [100, 1], data: first.states }
    const rest = await engine.sample(network, { ...short, steps: 30, firstStep: 50, start: { kind: 'states', states } })
    expect(rest.states).toEqual(long.states)
  })

  test('the circuit itself gives the outputs of the projected path', async () => {
    const projected = await engine.sample(network, short)
    const recurrent = await engine.sample(network, { ...short, dynamics: 'recurrent' })
    const worst = projected.data.reduce((most, x, i) => Math.max(most, Math.abs(x - recurrent.data[i]!)), 0)
    expect(worst).toBeLessThan(1e-4)
    expect(worst).toBeGreaterThan(0)
  })

  test('two runs at once share the workers', async () => {
    const alone = await engine.sample(network, short)
    const [a, b] = await Promise.all([engine.sample(network, short), engine.sample(network, { ...short, seed: 4 })])
    expect(a.hash).toBe(alone.hash)
    expect(b.hash).not.toBe(alone.hash)
  })
})

describe('abort', () => {
  test.each(['sample', 'train'] as const)('%s rejects at once and leaves the engine usable', async (kind) => {
    const controller = new AbortController()
    const run =
      kind === 'sample'
        ? engine.sample(network, { ...endless, signal: controller.signal })
        : engine.train({ target: 'double-peak', method: 'adam', units: 2000, signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 150)
    const began = performance.now()
    const error = await rejected(run)
    expect(error.name).toBe('AbortError')
    expect(error.cause).toMatchObject({ message: 'enough' })
    expect(performance.now() - began).toBeLessThan(2000)
    await stillWorks(engine, network)
  })

  test('before the start nothing starts', async () => {
    const error = await rejected(engine.sample(network, { ...short, signal: AbortSignal.abort() }))
    expect(error.code).toBe('aborted')
  })
})
