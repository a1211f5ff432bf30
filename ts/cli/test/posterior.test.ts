// `reproduce posterior` with the real library on reference draws of a folder: files, table, mistakes.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, type Task } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { interruptedHere, runHere } from './real_host.js'
import { expectRecordedValues } from './recorded_values.js'

let folder: string
let reference: string
const TASKS: readonly Task[] = ['two-moons', 'gaussian-mixture', 'gaussian-linear', 'slcp']

// Draws of the prior, and few of them: what is compared is no matter here.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-posterior-'))
  reference = await mkdtemp(join(folder, 'reference-'))
  await using engine = await createEngine({ workers: 1 })
  for (const task of TASKS) {
    const { parameters } = await engine.simulate(task, 40, 5)
    const [rows, d] = parameters.shape as [number, number]
    const lines = Array.from({ length: rows }, (_, i) => parameters.data.slice(i * d, (i + 1) * d).join(','))
    const head = Array.from({ length: d }, (_, j) => `parameter_${j + 1}`).join(',')
    for (const k of [1, 2]) await writeFile(join(reference, `${task}-${k}.csv`), `${head}\n${lines.join('\n')}\n`)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('files, table and results', { timeout: 300_000 }, async () => {
  const out = join(folder, 'out')
  const args = ['reproduce', 'posterior', '--preset', 'paper-short', '--seed', '1']
  const run = await runHere([...args, '--reference', reference, '--out', out])
  expect(run.code, run.stderr).toBe(0)
  for (const task of TASKS) expect(run.stdout).toContain(task)
  const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'))
  expect(results.tasks).toHaveLength(TASKS.length)
  for (const { runs } of results.tasks) {
    expect(runs).toHaveLength(1)
    for (const { c2st, draws, referenceDraws } of runs[0].observations) {
      expect(c2st).toBeGreaterThan(0.3)
      expect(c2st).toBeLessThanOrEqual(1)
      expect([draws, referenceDraws]).toEqual([200, 40])
    }
  }
  expect(results.cueCombination.shown).toHaveLength(6)
  const figures = await readdir(join(out, 'figures'))
  for (const name of ['c2st', 'two-moons', 'slcp', 'cue-combination']) {
    for (const kind of ['svg', 'png', 'csv']) expect(figures).toContain(`${name}.${kind}`)
  }
  expect(await readdir(join(out, 'slcp-1000'))).toEqual(['draws.npz', 'losses.npy', 'network.safetensors'])
  const golden = new URL('../../../test/golden/posterior-paper-short.json', import.meta.url)
  expect(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))).toEqual(
    JSON.parse(await readFile(golden, 'utf8')),
  )
  await expectRecordedValues(out)
})

test('interrupted, and resumed to the manifest of one go', { timeout: 300_000 }, async () => {
  const args = ['reproduce', 'posterior', '--preset', 'paper-short', '--task', 'gaussian-mixture', '--seed', '2']
  const reading = ['--reference', reference]
  const { stopped, resumed } = await interruptedHere([...args, ...reading], join(folder, 'broken'))
  expect(stopped).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('--resume goes on') })
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('Going on: gaussian-mixture-1000 after ') })
  expect((await runHere([...args, ...reading, '--out', join(folder, 'whole')])).code).toBe(0)
  const [broken, whole] = ['broken', 'whole'].map((name) => readFile(join(folder, name, 'manifest.json'), 'utf8'))
  expect(await broken).toBe(await whole)
})

test('other numbers of simulations, drawn but not compared, and verified', { timeout: 300_000 }, async () => {
  const out = join(folder, 'others')
  const args = ['reproduce', 'posterior', '--preset', 'paper-short', '--task', 'gaussian-linear', '--seed', '4']
  const run = await runHere([...args, '--simulations', '500,1500', '--no-c2st', '--out', out])
  expect(run.code, run.stderr).toBe(0)
  const { tasks } = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'))
  expect(tasks[0].runs).toMatchObject([500, 1500].map((simulations) => ({ simulations, c2st: null })))
  const written = await readdir(out)
  for (const name of ['gaussian-linear-500', 'gaussian-linear-1500']) expect(written).toContain(name)
  const figures = await readdir(join(out, 'figures'))
  expect(figures).toContain('cue-combination.svg')
  expect(figures.filter((name) => name.startsWith('c2st'))).toEqual([])
  const manifest = join(out, 'manifest.json')
  expect(await runHere(['verify', manifest])).toMatchObject({ code: 0, stdout: expect.stringContaining('The same') })
})

test('mistakes are told before work starts', async () => {
  const posterior = ['reproduce', 'posterior', '--out', join(folder, 'none')]
  const missing = await runHere([...posterior, '--reference', join(folder, 'nowhere')])
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('is no folder') })
  const other = await runHere(['reproduce', 'capacity', '--reference', reference, '--out', join(folder, 'none')])
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('--reference is for posterior') })
  const both = await runHere([...posterior, '--reference', reference, '--no-c2st'])
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--no-c2st leaves out') })
  const undrawn = await runHere(['reproduce', 'capacity', '--no-c2st', '--out', join(folder, 'none')])
  expect(undrawn).toMatchObject({ code: 2, stderr: expect.stringContaining('--no-c2st is for posterior') })
  for (const [given, code, told] of [
    ['50', 2, "'50' is not a whole number from 100"],
    ['1e3', 2, "'1e3' is not a whole number"],
    ['200,200', 1, 'simulations is 200; expected different whole numbers'],
  ] as const) {
    const wrong = await runHere([...posterior, '--no-c2st', '--simulations', given])
    expect(wrong).toMatchObject({ code, stderr: expect.stringContaining(told) })
  }
  const empty = await mkdtemp(join(folder, 'empty-'))
  const lacks = await runHere([...posterior, '--preset', 'paper-short', '--reference', empty])
  expect(lacks).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no two-moons-1.csv') })
})
