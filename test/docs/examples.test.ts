// Each example runs as a user would run it: the one in Node, NumPy on what it wrote, and the notebook with ArviZ.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { drawsFromNpz } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openGuide } from './guide.js'
import { arvizVersions, python, runNotebook } from './python.js'

const run = promisify(execFile)
const example = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))

let folder: string
let file: string
let printed: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-examples-'))
  file = join(folder, 'draws.npz')
  printed = (await run(process.execPath, [example('node.mjs'), file])).stdout
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('node.mjs trains, samples and writes draws', async () => {
  expect(printed).toMatch(/^\[ 5000, 1, 1 \] [0-9a-f]{64}\n$/)
  const { data, shape } = drawsFromNpz(await readFile(file))
  expect(shape).toEqual([5000, 1, 1])
  // ½N(−1, ½²) + ½N(1, ½²) has mean 0 and variance 1¼.
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length
  const variance = data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length
  expect(Math.abs(mean)).toBeLessThan(0.1)
  expect(Math.abs(variance - 1.25)).toBeLessThan(0.1)
})

test('python/read_draws.py reads them', { timeout: 900_000 }, async (context) => {
  const found = await python('ArviZ 0')
  if ('reason' in found) return context.skip(found.reason)
  const { stdout } = await run(found.file, [example('python/read_draws.py'), file])
  expect(stdout).toMatch(/^\(5000, 1, 1\) float32 mean -?0\.0\d\d, deviation 1\.1\d\d\n$/)
})

describe.each(arvizVersions)('python/read_draws.ipynb with %s', (version) => {
  interface Output {
    readonly output_type: string
    readonly name?: string
    readonly data?: Readonly<Record<string, string | string[]>>
  }
  const name = 'examples/python/read_draws.ipynb'

  test('all cells run, and what they say of it is so', { timeout: 900_000 }, async (context) => {
    const found = await python(version)
    if ('reason' in found) return context.skip(found.reason)
    const guide = await openGuide(name, [name])
    try {
      // Once a day, ArviZ before version 1 warns of that version.
      const env = { ...guide.env, PYTHONWARNINGS: 'ignore::FutureWarning' }
      await runNotebook(found.file, 'read_draws.ipynb', guide.work, env)
      const notebook = JSON.parse(await readFile(join(guide.work, 'read_draws.ipynb'), 'utf8'))
      const outputs: Output[] = notebook.cells.flatMap((cell: { outputs?: Output[] }) => cell.outputs ?? [])
      expect(outputs.filter((one) => one.output_type === 'error' || one.name === 'stderr')).toEqual([])
      const texts = outputs.map(({ data }) => [data?.['text/plain'] ?? ''].flat().join(''))
      expect(texts).toContain("((4, 2000, 1), dtype('float32'))")
      expect(texts).toContain('(1, 2, 0.05)')
      expect(outputs.filter(({ data }) => data?.['image/png'])).toHaveLength(3)
      // ArviZ and the command agree, to the digits that ArviZ prints, and the chains have converged.
      const { stdout } = await guide.shell('langevin-rnn diagnose draws.npz --json')
      const [{ essBulk, rHat }] = JSON.parse(stdout).coordinates
      expect(rHat).toBeLessThanOrEqual(1.01)
      const summary = texts.find((text) => text.includes('ess_bulk'))!.split('\n')
      expect(summary.join(' ')).toContain(` ${Math.floor(essBulk)}`)
    } finally {
      await guide.remove()
    }
  })
})

test('the notebook is kept without what its cells gave', async () => {
  const { cells } = JSON.parse(await readFile(example('python/read_draws.ipynb'), 'utf8'))
  const code = cells.filter((cell: { cell_type: string }) => cell.cell_type === 'code')
  expect(code.length).toBeGreaterThan(4)
  for (const { outputs, execution_count } of code) expect([outputs, execution_count]).toEqual([[], null])
})
