// `inspect` and `verify` as functions, on files that a reproduction with the fake library wrote.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawsToNpz, writeNpy, writeSafetensors } from 'langevin-rnn'
import type { ArchitectureReport } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstDifference, recordedValues } from '../src/recorded.js'
import { runFake } from './fake_host.js'
import { fakeReport } from './fake_report.js'

let folder: string
const path = (...parts: string[]) => join(folder, ...parts)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-cli-'))
  await runFake(['reproduce', 'double-peak', '--out', folder])
  await writeFile(path('array.npy'), writeNpy({ shape: [2, 3], data: new Float64Array(6) }))
  await writeFile(
    path('other.safetensors'),
    writeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }, { note: 'x' }),
  )
  await writeFile(path('rubbish'), 'rubbish')
  await writeFile(path('points.csv'), 'x,y\n1,2\n3,4\n')
  await writeFile(path('images'), Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('inspect', () => {
  test('a network', async () => {
    const { code, stdout, stderr } = await runFake(['inspect', path('reservoir-sampler/network.safetensors')])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/: network, \d+ bytes\n {2}architecture {2}reservoir-sampler\n {2}activation {4}relu\n/)
    expect(stdout).toContain('confined: largest outward drift -0.300/τ on 2 rays, at infinity -0.200')
    expect(stdout).toMatch(/W1.weight {2}float32 {2}1 × 1 {2}[0-9a-f]{64}\n/)
  })

  test('a network that is not confined says so', async () => {
    const { stdout } = await runFake(['inspect', path('sampler-only-rate/network.safetensors')])
    expect(stdout).toContain('NOT CONFINED: the drift points outward beyond 27')
  })

  test('draws, arrays, and other tensors, as JSON', async () => {
    const json = async (...parts: string[]) => {
      const { code, stdout, stderr } = await runFake(['inspect', path(...parts), '--json'])
      expect(stderr).toBe('')
      expect(code).toBe(0)
      return JSON.parse(stdout)
    }
    expect(await json('reservoir-sampler/draws.npz')).toMatchObject({
      kind: 'draws',
      metadata: { provenance: { seed: 7 } },
      arrays: [{ name: 'draws', dtype: 'float32', shape: [500, 1, 1] }, { name: 'states' }],
    })
    expect(await json('array.npy')).toMatchObject({
      kind: 'npy',
      arrays: [{ dtype: 'float64', shape: [2, 3], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    })
    expect(await json('points.csv')).toMatchObject({ kind: 'points', arrays: [{ name: 'points', shape: [2, 2] }] })
    expect(await json('images')).toMatchObject({ kind: 'points', arrays: [{ shape: [1, 4] }] })
    expect(await json('other.safetensors')).toMatchObject({
      kind: 'safetensors',
      metadata: { note: 'x' },
      arrays: [{ name: 'a' }],
    })
  })

  test.each([
    ['missing', 'there is no such file'],
    ['.', 'it is a folder'],
    ['rubbish', 'csv: there are no numbers'],
  ])('%s: exit 1', async (name, message) => {
    const { code, stdout, stderr } = await runFake(['inspect', path(name), '--json'])
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect(JSON.parse(stdout).error.message).toContain(message)
  })
})

describe('inspect of a hostile file', () => {
  test('cannot steer the terminal', async () => {
    const tensors = { '\u001b[2J\u202e': { shape: [1], data: Float32Array.of(1) } }
    await writeFile(path('hostile.safetensors'), writeSafetensors(tensors, { note: '\u009b31m' }))
    const { code, stdout } = await runFake(['inspect', path('hostile.safetensors')])
    expect(code).toBe(0)
    expect(stdout).toContain('\\u{1b}[2J\\u{202e}')
    expect(stdout).toContain('\\u{9b}31m')
  })
})

describe('verify', () => {
  test('the same', async () => {
    const { code, stdout, asked } = await runFake(['verify', path('manifest.json'), '--workers', '1'])
    expect(code).toBe(0)
    expect(stdout).toContain('The same: all 3 arrays')
    expect(asked[0]!.engine).toEqual({ workers: 1 })
    expect(asked[0]!.options).toMatchObject({ preset: 'quick', seed: 7, method: 'adam' })
  })

  describe('different: exit 1, the first array named, and the index', () => {
    const sum = (data: Float32Array) => createHash('sha256').update(data).digest('hex')

    /** A folder as a machine with other bits would leave it: the draws of one network changed at one index. */
    async function otherBits(name: string, truthful = true): Promise<string> {
      const report = fakeReport(['sampler-only-rate'])
      const [{ draws }] = report.architectures as [ArchitectureReport]
      const data = draws.data.slice()
      data[17] = Math.fround(data[17]! + 0.25)
      const manifest = JSON.parse(await readFile(path('manifest.json'), 'utf8'))
      manifest.arrays['sampler-only-rate/draws'].sha256 = truthful ? sum(data) : 'f'.repeat(64)
      await mkdir(path(name, 'sampler-only-rate'), { recursive: true })
      await writeFile(path(name, 'manifest.json'), JSON.stringify(manifest))
      await writeFile(path(name, 'sampler-only-rate/draws.npz'), drawsToNpz({ ...draws, data }))
      return path(name, 'manifest.json')
    }

    test('by the files beside the manifest', async () => {
      const { code, stdout, stderr } = await runFake(['verify', await otherBits('other'), '--json'])
      expect(code).toBe(1)
      expect(stderr).toContain('Different: sampler-only-rate/draws, the first of 1 of 3 arrays')
      expect(stderr).toMatch(/first at {2}\[17, 0, 0\]: -?[\d.]+ in the manifest's files, -?[\d.]+ computed\n/)
      const { same, arrays, differences, first } = JSON.parse(stdout)
      expect({ same, arrays }).toEqual({ same: false, arrays: 3 })
      expect(differences).toMatchObject([{ array: 'sampler-only-rate/draws' }])
      expect(first.index).toEqual([17, 0, 0])
      expect(first.manifest - first.computed).toBeCloseTo(0.25, 6)
    })

    test("by the files of another folder; not by files that are not the manifest's", async () => {
      const manifest = await otherBits('alone')
      await rm(path('alone/sampler-only-rate'), { recursive: true })
      const lone = await runFake(['verify', manifest])
      expect(lone.stderr).toContain('index unknown: its values are not in')
      await otherBits('elsewhere')
      const found = await runFake(['verify', manifest, '--against', path('elsewhere')])
      expect(found.stderr).toContain('first at  [17, 0, 0]: ')
      const { stderr } = await runFake(['verify', await otherBits('untrue', false)])
      expect(stderr).toContain('holds other values than those of the manifest')
    })

    test('an array that one of them lacks', async () => {
      const manifest = JSON.parse(await readFile(path('manifest.json'), 'utf8'))
      manifest.arrays = {
        'sampler-only-rate/nothing': { dtype: 'float32', shape: [1], sha256: '0' },
        ...manifest.arrays,
      }
      await writeFile(path('more.json'), JSON.stringify(manifest))
      const { code, stderr } = await runFake(['verify', path('more.json')])
      expect(code).toBe(1)
      expect(stderr).toContain('computed  has no such array')
    })
  })

  test('every array of a manifest has its values in the folder', async () => {
    const report = fakeReport(['reservoir-sampler', 'sampler-only-current'])
    expect(report.arrays.size).toBe(13)
    for (const [array, { shape, data }] of report.arrays) {
      expect(await recordedValues(folder, array), array).toEqual({ shape, data })
    }
  })

  test('bits are compared: the sign of zero counts, the kind of a NaN does not', () => {
    const values = (...data: number[]) => ({ shape: [data.length / 2, 2], data: Float64Array.from(data) })
    expect(firstDifference(values(0, NaN, 1, 2), values(0, NaN, 1, 2))).toBeUndefined()
    expect(firstDifference(values(0, NaN, 1, 0), values(0, NaN, 1, -0))).toEqual({
      index: [1, 1],
      manifest: 0,
      computed: -0,
    })
  })

  test.each<[string, Record<string, unknown> | string, string]>([
    ['no JSON', '{', 'is no JSON document'],
    ['another document', { format: 'x' }, 'is no manifest'],
    ['another stream version', { streamVersion: 2 }, 'is of stream version 2'],
    ['another experiment', { experiment: 'faces' }, "which this version doesn't know"],
    ['an unknown preset', { preset: 'slow' }, 'lacks a preset'],
    ['no arrays', { arrays: {} }, 'lacks a preset'],
  ])('%s: exit 1', async (_what, change, message) => {
    const manifest = JSON.parse(await readFile(path('manifest.json'), 'utf8'))
    await writeFile(path('bad.json'), typeof change === 'string' ? change : JSON.stringify({ ...manifest, ...change }))
    const { code, stderr } = await runFake(['verify', path('bad.json')])
    expect(code).toBe(1)
    expect(stderr).toContain(message)
  })
})
