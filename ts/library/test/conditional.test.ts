// Stimuli, units of the data's own, noise levels as an input, and irreversible acceleration, from training to files.
import { readFile } from 'node:fs/promises'
import {
  checkpointFromNpz,
  checkpointToNpz,
  createEngine,
  type Engine,
  type Network,
  networkFromSafetensors,
  networkToSafetensors,
  type TrainCheckpoint,
  type TrainOptions,
} from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

/** Standard normals, [count]. */
async function normals(count: number, seed: number): Promise<Float32Array> {
  const law = { kind: 'gaussian-mixture', weights: [1], means: [[0]], deviations: [1] } as const
  return (await engine.targetDraws(law, count, seed)).data
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

function returned(network: Network): Network {
  return networkFromSafetensors(networkToSafetensors(network))
}

/** The hash of a few draws: equal networks have equal ones. */
async function fingerprint(network: Network, more: object = {}): Promise<string> {
  return (await engine.sample(network, { chains: 8, steps: 40, dt: 0.05, seed: 4, ...more })).hash
}

const POINTS = 20_000
const methods: [string, Partial<TrainOptions>][] = [
  ['closed form', { units: 100, levels: 2 }],
  ['Adam', { method: 'adam', units: 100, epochs: 60, levels: 3, learningRate: 3e-3 }],
]

describe.each(methods)('a linear Gaussian posterior by %s', (_, settings) => {
  // x = shift + scale (2 v + ½ z) with u = unit (v + 3): p(x | u) = N(shift + 2 scale v, (scale / 2)²).
  test.each([
    [1, 0, 1],
    [1e-3, 0, 100],
    [1e4, 1e6, 1e-2],
  ])('of scale %f about %f, stimuli in units of %f', async (scale, shift, unit) => {
    const [v, z] = [await normals(POINTS, 1), await normals(POINTS, 2)]
    const x = v.map((v, i) => shift + scale * (2 * v + 0.5 * z[i]!))
    const u = v.map((v) => unit * (v + 3))
    const stimuli = { shape: [POINTS, 1], data: u }
    const network = await engine.train({ data: { shape: [POINTS, 1], data: x }, stimuli, ...settings })
    expect(network.confinement!.confined).toBe(true)
    expect(network.scaling!.stimulus!.mean[0]).toBeCloseTo(3 * unit, unit < 1 ? 2 : 0)
    expect(network.scaling!.x === undefined).toBe(scale === 1)
    const shown = [-1, 0, 1.5]
    const each = 400
    const draws = await engine.sample(network, {
      chains: 2000,
      steps: each * shown.length,
      dt: 0.02,
      recordEvery: each,
      stimulus: [unit * (shown[0]! + 3)],
      changes: shown.slice(1).map((v, k) => ({ step: each * (k + 1), stimulus: [unit * (v + 3)] })),
    })
    for (const [k, v] of shown.entries()) {
      const seen = draws.data.filter((_, i) => i % shown.length === k).map((x) => (x - shift) / scale)
      const { mean, deviation } = moments(seen)
      expect(Math.abs(mean - 2 * v), `mean ${mean} at ${v}`).toBeLessThan(0.2)
      expect(Math.abs(deviation - 0.5), `deviation ${deviation} at ${v}`).toBeLessThan(0.08)
    }
    const back = returned(network)
    expect(back).toMatchObject({ scaling: network.scaling, tensors: network.tensors })
    const stimulus = [unit * 3.5]
    expect(await fingerprint(back, { stimulus })).toBe(await fingerprint(network, { stimulus }))
    // What is held is an ordinary network, to rounding of the bias none at all.
    const held = await engine.at(network, { stimulus })
    expect(held.tensors['W_in.weight']).toBeUndefined()
    expect(await fingerprint(held)).toBe(await fingerprint(network, { stimulus }))
    // ∂ log p / ∂x = −(x − 2 scale v) / (scale / 2)², here less steep by the noise of training.
    const at = Float32Array.of(shift + scale * (1 + 0.5), shift + scale * (1 - 0.5))
    const score = await engine.score(held, { shape: [2, 1], data: at })
    expect((score[1]! - score[0]!) * scale).toBeGreaterThan(2.5)
    expect((score[1]! - score[0]!) * scale).toBeLessThan(5.5)
  })
})

test('data of any scale trains as data of scale 1 does', async () => {
  const unit = (await engine.targetDraws('double-peak', POINTS, 1)).data
  for (const [scale, shift] of [
    [1e-3, 0],
    [1e4, 0],
    [1, 1e3],
    [20, -400],
  ] as const) {
    const data = { shape: [POINTS, 1], data: unit.map((x) => shift + scale * x) }
    const network = await engine.train({ data, units: 64, levels: 2, noiseMin: 0.05 * scale, noiseMax: 0.5 * scale })
    expect(network.scaling!.x!.mean[0]! / scale).toBeCloseTo(shift / scale, 1)
    const draws = await engine.sample(network, { chains: 4000, steps: 400, dt: 0.05 })
    const restored = draws.data.map((x) => (x - shift) / scale)
    expect(await engine.wasserstein(restored, 'double-peak')).toBeLessThan(0.06)
    // Starts are in units of x, and so are the states handed back.
    const still = { chains: 3, steps: 1, dt: 1e-9, temperature: 0 }
    const start = { kind: 'uniform', low: shift + scale, high: shift + scale } as const
    for (const x of (await engine.sample(network, { ...still, start })).states) {
      expect((x - shift) / scale).toBeCloseTo(1, 2)
    }
    const left = await engine.train({ data, units: 16, levels: 1, standardise: false })
    expect(left.scaling).toBeUndefined()
  }
  const data = { shape: [POINTS, 1], data: unit }
  expect((await engine.train({ data, units: 16, levels: 1 })).scaling).toBeUndefined()
  expect((await engine.train({ data, units: 16, levels: 1, standardise: true })).scaling!.x).toBeDefined()
})

describe('irreversible acceleration', () => {
  const target = {
    kind: 'gaussian-mixture',
    weights: [0.5, 0.5],
    means: [
      [-1, 0, 0.5],
      [1, 0.5, 0],
    ],
    deviations: [0.6, 0.6],
  } as const
  const skew = [
    [0, 1.5, 0.5],
    [-1.5, 0, -1],
    [-0.5, 1, 0],
  ]
  const training = { target, units: 200, points: 40_000, levels: 1, noiseMin: 0.1, seed: 1 }

  /** Means and deviations of each axis. */
  async function axes(network: Network, more: object = {}) {
    const { data } = await engine.sample(network, { chains: 6000, steps: 400, dt: 0.01, seed: 2, ...more })
    return [0, 1, 2].map((d) => moments(data.filter((_, i) => i % 3 === d)))
  }

  test('a given Q, in closed form and when sampled, keeps the law', async () => {
    const plain = await engine.train(training)
    const turned = await engine.train({ ...training, irreversible: skew })
    expect(turned.irreversibleScale).toBeCloseTo(Math.sqrt(2 * (1.5 ** 2 + 0.5 ** 2 + 1)), 6)
    expect(turned.confinement!.confined).toBe(true)
    const laws = [await axes(plain), await axes(plain, { irreversible: skew }), await axes(turned)]
    const exact = [
      { mean: 0, deviation: Math.sqrt(1 + 0.37) },
      { mean: 0.25, deviation: Math.sqrt(0.0625 + 0.37) },
      { mean: 0.25, deviation: Math.sqrt(0.0625 + 0.37) },
    ]
    for (const law of laws) {
      for (const [d, { mean, deviation }] of law.entries()) {
        expect(Math.abs(mean - exact[d]!.mean)).toBeLessThan(0.08)
        expect(Math.abs(deviation - exact[d]!.deviation)).toBeLessThan(0.06)
      }
    }
    // The score is that without Q, but for what fitting another function costs.
    const points = await engine.targetDraws(target, 500, 3)
    const [a, b] = [await engine.score(plain, points), await engine.score(turned, points)]
    const apart = a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.reduce((sum, v) => sum + v * v, 0)
    expect(apart).toBeLessThan(0.05)
    const back = returned(turned)
    expect(back).toMatchObject({ irreversibleScale: turned.irreversibleScale, tensors: turned.tensors })
    expect(await engine.score(back, points)).toEqual(b)
    expect(await fingerprint(back)).toBe(await fingerprint(turned))
  })

  test('J is learned, kept in checkpoints and in files', async () => {
    const settings = {
      ...training,
      method: 'adam',
      points: 500,
      epochs: 6,
      levels: 2,
      noiseMax: 1,
      learningRate: 1e-2,
      irreversibleScale: 0.3,
    } as const
    const kept: TrainCheckpoint[] = []
    const whole = await engine.train({
      ...settings,
      checkpointSeconds: 0,
      onCheckpoint: (checkpoint) => void kept.push(checkpoint),
    })
    const start = await engine.train({ ...settings, epochs: 2, learningRate: 1e-9 })
    expect(whole.tensors['J']!.shape).toEqual([3, 3])
    expect(whole.tensors['J']!.data).not.toEqual(start.tensors['J']!.data)
    expect(whole.irreversibleScale).toBe(0.3)
    for (const checkpoint of kept) {
      const resume = checkpointFromNpz(checkpointToNpz(checkpoint), 'train')
      expect((await engine.train({ ...settings, resume })).hash).toBe(whole.hash)
    }
    expect(returned(whole)).toMatchObject({ irreversibleScale: 0.3, tensors: whole.tensors })
  })

  test('any number of workers learns the same J and W_in', async () => {
    // Large enough a step to be shared.
    const [points, n, k] = [200, 12, 4]
    const numbers = async (width: number, seed: number) => ({
      shape: [points, width],
      data: await normals(points * width, seed),
    })
    const options = {
      data: await numbers(n, 5),
      stimuli: await numbers(k, 6),
      method: 'adam',
      units: 4000,
      batch: 100,
      epochs: 2,
      levels: 1,
      irreversibleScale: 0.5,
    } as const
    const kept: TrainCheckpoint[] = []
    const two = await engine.train({ ...options, checkpointSeconds: 0, onCheckpoint: (point) => void kept.push(point) })
    await using single = await createEngine({ workers: 1 })
    expect((await single.train(options)).hash).toBe(two.hash)
    expect(kept).toHaveLength(1)
    expect((await single.train({ ...options, resume: kept[0]! })).hash).toBe(two.hash)
    expect((await engine.train({ ...options, resume: kept[0]! })).hash).toBe(two.hash)
  })

  test("an authors' model with J loads, with and without its c", async () => {
    const bytes = await readFile(new URL('formats/fixtures/authors_reservoir.safetensors', import.meta.url))
    const plain = networkFromSafetensors(bytes)
    expect(plain.tensors['J']).toBeDefined()
    expect(plain.irreversibleScale).toBeUndefined()
    const turned = networkFromSafetensors(bytes, { irreversibleScale: 0.01 })
    expect(await fingerprint(turned)).toBe(await fingerprint(plain))
    const n = plain.dimension
    const points = { shape: [1, n], data: new Float32Array(n).fill(0.3) }
    const [s, f] = [await engine.score(turned, points), await engine.score(plain, points)]
    const J = plain.tensors['J']!.data
    const a = J.map((v, i) => v - J[(i % n) * n + Math.floor(i / n)]!)
    const size = Math.hypot(...a)
    for (let d = 0; d < n; d += 1) {
      const rotated = s.reduce((sum, v, k) => sum + ((0.01 * a[d * n + k]!) / size) * v, 0)
      expect(s[d]! + rotated).toBeCloseTo(f[d]!, 5)
    }
  })
})

test('one network for all noise levels finds the weights of modes far apart', async () => {
  const target = {
    kind: 'gaussian-mixture',
    weights: [0.3, 0.7],
    means: [[-4], [4]],
    deviations: [0.5, 0.5],
  } as const
  const network = await engine.train({ target, noiseInput: true, noiseMin: 0.1, noiseMax: 8, units: 300, seed: 1 })
  expect(returned(network)).toMatchObject({ noiseInput: true, scaling: network.scaling })
  await expect(engine.sample(network, { chains: 1, steps: 1, dt: 0.1 })).rejects.toMatchObject({ argument: 'noise' })
  // Annealed Langevin: σ falls from 8 to 0.1, and the step with the width of the noisy modes.
  const [levels, each] = [30, 40]
  const at = (k: number) => {
    const noise = 8 * (0.1 / 8) ** (k / (levels - 1))
    return { noise, dt: Math.min(0.5, 0.1 * (noise ** 2 + 0.25)) }
  }
  const draws = await engine.sample(network, {
    chains: 4000,
    steps: levels * each,
    ...at(0),
    start: { kind: 'normal', mean: 0, deviation: 8 },
    changes: Array.from({ length: levels - 1 }, (_, k) => ({ step: (k + 1) * each, ...at(k + 1) })),
  })
  const right = draws.data.filter((x) => x > 0)
  expect(Math.abs(right.length / 4000 - 0.7)).toBeLessThan(0.05)
  expect(Math.abs(moments(right).mean - 4)).toBeLessThan(0.1)
  // By itself the least noisy level keeps every chain where it starts.
  const start = { kind: 'normal', mean: 4, deviation: 0.5 } as const
  const stuck = await engine.sample(network, { chains: 1000, steps: 400, dt: at(levels).dt, noise: 0.1, start })
  expect(stuck.data.filter((x) => x > 0).length).toBeGreaterThan(980)
})

describe('what does not fit is refused', () => {
  const data = { shape: [100, 2], data: Float32Array.from({ length: 200 }, (_, i) => Math.cos(i)) }
  const stimuli = { shape: [100, 1], data: Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)) }
  test.each<[string, TrainOptions]>([
    ['stimuli', { data, stimuli: { shape: [99, 1], data: stimuli.data.slice(1) } }],
    ['stimuli', { target: 'double-peak', stimuli }],
    ['stimuli', { data, stimuli, architecture: 'sampler-only-rate' }],
    ['data', { data, stimuli: { shape: [100, 1], data: stimuli.data.map((v, i) => (i === 7 ? Number.NaN : v)) } }],
    [
      'irreversible',
      {
        data,
        irreversible: [
          [0, 1],
          [1, 0],
        ],
      },
    ],
    [
      'irreversible.0.1',
      {
        data,
        irreversible: [
          [0, Number.NaN],
          [Number.NaN, 0],
        ],
      },
    ],
    ['irreversible', { data, irreversible: [[0]] }],
    [
      'irreversible',
      {
        data,
        irreversible: [
          [0, 1],
          [-1, 0],
        ],
        architecture: 'sampler-only-rate',
      },
    ],
    ['irreversibleScale', { data, irreversibleScale: 0.01 }],
    ['irreversibleScale', { data, irreversibleScale: -1, method: 'adam' }],
    [
      'irreversibleScale',
      {
        data,
        irreversibleScale: 1,
        irreversible: [
          [0, 1],
          [-1, 0],
        ],
        method: 'adam',
      },
    ],
    ['irreversibleScale', { target: 'double-peak', irreversibleScale: 1, method: 'adam' }],
    ['standardise', { target: 'double-peak', standardise: true }],
    ['levels', { data, noiseInput: true, levels: 3 }],
    ['noiseMin', { data, noiseInput: true, noiseMin: 1, noiseMax: 1 }],
    ['noiseInput', { data, noiseInput: true, architecture: 'sampler-only-rate' }],
  ])('%s in training', async (argument, options) => {
    await expect(engine.train(options)).rejects.toMatchObject({ argument })
  })

  test('conditions of a run', async () => {
    const network = await engine.train({ data, stimuli, units: 8, levels: 1 })
    const run = { chains: 2, steps: 10, dt: 0.05 }
    const refused = (argument: string, more: object) =>
      expect(engine.sample(network, { ...run, ...more })).rejects.toMatchObject({ argument, code: 'invalid-argument' })
    await refused('stimulus', {})
    await refused('stimulus', { stimulus: [1, 2] })
    await refused('stimulus.0', { stimulus: [Number.NaN] })
    await refused('stimulus', { stimulus: [Number.POSITIVE_INFINITY] })
    await refused('stimulus', { stimulus: [1], changes: [{ step: 5, stimulus: [] }] })
    await refused('noise', { stimulus: [1], noise: 0.1 })
    await refused('irreversible', {
      stimulus: [1],
      irreversible: [
        [1, 0],
        [0, 1],
      ],
    })
    await expect(engine.score(network, { shape: [1, 2], data: new Float32Array(2) })).rejects.toMatchObject({
      argument: 'stimulus',
    })
    await expect(engine.at(network, { stimulus: [] })).rejects.toMatchObject({ argument: 'stimulus' })
    const plain = await engine.at(network, { stimulus: [0.5] })
    await expect(engine.sample(plain, { ...run, stimulus: [1] })).rejects.toMatchObject({ argument: 'stimulus' })
  })

  test('files', () => {
    const tensors = {
      'W1.weight': { shape: [1, 2], data: new Float32Array(2) },
      'W2.weight': { shape: [2, 1], data: new Float32Array(2) },
      'W2.bias': { shape: [2], data: new Float32Array(2) },
    }
    const bare = {
      architecture: 'reservoir-sampler',
      activation: 'relu',
      dimension: 1,
      units: 2,
      tensors,
      confinement: null,
      provenance: null,
    } as const
    const refused = (more: object) =>
      expect(() => returned({ ...bare, ...more })).toThrow(expect.objectContaining({ code: 'format' }))
    refused({ irreversibleScale: 0.1 })
    refused({ noiseInput: true })
    refused({ scaling: { x: { mean: [0], deviation: [0] } } })
    refused({ scaling: { x: { mean: [0, 0], deviation: [1, 1] } } })
    refused({ tensors: { ...tensors, 'W_in.weight': { shape: [3, 1], data: new Float32Array(3) } } })
  })
})
