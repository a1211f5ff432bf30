// The engine as a user meets it: runs, progress, abort, errors, disposal, dead workers.

import type { DrawBlock, Engine, Network, Progress } from 'langevin-rnn'
import * as library from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineOn } from '../dist/engine.js'
import { platform } from '../dist/node.js'
import type { Platform, WorkerPort } from '../dist/platform.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  network = await engine.train({ target: 'double-peak', units: 32, points: 20_000, levels: 2, seed: 1 })
})
afterAll(() => engine.dispose())

const short = { chains: 100, steps: 50, dt: 0.05, seed: 3 }
/** Long enough to be cut short: minutes. */
const endless = { chains: 20_000, steps: 1_000_000, dt: 0.01 }

/** The engine still works after whatever happened. */
async function stillWorks(on: Engine = engine) {
  const draws = await on.sample(network, short)
  expect(draws.shape).toEqual([100, 1, 1])
}

async function rejected(promise: PromiseLike<unknown>): Promise<library.LangevinError> {
  try {
    await promise
  } catch (error) {
    expect(error).toBeInstanceOf(library.LangevinError)
    return error as library.LangevinError
  }
  throw new Error('it should have been refused')
}

describe('training', () => {
  test('gives an immutable value with its provenance', async () => {
    const trained = await engine.train({ target: 'double-peak', units: 16, points: 5000, levels: 3, seed: 9 })
    expect(trained.tensors['W1.weight']?.shape).toEqual([1, 16])
    expect(trained.tensors['W2.weight']?.shape).toEqual([16, 1])
    expect(trained.tensors['W2.bias']?.shape).toEqual([16])
    expect(trained.levels.map((level) => level.noise)).toEqual([0.5, expect.closeTo(0.158, 3), 0.05])
    expect(trained.losses).toHaveLength(3)
    expect(trained.confinement?.confined).toBe(true)
    expect(trained.provenance).toMatchObject({ streamVersion: 1, seed: 9, configuration: { method: 'closed-form' } })
    expect(trained.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('reports progress as it goes', async () => {
    const seen: Progress[] = []
    const run = engine.train({
      target: 'double-peak',
      method: 'adam',
      units: 500,
      epochs: 150,
      levels: 3,
      onProgress: (progress) => seen.push(progress),
    })
    const iterated: Progress[] = []
    for await (const progress of run) iterated.push(progress)
    expect(seen).toEqual(iterated)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.at(-1)).toMatchObject({ stage: 'train', unit: 'epochs', done: 150, total: 150, secondsLeft: 0 })
    expect(seen.every((p, i) => i === 0 || p.done > seen[i - 1]!.done)).toBe(true)
    expect((await run).losses).toHaveLength(150)
  })

  test('takes data of one’s own', async () => {
    const data = await engine.targetDraws('double-peak', 20_000, 4)
    const trained = await engine.train({ data, units: 32, levels: 1 })
    const quality = await engine.evaluate(trained, 'double-peak')
    expect(quality.fisherDivergence).toBeLessThan(0.05)
    expect(quality.modes).toBe(2)
    expect(trained.provenance?.configuration['data']).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('checkpoints', () => {
  const settings = {
    target: 'double-peak',
    method: 'adam',
    units: 300,
    epochs: 120,
    levels: 4,
    noiseMin: 0.1,
    learningRate: 1e-3,
    amsgrad: true,
    seed: 8,
  } as const

  test('kept in a file, resumed by another engine, end with the same bits', async () => {
    const whole = await engine.train(settings)
    const files: Uint8Array[] = []
    const controller = new AbortController()
    const cut = engine.train({
      ...settings,
      signal: controller.signal,
      checkpointSeconds: 0,
      onCheckpoint: (checkpoint) => {
        files.push(library.checkpointToNpz(checkpoint))
        if (checkpoint.epoch > 40) controller.abort()
      },
    })
    expect((await rejected(cut)).code).toBe('aborted')
    await using other = await createEngine({ workers: 1 })
    const resume = library.checkpointFromNpz(files.at(-1)!, 'train')
    expect(resume.epoch).toBeGreaterThan(40)
    const rest = await other.train({ ...settings, resume })
    expect(rest.hash).toBe(whole.hash)
    expect(rest.losses).toEqual(whole.losses)
    expect(rest.levels.map((level) => level.network.tensors)).toEqual(
      whole.levels.map((level) => level.network.tensors),
    )

    expect(await rejected(other.train({ ...settings, seed: 9, resume }))).toMatchObject({
      code: 'invalid-argument',
      argument: 'seed',
    })
    expect(await rejected(other.train({ ...settings, resume: { ...resume, streamVersion: 2 } }))).toMatchObject({
      argument: 'resume.streamVersion',
    })
    expect(await rejected(other.train({ ...settings, resume: { ...resume, arrays: {} } }))).toMatchObject({
      argument: 'resume.arrays',
    })
  })

  test('many noise levels fit a file', async () => {
    const kept: library.TrainCheckpoint[] = []
    const many = {
      target: 'double-peak',
      method: 'adam',
      units: 2,
      levels: 80,
      epochs: 160,
      points: 2000,
      batch: 500,
    } as const
    const onCheckpoint = (checkpoint: library.TrainCheckpoint) => {
      kept.push(checkpoint)
    }
    const whole = await engine.train({ ...many, checkpointSeconds: 0, onCheckpoint })
    const resume = kept.at(-1) && library.checkpointFromNpz(library.checkpointToNpz(kept.at(-1)!), 'train')
    expect(whole.levels).toHaveLength(80)
    if (resume) expect((await engine.train({ ...many, resume })).hash).toBe(whole.hash)
  })

  test('damaged files are refused', async () => {
    const kept: library.TrainCheckpoint[] = []
    const onCheckpoint = (checkpoint: library.TrainCheckpoint) => {
      kept.push(checkpoint)
    }
    await engine.train({ ...settings, checkpointSeconds: 0, onCheckpoint })
    const last = kept.at(-1)!
    const bytes = library.checkpointToNpz(last)
    expect(library.checkpointFromNpz(bytes)).toEqual(last)
    for (const cut of [0, 10, bytes.length >> 1, bytes.length - 1]) {
      expect(() => library.checkpointFromNpz(bytes.subarray(0, cut))).toThrow(library.FormatError)
    }
  })
})

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
    await stillWorks()
  })

  test('before the start nothing starts', async () => {
    const error = await rejected(engine.sample(network, { ...short, signal: AbortSignal.abort() }))
    expect(error.code).toBe('aborted')
  })
})

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
    await stillWorks()
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
    await stillWorks()
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
    await stillWorks()
  })
})

describe('workers', () => {
  /** A platform whose workers the test can get at. */
  function spied(): { platform: Platform; ports: WorkerPort[] } {
    const ports: WorkerPort[] = []
    return {
      ports,
      platform: {
        ...platform,
        createWorker() {
          const port = platform.createWorker()
          ports.push(port)
          return port
        },
      },
    }
  }

  test('one that dies rejects its call, and the next call gets a fresh one', async () => {
    const { platform, ports } = spied()
    await using one = await createEngineOn(platform, { workers: 1 })
    const pending = one.sample(network, endless)
    setTimeout(() => ports[0]?.terminate(), 200)
    const began = performance.now()
    const error = await rejected(pending)
    expect(error).toBeInstanceOf(library.WorkerError)
    expect(performance.now() - began).toBeLessThan(1200)
    await stillWorks(one)
    expect(ports).toHaveLength(2)
  })

  test('a trap of the wasm is an error of that call alone', async () => {
    const { platform, ports } = spied()
    await using one = await createEngineOn(platform, { workers: 1, memoryBudget: 1e15 })
    const error = await rejected(one.train({ target: 'double-peak', method: 'adam', points: 4_000_000_000 }))
    expect(error).toBeInstanceOf(library.WorkerError)
    await stillWorks(one)
    expect(ports).toHaveLength(2)
  })

  test('disposal rejects what is pending and what comes after', async () => {
    const one = await createEngine({ workers: 1 })
    const pending = [one.sample(network, endless), one.sample(network, short)]
    setTimeout(() => one.dispose(), 100)
    for (const run of pending) expect((await rejected(run)).code).toBe('aborted')
    expect((await rejected(one.sample(network, short))).code).toBe('aborted')
  })

  test('wasm that is none', async () => {
    expect(await rejected(createEngine({ wasm: Uint8Array.of(1, 2, 3) }))).toMatchObject({
      code: 'worker',
      argument: 'wasm',
    })
    expect(await rejected(createEngine({ wasm: 'no/such/file.wasm' }))).toMatchObject({
      code: 'worker',
      argument: 'wasm',
    })
    expect(await rejected(createEngine({ workers: 0 }))).toMatchObject({
      code: 'invalid-argument',
      argument: 'workers',
    })
  })
})

describe('values', () => {
  test('of a target and of a score', async () => {
    const points = { shape: [3, 1], data: Float32Array.of(-1, 0, 2) }
    const { density, score } = await engine.targetValues('double-peak', points)
    expect(score[1]).toBeCloseTo(0, 12)
    expect(score[2]).toBeCloseTo(-4 * 2 + 4 * Math.tanh(8), 9)
    expect(density[1]).toBeCloseTo(Math.exp(-2) * Math.sqrt(2 / Math.PI), 12)
    expect(await engine.score(network, points)).toHaveLength(3)
  })

  test('hashes are SHA-256 over dtype, shape and bytes', async () => {
    // python: hashlib.sha256(b'float32\0' + struct.pack('<QQQ', 2, 1, 2) + struct.pack('<ff', 1, 2)).hexdigest()
    expect(await engine.hash({ shape: [1, 2], data: Float32Array.of(1, 2) })).toBe(HASH)
  })
})

const HASH = '26307e00b7f36a41e5f458b4236ff6a0efbc9f7f7f6b541846b096fa5f68d7d4'
