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
