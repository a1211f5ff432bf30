// Training as a user meets it: values, progress, data of one’s own, checkpoints.
import { readFile } from 'node:fs/promises'
import type { Engine, Progress } from 'langevin-rnn'
import * as library from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejected } from '../helpers.js'

let engine: Engine

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

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
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(library.version).toBe(version)
    expect(trained.provenance?.package).toBe(`langevin-rnn ${version}`)
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

  test('the last noise level alone has the bits that all of them give it', async () => {
    const settings = { units: 16, points: 2000, levels: 4, seed: 7 } as const
    const points = await engine.targetDraws('ring', 8000, 3)
    async function* stream() {
      for (let at = 0; at < 8000; at += 500) {
        yield { shape: [500, 2], data: points.data.slice(2 * at, 2 * (at + 500)) }
      }
    }
    const sources = [() => ({ target: 'double-peak' }) as const, () => ({ data: points }), () => ({ data: stream() })]
    for (const source of sources) {
      const all = await engine.train({ ...settings, ...source() })
      const progress: Progress[] = []
      const last = await engine.train({
        ...settings,
        ...source(),
        solveLevels: 'last',
        onProgress: (one) => progress.push(one),
      })
      expect(last.hash).toBe(all.hash)
      expect(last.levels.map(({ noise }) => noise)).toEqual([0.05])
      expect(Array.from(last.losses)).toEqual([all.losses[3]])
      expect(last.confinement).toEqual(all.confinement)
      expect(progress.map(({ done, total }) => [done, total])).toEqual([[1, 1]])
      const { solveLevels, ...configuration } = last.provenance!.configuration
      expect(solveLevels).toBe('last')
      expect(configuration).toEqual(all.provenance!.configuration)
    }
  })

  test('by Adam no noise level can be left out', async () => {
    const error = await rejected(engine.train({ target: 'double-peak', method: 'adam', solveLevels: 'last' }))
    expect(error).toMatchObject({ code: 'unsupported', argument: 'solveLevels' })
    const given = { target: 'double-peak', solveLevels: 'first' as 'last' } as const
    expect(await rejected(engine.train(given))).toMatchObject({ code: 'invalid-argument', argument: 'solveLevels' })
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
