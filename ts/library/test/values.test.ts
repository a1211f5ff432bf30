// What an engine works out besides: targets, scores, hashes.
import type { Engine, Network } from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trained } from './helpers.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  network = await trained(engine)
})
afterAll(() => engine.dispose())

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
