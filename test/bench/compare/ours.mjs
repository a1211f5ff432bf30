// Ours as a contestant: the public API of the built library, whole calls for sampling, progress events for training.
import { createEngine } from 'langevin-rnn'
import { NOISE, RATE, targetOf } from './rows.mjs'

const BUDGET = 3 * 2 ** 30
const seconds = () => performance.now() / 1000

/** Mulberry32, uniform on [−1, 1): weights and data need no better. */
export function uniforms(length, scale, seed) {
  const values = new Float32Array(length)
  let state = seed >>> 0
  for (let i = 0; i < length; i += 1) {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    values[i] = scale * (((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1)
  }
  return values
}

/** Normals by Box and Muller around `mean`. */
export function normals(length, mean, seed) {
  const [u, v] = [uniforms(length, 1, seed), uniforms(length, Math.PI, seed + 1)]
  return u.map((x, i) => mean + Math.sqrt(-2 * Math.log(1 - (x + 1) / 2)) * Math.cos(v[i]))
}

/** A network with PyTorch's initial law of weights: its score is near −x, so nothing diverges. */
export function networkOf(n, m, seed = 1) {
  const tensors = {
    'W1.weight': { shape: [n, m], data: uniforms(n * m, 1 / Math.sqrt(m), seed) },
    'W2.weight': { shape: [m, n], data: uniforms(m * n, 1 / Math.sqrt(n), seed + 1) },
    'W2.bias': { shape: [m], data: uniforms(m, 1 / Math.sqrt(n), seed + 2) },
  }
  const architecture = 'reservoir-sampler'
  return { architecture, activation: 'relu', dimension: n, units: m, tensors, confinement: null, provenance: null }
}

/** Points to learn from: fresh draws of a target, or random normals where there is none. */
export async function dataOf(engine, row) {
  const target = targetOf(row.n)
  if (target !== undefined) return engine.targetDraws(target, row.points, 5)
  return { shape: [row.points, row.n], data: normals(row.points * row.n, 0, 5) }
}

export class Ours {
  constructor(engine) {
    this.engine = engine
  }

  static async start(workers) {
    return new Ours(await createEngine({ memoryBudget: BUDGET, ...(workers === undefined ? {} : { workers }) }))
  }

  /** Last states of a sampling run, [chain, n]. */
  async draws({ chains, dt, evaluator }, network, steps, more = {}) {
    const draws = await this.engine.sample(network, {
      ...{ chains, steps, dt, integrator: 'euler-maruyama', seed: 2, ...more },
      ...(evaluator === undefined ? {} : { evaluator }),
    })
    return draws.data
  }

  /** Seconds that a sampling run takes, from the call to its draws. */
  async sample(row, network, steps) {
    const began = seconds()
    await this.draws(row, network, steps)
    return seconds() - began
  }

  /** Seconds a training step, over at least `duration` seconds between two progress events; start-up is before the first. */
  async trainStep(row, data, duration) {
    const target = targetOf(row.n)
    const controller = new AbortController()
    const marks = []
    const run = this.engine.train({
      ...(target === undefined ? { data } : { target }),
      ...{ units: row.m, method: 'adam', batch: row.batch, points: row.points, epochs: 2 ** 24 },
      ...{ levels: 1, noiseMax: NOISE, noiseMin: NOISE, learningRate: RATE, seed: 3, signal: controller.signal },
      onProgress: ({ done }) => {
        marks.push({ at: seconds(), done })
        if (marks.length > 1 && marks.at(-1).at - marks[0].at >= duration) controller.abort()
      },
    })
    try {
      await run
    } catch (error) {
      if (error?.name !== 'AbortError') throw error
    }
    const [first, last] = [marks[0], marks.at(-1)]
    return (last.at - first.at) / ((last.done - first.done) * Math.ceil(row.points / row.batch))
  }

  async end() {
    await this.engine.dispose()
  }
}
