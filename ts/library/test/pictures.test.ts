// The experiments on pictures as functions: small pictures of bars, few units; bits, interruption, what is told of them, refusals.
import type { Engine, Tensor, TrainCheckpoint } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { type ExperimentOptions, type Pictures, reproduceCifar, reproduceMnist } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejected } from './helpers.js'

const SIDE = 6
/** Bars across or upright, at one of four places, their brightness by the number of the picture. */
function bars(count: number, first: number): { tensor: Tensor; labels: Uint8Array } {
  const data = new Float32Array(count * SIDE * SIDE)
  const labels = new Uint8Array(count)
  for (let k = 0; k < count; k += 1) {
    const number = first + k
    const [upright, place] = [number % 2, 1 + (Math.floor(number / 2) % 4)]
    labels[k] = upright
    for (let i = 0; i < SIDE; i += 1) {
      const at = upright ? i * SIDE + place : place * SIDE + i
      data[k * SIDE * SIDE + at] = 100 + ((number * 37 + i * 11) % 100)
    }
  }
  return { tensor: { shape: [count, SIDE * SIDE], data }, labels }
}

const [train, held] = [bars(700, 0), bars(60, 1000)]
/** Which way most light lies: across or upright. */
const classify = ({ shape: [count = 0, d = 0], data }: Tensor): Tensor => {
  const out = new Float32Array(2 * count)
  for (let k = 0; k < count; k += 1) {
    const row = data.subarray(k * d, (k + 1) * d)
    const most = (stride: number, along: number) =>
      Math.max(
        ...[0, 1, 2, 3, 4, 5].map((i) => [0, 1, 2, 3, 4, 5].reduce((s, j) => s + row[i * stride + j * along]!, 0)),
      )
    out[2 * k + (most(1, SIDE) > most(SIDE, 1) ? 1 : 0)] = 1
  }
  return { shape: [count, 2], data: out }
}
const pictures: Pictures = {
  source: { name: 'bars', sha256: {} },
  shape: [SIDE, SIDE, 1],
  holds: 'pixels',
  train: train.tensor,
  test: held.tensor,
  labels: { train: train.labels, test: held.labels },
  classify,
}
const small: ExperimentOptions = { preset: 'paper-short', pictures, components: 5, units: 24, seed: 2 }

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

describe('mnist', () => {
  test('encodes, trains, samples, decodes and judges', async () => {
    const report = await reproduceMnist(engine, small)
    const [one] = report.architectures
    expect(report.activities).toEqual([])
    expect(report.architectures).toHaveLength(1)
    expect(one!.network).toMatchObject({ dimension: 5, units: 24 })
    expect(one!.pixels.shape).toEqual([100, SIDE * SIDE])
    expect(one!.classes?.test).toMatchObject({ sure: 1, totalVariation: 0 })
    expect(one!.classes?.draws.shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    expect(report.explained).toBeGreaterThan(0.5)
    expect(report.explained).toBeLessThan(1)
    expect(report.dataShares?.slice(0, 3)).toEqual([0.5, 0.5, 0])
    expect(one!.nearest.draws.distance).toHaveLength(100)
    expect(one!.nearest.test.distance).toHaveLength(60)
    expect(Object.keys(report.manifest.arrays)).toEqual([
      'components',
      'mean',
      ...['W1.weight', 'W2.weight', 'W2.bias', 'losses', 'draws', 'features', 'nearest'].map(
        (name) => `reservoir-sampler/${name}`,
      ),
    ])
  })

  test('pictures of training are copies, and of distance 0', async () => {
    const copied = {
      ...pictures,
      test: { shape: [40, SIDE * SIDE], data: train.tensor.data.slice(0, 40 * SIDE * SIDE) },
    }
    const { architectures } = await reproduceMnist(engine, { ...small, pictures: copied })
    expect(architectures[0]!.nearest.test.median).toBe(0)
    expect([...architectures[0]!.nearest.test.index.slice(0, 3)]).toEqual([0, 1, 2])
  })

  test('the same bits by other workers, and after an interruption', async () => {
    const { manifest } = await reproduceMnist(engine, small)
    await using other = await createEngine({ workers: 1 })
    const abort = new AbortController()
    let kept: Record<string, TrainCheckpoint> = {}
    const interrupted = reproduceMnist(other, {
      ...small,
      signal: abort.signal,
      checkpointSeconds: 0,
      onCheckpoint: (name, checkpoint) => {
        kept = { [name]: checkpoint }
        if (checkpoint.epoch >= 3) abort.abort()
      },
    })
    expect((await rejected(interrupted)).code).toBe('aborted')
    expect(kept['reservoir-sampler']!.epoch).toBeGreaterThan(0)
    const resumed = await reproduceMnist(other, { ...small, resume: kept })
    expect(resumed.manifest).toEqual(manifest)
  })

  test('quick: chains come down through the levels’ networks, and lose the noise of the last', async () => {
    const report = await reproduceMnist(engine, { ...small, preset: 'quick', units: 300 })
    const [one] = report.architectures
    expect(one!.network.levels.length).toBeGreaterThan(1)
    expect(one!.draws.shape).toEqual([1000, 1, 5])
    expect(one!.denoised).toBe(true)
    // Bars of unit length, few of them far from one of training.
    expect(one!.nearest.draws.median).toBeLessThan(0.3)
    expect(one!.classes!.draws.totalVariation).toBeLessThan(0.15)
    const recorded = report.configuration['reservoir-sampler'] as { sample: { start: unknown }; annealing: object }
    expect(recorded.annealing).toHaveProperty('lastSteps')
    expect(recorded.sample.start).toEqual({ kind: 'states' })
    const largest = await reproduceMnist(engine, { ...small, preset: 'quick', seed: Number.MAX_SAFE_INTEGER })
    expect(largest.manifest.arrays['reservoir-sampler/draws']!.sha256).not.toBe(one!.draws.hash)
  })

  test('one network for all noise levels, held at each of them on the way down', async () => {
    const options = { ...small, preset: 'quick', units: 300, noiseInput: true, rates: [2, 299] } as const
    const report = await reproduceMnist(engine, options)
    const [one] = report.architectures
    expect(one!.network.noiseInput).toBe(true)
    expect(one!.network.levels).toHaveLength(1)
    expect(one!.draws.shape).toEqual([1000, 1, 5])
    expect(one!.draws.provenance.configuration).not.toHaveProperty('noise')
    // Not as good as a network for each level, but bars still.
    expect(one!.nearest.draws.median).toBeLessThan(0.5)
    const [{ draws: chain }] = report.activities as [(typeof report.activities)[0]]
    expect(chain.rateUnits).toEqual([2, 299])
    await using other = await createEngine({ workers: 1 })
    expect((await reproduceMnist(other, options)).manifest).toEqual(report.manifest)
    const beyond = { ...options, rates: [300] }
    expect((await rejected(reproduceMnist(engine, beyond))).argument).toBe('rates')
  })

  test('the paper’s networks have no noise level as an input', async () => {
    expect((await rejected(reproduceMnist(engine, { ...small, noiseInput: true }))).argument).toBe('noiseInput')
  })

  test('the pixels themselves, in closed form, with its noise taken away', async () => {
    const report = await reproduceMnist(engine, {
      ...small,
      preset: 'quick',
      components: 'pixels',
      units: 100,
      method: 'closed-form',
    })
    const [one] = report.architectures
    expect(report.components).toBeNull()
    expect(one!.network.dimension).toBe(SIDE * SIDE)
    expect(one!.denoised).toBe(true)
    // Unit length but for what is left of the noise.
    const first = one!.pixels.data.subarray(0, SIDE * SIDE)
    expect(Math.hypot(...first)).toBeGreaterThan(0.5)
    expect(Math.hypot(...first)).toBeLessThan(1.5)
  })

  test('refuses to begin without pictures, or with ones that are not of their shape', async () => {
    expect((await rejected(reproduceMnist(engine, { preset: 'quick' }))).argument).toBe('pictures')
    const odd = { ...small, pictures: { ...pictures, shape: [SIDE, SIDE, 3] as const } }
    expect((await rejected(reproduceMnist(engine, odd))).argument).toBe('pictures.shape')
    expect((await rejected(reproduceMnist(engine, { ...small, components: 37 }))).argument).toBe('components')
  })
})

describe('cifar', () => {
  const features: Pictures = {
    source: { name: 'features', sha256: {} },
    shape: [1, 2, 3],
    holds: 'features',
    train: { shape: [700, 4], data: train.tensor.data.slice(0, 2800).map((value) => value / 100) },
    test: { shape: [30, 4], data: held.tensor.data.slice(0, 120).map((value) => value / 100) },
    decode: async ({ shape: [count = 0], data }) => ({
      shape: [count, 6],
      data: Float32Array.from({ length: 6 * count }, (_, i) => data[Math.floor(i / 6) * 4 + (i % 4)]!),
    }),
  }

  test('learns features, and decodes the draws', async () => {
    const { architectures, shape, components } = await reproduceCifar(engine, { ...small, pictures: features })
    expect(components).toBeNull()
    expect(shape).toEqual([1, 2, 3])
    const [{ pixels, features: drawn, classes }] = architectures as [(typeof architectures)[0]]
    expect(pixels.shape).toEqual([100, 6])
    expect(pixels.data[0]).toBe(drawn.data[0])
    expect(classes).toBeNull()
  })

  test('refuses features without a decoder', async () => {
    const { decode: _, ...without } = features
    expect((await rejected(reproduceCifar(engine, { ...small, pictures: without }))).argument).toBe('pictures.decode')
  })
})
