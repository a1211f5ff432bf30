// `inspect` and `verify` as functions, on files that a reproduction with the fake library wrote.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeNpy, writeSafetensors } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFake } from './fake_host.js'

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

  test('different: exit 1, the first array named', async () => {
    const manifest = JSON.parse(await readFile(path('manifest.json'), 'utf8'))
    manifest.arrays['sampler-only-rate/draws'].sha256 = 'f'.repeat(64)
    await writeFile(path('changed.json'), JSON.stringify(manifest))
    const { code, stdout, stderr } = await runFake(['verify', path('changed.json'), '--json'])
    expect(code).toBe(1)
    expect(stderr).toContain('Different: sampler-only-rate/draws, the first of 1 of 3 arrays')
    expect(JSON.parse(stdout)).toMatchObject({
      same: false,
      arrays: 3,
      differences: [{ array: 'sampler-only-rate/draws' }],
    })
  })

  test.each<[string, Record<string, unknown> | string, string]>([
    ['no JSON', '{', 'is no JSON document'],
    ['another document', { format: 'x' }, 'is no manifest'],
    ['another stream version', { streamVersion: 2 }, 'is of stream version 2'],
    ['another experiment', { experiment: 'mnist' }, "which this version doesn't know"],
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
