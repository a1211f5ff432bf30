// Training shared by several workers: the bits of one, and nothing hangs whatever happens to one of them.

import { createHash } from 'node:crypto'
import type { Engine, TrainCheckpoint, TrainOptions } from 'langevin-rnn'
import * as library from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { describe, expect, test } from 'vitest'
import { createEngineOn } from '../dist/engine.js'
import { platform } from '../dist/node.js'
import type { WorkerPort } from '../dist/platform.js'

const n = 20
/** Large enough to be shared: 52 million operations a step. */
const settings = {
  target: {
    kind: 'gaussian-mixture',
    weights: [0.5, 0.5],
    means: [new Array<number>(n).fill(-1), new Array<number>(n).fill(1)],
    deviations: [0.5, 0.5],
  },
  units: 4098,
  method: 'adam',
  points: 200,
  batch: 64,
  epochs: 4,
  levels: 2,
  amsgrad: true,
  learningRate: 1e-4,
  seed: 3,
} satisfies TrainOptions
const endless = { ...settings, epochs: 1_000_000 }
/** The same literal as in crates/core/tests/golden.rs. */
const GOLDEN = '48aee22e145bef3b2b7da208325028ce96a90fb3c820ab70ab35f6cea2c8e2a8'

async function rejected(promise: PromiseLike<unknown>): Promise<library.LangevinError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(library.LangevinError)
  return error as library.LangevinError
}

async function spied(workers: number) {
  const ports: WorkerPort[] = []
  const createWorker = () => {
    const port = platform.createWorker()
    ports.push(port)
    return port
  }
  return { ports, engine: await createEngineOn({ ...platform, createWorker }, { workers }) }
}

/** Starts an endless run and waits until it is under way. */
async function underWay(engine: Engine, more: Partial<TrainOptions> = {}) {
  let begun = () => {}
  const progress = new Promise<void>((resolve) => {
    begun = resolve
  })
  const run = engine.train({ ...endless, ...more, onProgress: () => begun() })
  await progress
  // A run by itself would be awaited with the promise of this function.
  return { run }
}

/** Every number of a value in its place, short: comparing large arrays one by one takes too long. */
function digest(value: unknown): string {
  const bytes = (_: string, part: unknown) =>
    ArrayBuffer.isView(part)
      ? createHash('sha256')
          .update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
          .digest('hex')
      : part
  return JSON.stringify(value, bytes)
}

const digests = new Set<string>()

test.each([1, 2, 3, 7])('%i workers give the same bits, all that is asked of them', async (workers) => {
  const { engine, ports } = await spied(workers)
  await using _ = engine
  const trained = await engine.train(settings)
  expect(ports.length).toBe(workers)
  expect(trained.hash).toBe(GOLDEN)
  expect(trained.units).toBe(4098)
  expect(trained.tensors['W1.weight']?.shape).toEqual([n, 4098])
  expect(trained.confinement?.rays).toBe(256)
  expect(trained.levels).toHaveLength(2)
  expect(trained.losses).toHaveLength(4)
  expect(digest(trained.levels[1]?.network.tensors)).toBe(digest(trained.tensors))
  digests.add(digest(trained))
  expect(digests.size).toBe(1)
})

test('small steps stay in one worker, and a small budget takes fewer workers', async () => {
  const { engine, ports } = await spied(3)
  await engine.train({ ...settings, units: 512 })
  expect(ports.length).toBe(1)
  await engine.dispose()
  const tight = await createEngine({ workers: 7, memoryBudget: 12e6 })
  expect((await tight.train(settings)).hash).toBe(GOLDEN)
  await tight.dispose()
})

test('data in units of its own, stimuli and a given Q are shared by workers, too', async () => {
  const rows = 200
  const tensor = (width: number, part: number) => ({
    shape: [rows, width],
    data: Float32Array.from({ length: rows * width }, (_, i) => 5 + 3 * Math.sin(i * part)),
  })
  const { target: _, ...rest } = settings
  const data = { ...rest, data: tensor(n, 1.3) }
  const turned = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i - j) / n))
  for (const options of [
    { ...data, standardise: true },
    { ...data, commonDeviation: true, standardise: true, noiseMax: 3 },
    { ...data, stimuli: tensor(2, 0.7), irreversible: turned },
    { ...data, stimuli: tensor(2, 0.7), standardise: true, noiseInput: true, levels: 1 },
  ] satisfies TrainOptions[]) {
    const hashes = new Set<string>()
    for (const workers of [1, 2]) {
      const { engine, ports } = await spied(workers)
      hashes.add((await engine.train(options)).hash)
      expect(ports.length).toBe(workers)
      await engine.dispose()
    }
    expect(hashes.size).toBe(1)
  }
})

test('a checkpoint of some workers is resumed by others', async () => {
  const kept = new Map<number, TrainCheckpoint[]>()
  for (const workers of [1, 3]) {
    await using engine = await createEngine({ workers })
    const checkpoints: TrainCheckpoint[] = []
    await engine.train({
      ...settings,
      checkpointSeconds: 0,
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    })
    kept.set(workers, checkpoints)
  }
  const [one, three] = [kept.get(1) ?? [], kept.get(3) ?? []]
  expect(one.map((checkpoint) => checkpoint.epoch)).toEqual([1, 2, 3])
  expect(digest(three)).toBe(digest(one))
  for (const workers of [1, 2]) {
    await using engine = await createEngine({ workers })
    expect((await engine.train({ ...settings, resume: three[workers]! })).hash).toBe(GOLDEN)
  }
})

describe('nothing hangs', () => {
  test('abort rejects at once, and the workers go on to the next call', async () => {
    const { engine, ports } = await spied(3)
    await using _ = engine
    const controller = new AbortController()
    const { run } = await underWay(engine, { signal: controller.signal })
    controller.abort()
    expect((await rejected(run)).code).toBe('aborted')
    expect((await engine.train(settings)).hash).toBe(GOLDEN)
    expect(ports.length).toBe(3)
  })

  test.each([0, 2])('the death of worker %i ends the run, and the others go on to the next call', async (dead) => {
    const { engine, ports } = await spied(3)
    await using _ = engine
    const { run } = await underWay(engine)
    ports[dead]?.terminate()
    expect(await rejected(run)).toBeInstanceOf(library.WorkerError)
    expect((await engine.train(settings)).hash).toBe(GOLDEN)
  })

  test('disposal ends it', async () => {
    const { engine } = await spied(2)
    const { run } = await underWay(engine)
    await engine.dispose()
    expect((await rejected(run)).code).toBe('aborted')
  })

  test('divergence names the epoch', async () => {
    await using engine = await createEngine({ workers: 2 })
    const error = await rejected(engine.train({ ...settings, learningRate: 1e30 }))
    expect(error).toBeInstanceOf(library.DivergenceError)
    expect((await engine.train(settings)).hash).toBe(GOLDEN)
  })

  test('other calls get in between while a run has all workers', async () => {
    const { engine, ports } = await spied(2)
    await using _ = engine
    const controller = new AbortController()
    const { run } = await underWay(engine, { signal: controller.signal })
    expect(ports.length).toBe(2)
    const network = await engine.train({ target: 'double-peak', units: 16, points: 5000, levels: 1 })
    const draws = await engine.sample(network, { chains: 10, steps: 10, dt: 0.05 })
    expect(draws.shape).toEqual([10, 1, 1])
    controller.abort()
    expect((await rejected(run)).code).toBe('aborted')
    await engine.sample(network, { chains: 10, steps: 10, dt: 0.05 })
    expect(ports.length).toBe(2)
  })
})
