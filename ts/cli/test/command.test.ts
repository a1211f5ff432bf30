// The built command as a child process with the real library: exit codes, streams, files, interruption, bits.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, drawsFromNpz, networkFromSafetensors } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, start as startIn } from './real_host.js'

let folder: string
const path = (...parts: string[]) => join(folder, ...parts)
const start = (args: readonly string[]) => startIn(folder, args)
const run = (...args: string[]) => start(args).ended

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-command-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('reproduce double-peak, quick', () => {
  let ended: Ended
  beforeAll(async () => {
    ended = await run('reproduce', 'double-peak', '--seed', '1', '--workers', '2', '--out', 'two', '--json')
  })

  test('exits 0 with one JSON document, and no progress in a pipe', async () => {
    expect(ended.stderr).not.toContain('█')
    expect(ended.code).toBe(0)
    expect(JSON.parse(ended.stdout)).toEqual(JSON.parse(await readFile(path('two/results.json'), 'utf8')))
  })

  test('finds what the paper says', () => {
    const { architectures } = JSON.parse(ended.stdout)
    const [reservoir, ...samplers] = architectures.map((item: { figures: object }) => item.figures)
    expect(reservoir).toMatchObject({ lawModes: 2, confined: true })
    expect(reservoir.fisherDivergence).toBeLessThan(0.02)
    expect(reservoir.lawWasserstein).toBeLessThan(0.01)
    expect(reservoir.drawsWasserstein).toBeLessThan(0.02)
    for (const sampler of samplers) {
      expect(sampler.lawModes).toBe(1)
      expect(sampler.drawsWasserstein).toBeGreaterThan(5 * reservoir.drawsWasserstein)
    }
  })

  test('the files hold what the manifest says', async () => {
    const manifest = JSON.parse(await readFile(path('two/manifest.json'), 'utf8'))
    await using engine = await createEngine({ workers: 1 })
    const checked: string[] = []
    for (const architecture of ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']) {
      const draws = drawsFromNpz(await readFile(path('two', architecture, 'draws.npz')))
      const network = networkFromSafetensors(await readFile(path('two', architecture, 'network.safetensors')))
      expect(network.architecture).toBe(architecture)
      expect(network.confinement).not.toBeNull()
      for (const [name, tensor] of [['draws', draws] as const, ...Object.entries(network.tensors)]) {
        const key = `${architecture}/${name}`
        expect({ [key]: await engine.hash(tensor) }).toEqual({ [key]: manifest.arrays[key]?.sha256 })
        checked.push(key)
      }
    }
    expect(checked.length).toBe(3 + 3 + 4 + 4)
    const { files } = JSON.parse(ended.stdout)
    const there = (await readdir(path('two'), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    )
    expect(there.length).toBe(files.length)
  })

  test('another number of workers writes the same bytes', async () => {
    const one = await run('reproduce', 'double-peak', '--seed', '1', '--workers', '1', '--out', 'one')
    expect(one.code).toBe(0)
    expect(one.stdout).toContain('exact draws: W1')
    for (const file of JSON.parse(ended.stdout).files as string[]) {
      // Times and workers are in the results, and nowhere else.
      if (file === 'results.json') continue
      expect({ [file]: await readFile(path('one', file)) }).toEqual({ [file]: await readFile(path('two', file)) })
    }
  })

  test('verify agrees, and finds a bit that was changed', async () => {
    const same = await run('verify', 'two/manifest.json')
    expect(same).toMatchObject({ code: 0, stderr: '' })
    const manifest = JSON.parse(await readFile(path('two/manifest.json'), 'utf8'))
    manifest.arrays['sampler-only-rate/draws'].sha256 = '0'.repeat(64)
    await writeFile(path('changed.json'), JSON.stringify(manifest))
    const different = await run('verify', 'changed.json')
    expect(different.code).toBe(1)
    expect(different.stderr).toContain('Different: sampler-only-rate/draws')
  })

  test('inspect reads what was written', async () => {
    const network = await run('inspect', 'two/reservoir-sampler/network.safetensors')
    expect(network).toMatchObject({ code: 0, stderr: '' })
    expect(network.stdout).toContain('confined: ')
    expect((await run('inspect', 'two/reservoir-sampler/draws.npz', '--json')).code).toBe(0)
  })
})

describe('exit codes', () => {
  test('usage: 2, at once', async () => {
    expect((await run('reproduce', 'duoble-peak')).code).toBe(2)
    expect((await run()).code).toBe(2)
    expect((await run('reproduce', 'double-peak', '--seed', 'x')).code).toBe(2)
  })

  test('help: 0', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stderr: '' })
  })

  test.skipIf(process.platform === 'win32')(
    'interrupted: 130; resumed: the bits of one go',
    { timeout: 300_000 },
    async () => {
      const args = ['reproduce', 'double-peak', '--preset', 'paper', '--seed', '1', '--out', 'paper']
      const one = [...args, '--architecture', 'reservoir-sampler']
      const { child, ended } = start(one)
      const there = () => readdir(path('paper/checkpoints')).catch((): string[] => [])
      while (!(await there()).includes('reservoir-sampler.npz')) {
        expect(child.exitCode).toBe(null)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      child.kill('SIGINT')
      const stopped = await ended
      expect(stopped).toMatchObject({ code: 130, stdout: '' })
      expect(stopped.stderr).toContain('--resume goes on')
      expect(await readdir(path('paper'))).toEqual(['checkpoints'])

      expect((await run(...one, '--method', 'closed-form', '--resume')).code).not.toBe(0)
      const resumed = await run(...one, '--resume')
      expect(resumed.stderr).toMatch(/Going on: reservoir-sampler after \d+ epochs/)
      expect(resumed.code).toBe(0)
      expect(await readdir(path('paper'))).not.toContain('checkpoints')
      const { arrays } = JSON.parse(await readFile(path('paper/manifest.json'), 'utf8'))
      const golden = new URL('../../../test/golden/double-peak-paper.json', import.meta.url)
      expect(JSON.parse(await readFile(golden, 'utf8')).arrays).toMatchObject(arrays)
      expect(Object.keys(arrays)).toContain('reservoir-sampler/draws')
    },
  )
})
