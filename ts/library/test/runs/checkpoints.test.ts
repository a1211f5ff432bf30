// Checkpoints of sampling: wherever a run is interrupted, it ends with the bits of one that never was.

import fc from 'fast-check'
import type { Engine, Network, SampleCheckpoint, SampleOptions } from 'langevin-rnn'
import { checkpointFromNpz, checkpointToNpz, createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejected, trained } from '../helpers.js'

const engines: Engine[] = []
let network: Network
let two: Network
let many: Network

beforeAll(async () => {
  for (const workers of [1, 2, 3]) engines.push(await createEngine({ workers }))
  network = await trained(engines[0]!)
  const numbers = (count: number, scale: number) =>
    Float32Array.from({ length: count }, (_, i) => scale * Math.sin(12.9 * (i + 1)))
  const withOutputs = (dimension: number, units = 8): Network => ({
    ...network,
    dimension,
    units,
    tensors: {
      'W1.weight': { shape: [dimension, units], data: numbers(dimension * units, 0.3) },
      'W2.weight': { shape: [units, dimension], data: numbers(dimension * units, 0.5) },
      'W2.bias': { shape: [units], data: numbers(units, 0.5) },
    },
    confinement: null,
    provenance: null,
  })
  two = withOutputs(2)
  many = withOutputs(5)
})
afterAll(() => Promise.all(engines.map((engine) => engine.dispose())))

const onDisk = (checkpoint: SampleCheckpoint) => checkpointFromNpz(checkpointToNpz(checkpoint), 'sample')

const ways = {
  projected: () => [network, {}],
  'piecewise-linear': () => [network, { evaluator: 'piecewise-linear' }],
  'two outputs, piecewise-linear': () => [two, { evaluator: 'piecewise-linear' }],
  recurrent: () => [network, { dynamics: 'recurrent' }],
  'many outputs': () => [many, {}],
  rates: () => [network, { rates: [5, 2] }],
  'rates of many outputs': () => [many, { rates: [7] }],
  'rates of the circuit': () => [network, { rates: [31, 0], dynamics: 'recurrent' }],
} satisfies Record<string, () => [Network, Partial<SampleOptions>]>

describe.each(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
  test('interrupted anywhere, any number of times, resumed by others', async () => {
    const [net, settings] = ways[way]() as [Network, Partial<SampleOptions>]
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          chains: fc.integer({ min: 1, max: 90 }),
          steps: fc.integer({ min: 2, max: 40 }),
          recordEvery: fc.integer({ min: 1, max: 2 }),
          firstStep: fc.integer({ min: 0, max: 6 }),
          seed: fc.nat(100),
          changes: fc.constantFrom([], [{ step: 9, temperature: 2 }]),
        }),
        fc.array(
          fc.record({
            engine: fc.integer({ min: 0, max: 2 }),
            blockChains: fc.integer({ min: 7, max: 90 }),
            blockSteps: fc.integer({ min: 2, max: 40 }),
            stopAfter: fc.integer({ min: 0, max: 6 }),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        async (run, interruptions) => {
          const options: SampleOptions = { ...settings, ...run, dt: 0.05 }
          const whole = await engines[0]!.sample(net, options)
          let resume: SampleCheckpoint | undefined
          for (const { engine, blockChains, blockSteps, stopAfter } of interruptions) {
            let last: SampleCheckpoint | undefined
            let blocks = 0
            const cut = engines[engine]!.sample(net, {
              ...options,
              blockChains,
              blockSteps,
              checkpointSeconds: 0,
              ...(resume && { resume }),
              onCheckpoint: (checkpoint) => {
                last = onDisk(checkpoint)
              },
              onProgress: () => {
                blocks += 1
                if (blocks >= stopAfter) void cut.stop()
              },
            })
            const draws = await cut
            if (!draws.complete) {
              // Nothing that was computed is lost.
              expect(last?.blocks).toEqual(draws.blocks)
              resume = last
            } else expect(draws.hash).toBe(whole.hash)
          }
          const rest = await engines[1]!.sample(net, { ...options, ...(resume && { resume }) })
          expect(rest.complete).toBe(true)
          expect(rest.hash).toBe(whole.hash)
          expect(rest.ratesHash).toBe(whole.ratesHash)
          expect(rest.states).toEqual(whole.states)
        },
      ),
      { numRuns: 15 },
    )
  })
})

test('a change made while it ran is resumed with it', async () => {
  const engine = engines[1]!
  const settings = { chains: 64, steps: 2000, dt: 0.05, recordEvery: 100, seed: 4, blockChains: 32, blockSteps: 100 }
  const kept: SampleCheckpoint[] = []
  const run = engine.sample(network, { ...settings, onCheckpoint: (checkpoint) => void kept.push(checkpoint) })
  run.pause()
  const step = await run.set({ temperature: 2 })
  run.resume()
  for await (const block of run) if (block.firstStep >= 500) void run.stop()
  expect((await run).complete).toBe(false)
  const rest = await engine.sample(network, { ...settings, resume: onDisk(kept.at(-1)!) })
  const changes = [{ step: step!, temperature: 2 }]
  expect(rest.provenance.configuration['changes']).toEqual(changes)
  expect(rest.hash).toBe((await engine.sample(network, { ...settings, changes })).hash)
})

test('only the same run goes on', async () => {
  const engine = engines[1]!
  const settings = { chains: 64, steps: 400, dt: 0.05, seed: 4, blockChains: 32, blockSteps: 100 }
  let kept: SampleCheckpoint | undefined
  const run = engine.sample(network, {
    ...settings,
    onCheckpoint: (checkpoint) => {
      kept = checkpoint
    },
  })
  for await (const _ of run) void run.stop()
  const resume = kept!
  const refused = async (options: object, argument: string, on: Network = network) => {
    const error = await rejected(engine.sample(on, { ...settings, resume, ...options } as SampleOptions))
    expect(error).toMatchObject({ code: 'invalid-argument', argument })
  }
  await refused({ seed: 5 }, 'seed')
  await refused({ dt: 0.01 }, 'dt')
  await refused({ changes: [{ step: 3, dt: 0.1 }] }, 'changes')
  await refused({ resume: { ...resume, streamVersion: 2 } }, 'resume.streamVersion')
  await refused({ resume: { ...resume, arrays: { ...resume.arrays, states: new Float32Array(1) } } }, 'resume.arrays')
  await refused(
    { resume: { ...resume, blocks: [{ firstChain: 0, chains: 65, steps: 100, draws: 0 }] } },
    'resume.blocks',
  )
  await refused({ resume: { ...resume, stage: 'train' } }, 'resume.stage')
  const bias = network.tensors['W2.bias']!
  const tensors = { ...network.tensors, 'W2.bias': { ...bias, data: bias.data.map((b) => b + 1) } }
  await refused({}, 'network', { ...network, tensors })
  expect(() => checkpointFromNpz(checkpointToNpz(resume), 'train')).toThrow(/stage/)
  expect(onDisk(resume)).toEqual(resume)
})
