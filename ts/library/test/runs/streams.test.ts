// Training from a stream of points: the bits of arrays and of any cutting into blocks, nothing pulled ahead, and what is wrong with it by name.
import type { Engine, PointBlock, Tensor, TrainCheckpoint, TrainOptions } from 'langevin-rnn'
import { AbortedError, createEngine, InvalidArgumentError } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause, rejected } from '../helpers.js'

let engine: Engine
let points: Tensor

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  points = await engine.targetDraws('ring', 4000, 5)
})
afterAll(() => engine.dispose())

const rows = ({ shape: [, n = 1], data }: Tensor, from: number, to: number): Tensor => ({
  shape: [to - from, n],
  data: data.slice(from * n, to * n),
})

/** All points in blocks of `size`, one after the other. */
async function* blocks(size: number, all = points): AsyncGenerator<Tensor> {
  for (let at = 0; at < all.shape[0]!; at += size) yield rows(all, at, Math.min(at + size, all.shape[0]!))
}

const closed: TrainOptions = { units: 32, levels: 4, points: 1000, seed: 3 }
const adam: TrainOptions = { method: 'adam', units: 16, levels: 2, epochs: 4, points: 1000, batch: 50, seed: 3 }

describe('a stream of points', () => {
  test.each([
    ['closed form', closed],
    ['adam', adam],
  ])('%s: the bits are those of its points, however they are cut', async (_, settings) => {
    const whole = await engine.train({ ...settings, data: blocks(1000) })
    for (const size of [333, 4000]) {
      const cut = await engine.train({ ...settings, data: blocks(size) })
      expect(cut).toEqual(whole)
    }
    const array = await engine.train({ ...settings, data: [rows(points, 0, 4000)] })
    expect(array.hash).toBe(whole.hash)
    expect(whole.provenance?.configuration['data']).toMatch(/^[0-9a-f]{64}$/)
  })

  test('the same points in each pass are an array of them', async () => {
    const data = rows(points, 0, 1000)
    const expected = await engine.train({ ...adam, data })
    const repeated = await engine.train({ ...adam, data: Array(4).fill(data) })
    expect(repeated.hash).toBe(expected.hash)
    expect(Array.from(repeated.losses)).toEqual(Array.from(expected.losses))
    const once = await engine.train({ ...adam, epochs: 1, levels: 1, data: [data] })
    expect(once.provenance?.configuration['data']).toBe(expected.provenance?.configuration['data'])
  })

  test('fresh points learn the law', async () => {
    async function* fresh() {
      for (let seed = 10; ; seed += 1) yield await engine.targetDraws('double-peak', 20_000, seed)
    }
    const network = await engine.train({ data: fresh(), units: 64, levels: 2, noiseMin: 0.05 })
    const quality = await engine.evaluate(network, 'double-peak')
    expect(quality.fisherDivergence).toBeLessThan(0.05)
    expect(network.provenance?.configuration['points']).toBe(20_000)
  })

  test('nothing is pulled ahead, and the stream is told when it is no longer wanted', async () => {
    const pulled: number[] = []
    let closedAt = -1
    let seen = 0
    async function* watched() {
      try {
        for (;;) {
          pulled.push(seen)
          yield rows(points, 0, 1000)
        }
      } finally {
        closedAt = pulled.length
      }
    }
    await engine.train({
      ...adam,
      data: watched(),
      onProgress: ({ done }) => {
        seen = Math.floor(done)
      },
    })
    expect(pulled).toEqual([0, 1, 2, 3])
    await pause(0)
    expect(closedAt).toBe(4)
  })

  test('blocks carry stimuli, in units of their own', async () => {
    const pair = (from: number): PointBlock => {
      const stimuli = Float32Array.from({ length: 500 }, (_, i) => 100 * Math.sin(from + i))
      const data = stimuli.map((u, i) => u / 50 + points.data[from + i]! / 10)
      return { data: { shape: [500, 1], data }, stimuli: { shape: [500, 1], data: stimuli } }
    }
    const network = await engine.train({ ...closed, data: [0, 500, 1000, 1500, 2000, 2500, 3000, 3500].map(pair) })
    expect(network.tensors['W_in.weight']?.shape).toEqual([32, 1])
    expect(network.scaling?.stimulus?.deviation[0]).toBeGreaterThan(50)
    expect(network.provenance?.configuration).toMatchObject({ stimulusData: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  test('a run that is resumed passes over what it has learned from', async () => {
    const whole = await engine.train({ ...adam, data: blocks(700) })
    const kept: TrainCheckpoint[] = []
    const run = engine.train({
      ...adam,
      data: blocks(700),
      checkpointSeconds: 0,
      onCheckpoint: (checkpoint) => void kept.push(checkpoint),
    })
    await run
    expect(kept.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    for (const resume of kept) expect(await engine.train({ ...adam, data: blocks(350), resume })).toEqual(whole)
    const others = { ...points, data: points.data.map((x) => x + 1) }
    const error = await rejected(engine.train({ ...adam, data: blocks(700, others), resume: kept[1]! }))
    expect(error.argument).toBe('data')
  })
})

describe('what is wrong with a stream', () => {
  const nothing = async function* (): AsyncGenerator<Tensor> {}
  const broken = rows(points ?? { shape: [0, 2], data: new Float32Array() }, 0, 0)
  test.each<[string, () => TrainOptions['data'], Partial<TrainOptions>, RegExp, string]>([
    ['it is empty', nothing, {}, /ended after 0 points; expected/, 'data'],
    [
      'it ends early',
      () => blocks(1000, rows(points, 0, 3500)),
      {},
      /ended after 3500 points; expected 1000 points for each of the 4 /,
      'data',
    ],
    [
      'a block is none',
      () => [points, 7 as unknown as Tensor],
      { points: 3000 },
      /block 2 of data is 7/,
      'block 2 of data',
    ],
    ['a block is empty', () => [broken], {}, /block 1 of data is of shape \[0, 2\]/, 'block 1 of data'],
    [
      'a block has another width',
      () => [points, { shape: [10, 1], data: new Float32Array(10) }],
      { points: 4001 },
      /block 2 of data is of shape \[10, 1\]; expected \[points, 2\]/,
      'block 2 of data',
    ],
    [
      'a shape lies',
      () => [{ shape: [10, 3], data: new Float32Array(10) }],
      {},
      /block 1 of data\.shape is \[10, 3\] for 10 values/,
      'block 1 of data.shape',
    ],
    [
      'a later block has no stimuli',
      () => [{ data: points, stimuli: points }, points],
      { points: 4001 },
      /block 2/,
      'block 2 of data',
    ],
    [
      'a pass holds NaN',
      () => [rows(points, 0, 1000), { shape: [1000, 2], data: new Float32Array(2000).fill(Number.NaN) }],
      {},
      /NaN at index 0/,
      'data',
    ],
    [
      'stimuli stand beside it',
      () => blocks(1000),
      { stimuli: { shape: [1, 1], data: new Float32Array(1) } },
      /none beside a stream/,
      'stimuli',
    ],
    ['passes are empty', () => blocks(1000), { points: 0 }, /points is 0/, 'points'],
  ])('%s', async (_, data, more, message, argument) => {
    const error = await rejected(engine.train({ ...adam, data: data()!, ...more }))
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error.message).toMatch(message)
    expect(error.argument).toBe(argument)
  })

  test('what it throws is thrown', async () => {
    async function* failing() {
      yield rows(points, 0, 1000)
      throw new RangeError('the recorder is off')
    }
    await expect(engine.train({ ...adam, data: failing() })).rejects.toThrow(new RangeError('the recorder is off'))
  })

  test('one that gives nothing hinders neither abort, stop nor dispose', async () => {
    async function* silent(first: boolean): AsyncGenerator<Tensor> {
      if (first) yield rows(points, 0, 1000)
      await new Promise(() => {})
    }
    for (const first of [true, false]) {
      const stop = new AbortController()
      const run = engine.train({ ...adam, data: silent(first), signal: stop.signal })
      setTimeout(() => stop.abort(), 50)
      expect(await rejected(run)).toBeInstanceOf(AbortedError)
    }
    const stopped = engine.train({ ...adam, data: silent(true) })
    await pause(200)
    expect((await stopped.inspect()).losses).toHaveLength(1)
    const network = await stopped.stop()
    expect([network.complete, network.losses.length]).toEqual([false, 1])
    expect(await rejected(engine.train({ ...adam, data: silent(false) }).stop())).toBeInstanceOf(AbortedError)
    const other = await createEngine({ workers: 1 })
    const waiting = rejected(other.train({ ...adam, data: silent(true) }))
    await other.dispose()
    expect(await waiting).toBeInstanceOf(AbortedError)
  })
})
