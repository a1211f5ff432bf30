// Each example runs as a user would run it: the one in Node, and NumPy on what it wrote.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { drawsFromNpz } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const example = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))

/** PYTHON names another interpreter, such as one of a virtual environment. */
const python = process.env['PYTHON'] ?? 'python3'
const hasNumpy = await run(python, ['-c', 'import numpy']).then(
  () => true,
  () => false,
)

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

test.skipIf(!hasNumpy)('python/read_draws.py reads them', async () => {
  const { stdout } = await run(python, [example('python/read_draws.py'), file])
  expect(stdout).toMatch(/^\(5000, 1, 1\) float32 mean -?0\.0\d\d, deviation 1\.1\d\d\n$/)
})
