// Every mistake in what is passed has its typed error, before work starts.
import type { Engine, Network } from 'langevin-rnn'
import * as library from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endless, rejected, short, stillWorks, trained } from './helpers.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  network = await trained(engine)
})
afterAll(() => engine.dispose())

describe('bad input gets a typed error before work starts', () => {
  const sampling: [string, string, object][] = [
    ['dt', 'invalid-argument', { dt: -0.1 }],
    ['dt', 'invalid-argument', { dt: Number.NaN }],
    ['dt', 'invalid-argument', { dt: '0.1' }],
    ['chains', 'invalid-argument', { chains: 0 }],
    ['chains', 'invalid-argument', { chains: 1.5 }],
    ['steps', 'invalid-argument', { steps: 0 }],
    ['integrator', 'invalid-argument', { integrator: 'runge-kutta' }],
    ['stepz', 'invalid-argument', { stepz: 3 }],
    [
      'start.states',
      'invalid-argument',
      { start: { kind: 'states', states: { shape: [3, 1], data: new Float32Array(3) } } },
    ],
    ['start', 'invalid-argument', { start: { kind: 'uniform', low: 2, high: 1 } }],
    ['chains', 'memory-budget', { chains: 2 ** 28, recordEvery: 1 }],
  ]
  test.each(sampling)('sample: %s (%s)', async (argument, code, options) => {
    const error = await rejected(
      (async () => engine.sample(network, { ...short, ...(options as object) } as Parameters<Engine['sample']>[1]))(),
    )
    expect(error).toMatchObject({ code, argument })
    expect(error.expected).toBeTruthy()
    await stillWorks(engine, network)
  })

  const training: [string, string, object][] = [
    ['units', 'invalid-argument', { units: 0 }],
    ['architecture', 'invalid-argument', { architecture: 'perceptron' }],
    ['architecture', 'unsupported', { architecture: 'reservoir-sampler-current' }],
    ['method', 'unsupported', { architecture: 'sampler-only-rate', method: 'closed-form' }],
    ['units', 'memory-budget', { units: 100_000 }],
    ['target', 'invalid-argument', { target: 'triple-peak' }],
    ['target', 'invalid-argument', { target: undefined }],
    ['seed', 'invalid-argument', { seed: -1 }],
    [
      'points',
      'invalid-argument',
      { target: undefined, points: 5, data: { shape: [2, 1], data: Float32Array.of(1, 2) } },
    ],
    ['data', 'invalid-argument', { target: undefined, data: { shape: [2, 1], data: Float32Array.of(1, Number.NaN) } }],
    ['data.shape', 'invalid-argument', { target: undefined, data: { shape: [3, 1], data: Float32Array.of(1, 2) } }],
    [
      'target.deviations',
      'invalid-argument',
      { target: { kind: 'gaussian-mixture', weights: [1], means: [[0]], deviations: [-1] } },
    ],
  ]
  test.each(training)('train: %s (%s)', async (argument, code, options) => {
    const error = await rejected(
      (async () => engine.train({ target: 'double-peak', ...options } as Parameters<Engine['train']>[0]))(),
    )
    expect(error).toMatchObject({ code, argument })
    await stillWorks(engine, network)
  })

  test('exact draws: count and seed', async () => {
    for (const [count, seed] of [
      [0, 0],
      [1.5, 0],
      [10, -1],
      [10, 1.5],
    ] as const) {
      expect(await rejected(engine.targetDraws('double-peak', count, seed))).toMatchObject({ code: 'invalid-argument' })
    }
  })

  test('rejects, never throws: one place to catch', async () => {
    const runs = [
      engine.sample(network, { ...short, dt: 'x' } as never),
      engine.train({ target: 'double-peak', units: -1 }),
    ]
    for (const run of runs) expect((await rejected(run)).code).toBe('invalid-argument')
  })

  test('anything else than is asked for, in any place of any call', async () => {
    const points = { shape: [2, 1], data: Float32Array.of(1, 2) }
    const basis = await engine.principalComponents(points, 1)
    const box = { bound: 1, centres: new Float64Array(2), widths: Float64Array.of(1, 1) }
    const calls: Partial<Record<keyof Engine, readonly unknown[]>> = {
      train: [{ target: 'double-peak' }],
      sample: [network, short],
      at: [network, {}],
      score: [network, points],
      evaluate: [network, 'double-peak'],
      scoreError: [network, 'double-peak', {}],
      targetValues: ['double-peak', points, 0],
      targetDraws: ['double-peak', 3, 0],
      simulate: ['two-moons', 3, 0],
      changeVariable: [points, box, 'forth'],
      wasserstein: [points.data, 'double-peak', 0],
      diagnose: [{ ...points, shape: [1, 2, 1] }, {}],
      principalComponents: [points, 1, {}],
      project: [points, basis],
      reconstruct: [points, basis],
      nearest: [points, points, {}],
      hash: [points],
    }
    const wrong = [
      null,
      -7,
      '?',
      Symbol('s'),
      () => {},
      { shape: '?', data: 1, signal: 1 },
      { shape: [1], data: [1], signal: 1 },
    ]
    for (const [name, args] of Object.entries(calls)) {
      const call = (given: unknown[]) =>
        (engine[name as keyof Engine] as unknown as (...given: unknown[]) => PromiseLike<unknown>).apply(engine, given)
      await call([...args])
      for (const i of args.keys())
        for (const value of wrong) {
          const error = await rejected(call(args.with(i, value))).catch(() => null)
          expect(error, `${name}, argument ${i}: ${String(value)}`).toMatchObject({ code: 'invalid-argument' })
        }
    }
  })

  test('a network with a weight missing', async () => {
    const { 'W2.bias': _, ...tensors } = network.tensors
    const error = await rejected(engine.sample({ ...network, tensors }, short))
    expect(error).toMatchObject({ code: 'invalid-argument', argument: 'network.tensors' })
    expect(
      await rejected(engine.score({ ...network, units: 7 }, { shape: [1, 1], data: Float32Array.of(0) })),
    ).toMatchObject({
      argument: 'W1.weight',
    })
  })

  test('divergence names chain and step, at once', async () => {
    const tensors = {
      'W1.weight': { shape: [1, 2], data: Float32Array.of(9, -9) },
      'W2.weight': { shape: [2, 1], data: Float32Array.of(1, -1) },
      'W2.bias': { shape: [2], data: new Float32Array(2) },
    }
    const runaway: Network = { ...network, units: 2, tensors, confinement: null, provenance: null }
    const error = await rejected(engine.sample(runaway, { ...endless, dt: 1 }))
    expect(error).toBeInstanceOf(library.DivergenceError)
    expect(error.message).toMatch(/chain \d+ at step \d+/)
    await stillWorks(engine, network)
  })
})
