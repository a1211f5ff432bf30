// `train` with the real library: every kind of data, reports, resumption, mistakes.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { gzipSync, zipSync } from 'fflate'
import { drawsFromNpz, networkFromSafetensors, version, writeCsv, writeNpy } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runHere, scratch, start } from './real_host.js'

const COUNT = 2000
/** Whole numbers, so that every kind of file holds the same points. */
const whole = Int16Array.from({ length: 2 * COUNT }, (_, i) => Math.round(3 * Math.sin(i * i) + 2 * Math.cos(7 * i)))
const points = Float32Array.from(whole)
const quick = ['--units', '16', '--levels', '2', '--noise-max', '2', '--noise-min', '1', '--seed', '3', '--json']

let { path, remove } = {} as Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  ;({ path, remove } = await scratch())
  const rows = Array.from({ length: COUNT }, (_, i) => [points[2 * i]!, points[2 * i + 1]!])
  const idx = new Uint8Array(12 + 2 * whole.length)
  const view = new DataView(idx.buffer)
  idx.set([0, 0, 0x0b, 2])
  view.setUint32(4, COUNT)
  view.setUint32(8, 2)
  whole.forEach((value, i) => {
    view.setInt16(12 + 2 * i, value)
  })
  const npy = writeNpy({ shape: [COUNT, 2], data: points })
  const files: Record<string, Uint8Array | string> = {
    'points.csv': writeCsv(['x', 'y'], rows),
    'points.npy': npy,
    'whole.npy': writeNpy({ shape: [COUNT, 2], data: whole }),
    'points.npz': zipSync({ 'first.npy': npy, 'other.npy': writeNpy({ shape: [1], data: new Uint8Array(1) }) }),
    'points-idx2-short.gz': gzipSync(idx),
    'line.csv': writeCsv(
      null,
      Array.from(points.subarray(0, COUNT), (x) => [x]),
    ),
    'three.csv': writeCsv(
      null,
      rows.map(([x, y]) => [x!, y!, x! - y!]),
    ),
    'bad.csv': 'x,y\n1,2\n3,four\n',
    'bad.npz': npy.slice(0, 60),
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(path(name), bytes)
})
afterAll(() => remove())

async function trained(...args: string[]) {
  const { code, stdout, stderr } = await runHere(['train', ...args])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return JSON.parse(stdout)
}

describe('data of one’s own', () => {
  test('stimuli, units and a Q go through training, files and sampling', async () => {
    const out = path('posterior.safetensors')
    const training = ['--data', path('points.csv'), '--stimuli', path('line.csv'), '--standardise', 'always']
    const result = await trained(...training, '--irreversible', '0,0.5;-0.5,0', '--out', out, ...quick)
    const { configuration } = result.provenance
    expect(configuration).toMatchObject({ stimuli: 1, standardise: true, stimulusData: expect.any(String) })
    expect(configuration.irreversible).toEqual([
      [0, 0.5],
      [-0.5, 0],
    ])
    const run = ['sample', out, '--chains', '3', '--steps', '8', '--dt', '0.05', '--json']
    const moving = await runHere([
      ...[...run, '--out', path('moving.npz'), '--stimulus', '0.5'],
      ...['--changes', '4:stimulus=-1,dt=0.02;6:temperature=0.5'],
    ])
    expect(moving.code, moving.stderr).toBe(0)
    expect(JSON.parse(moving.stdout).provenance.configuration).toMatchObject({
      stimulus: [0.5],
      start: { kind: 'data' },
      changes: [
        { step: 4, stimulus: [-1], dt: 0.02 },
        { step: 6, temperature: 0.5 },
      ],
    })
    const none = await runHere([...run, '--out', path('none.npz')])
    expect({ code: none.code, stderr: none.stderr }).toEqual({ code: 2, stderr: expect.stringContaining('stimulus') })
    const report = await runHere(['train', ...training, '--out', out, '--report', path('none')])
    expect({ code: report.code, stderr: report.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('--report'),
    })
    const alone = await runHere(['train', '--target', 'ring', '--stimuli', path('line.csv'), '--out', out])
    expect({ code: alone.code, stderr: alone.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('--stimuli'),
    })
  })

  test('one network for all noise levels, with a report at the least of them', async () => {
    const out = path('levels.safetensors')
    const levels = [
      '--target',
      'double-peak',
      '--noise-input',
      '--noise-min',
      '0.1',
      '--noise-max',
      '2',
      '--units',
      '40',
    ]
    const result = await trained(...levels, '--points', '5000', '--out', out, '--report', path('levels'), '--json')
    expect(result.provenance.configuration).toMatchObject({ noiseInput: true, levels: 1 })
    expect(networkFromSafetensors(await readFile(out)).noiseInput).toBe(true)
    expect(await readdir(path('levels'))).toContain('results.json')
  })

  test('CSV, IDX, npy and npz of the same points give the same network', async () => {
    const hashes = new Set<string>()
    for (const [file, ...more] of [
      ['points.csv'],
      ['points.npy'],
      ['whole.npy'],
      ['points.npz', '--array', 'first'],
      ['points-idx2-short.gz'],
    ]) {
      const out = path(`${file}.safetensors`)
      const result = await trained('--data', path(file!), ...more, '--out', out, ...quick)
      expect(result).toMatchObject({ network: out, dimension: 2, units: 16, provenance: { seed: 3 }, report: null })
      hashes.add(result.sha256)
      const network = networkFromSafetensors(await readFile(out))
      expect(network.provenance).toEqual(result.provenance)
      expect(network.confinement?.confined).toBe(result.confinement.confined)
    }
    expect(hashes.size).toBe(1)
  })

  test.each([
    ['bad.csv', [], "row 3, column 2: 'four' is no number"],
    ['bad.npz', [], 'npy: '],
    ['points.npz', [], '2 arrays, and none is named'],
    ['points.npz', ['--array', 'second'], "there is no array 'second'"],
    ['missing.csv', [], 'there is no such file'],
  ])('%s %j is a failure that names the file', async (file, more, message) => {
    const { code, stdout, stderr } = await runHere([
      'train',
      '--data',
      path(file),
      ...more,
      '--out',
      path('n'),
      '--json',
    ])
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr).toContain(file)
    expect(JSON.parse(stdout).error.message).toContain(message)
  })
})

describe('reports', () => {
  test.each([
    ['--target', 'double-peak', 'density'],
    ['--data', 'line.csv', 'density'],
    ['--data', 'points.csv', 'density'],
    ['--data', 'three.csv', 'corner'],
  ])('%s %s', async (option, value, figure) => {
    const folder = path(`report-${value}`)
    const source = option === '--data' ? path(value) : value
    const { report, sha256 } = await trained(option, source, '--out', path('r'), '--report', folder, ...quick)
    const found = await readdir(folder, { recursive: true })
    expect(found).toEqual(expect.arrayContaining(report.files))
    for (const kind of ['svg', 'png', 'csv']) expect(report.files).toContain(`figures/${figure}.${kind}`)
    const svg = await readFile(path(`report-${value}`, 'figures', `${figure}.svg`), 'utf8')
    expect(svg).not.toMatch(/NaN|undefined/)
    const results = JSON.parse(await readFile(path(`report-${value}`, 'results.json'), 'utf8'))
    expect(results.network.hash).toBe(sha256)
    expect(results.files).toEqual(expect.arrayContaining(report.files))
    const draws = drawsFromNpz(await readFile(path(`report-${value}`, 'draws.npz')))
    expect(draws.shape).toEqual(results.draws.shape)
    for (const { data, draws } of results.coordinates) expect(Math.abs(data.mean - draws.mean)).toBeLessThan(1)
  })

  test('loss by epoch for Adam; a later report leaves nothing of it', async () => {
    const folder = path('report-adam')
    const args = ['--target', 'double-peak', '--out', path('a'), '--report', folder, '--units', '8', '--json']
    const { report } = await trained(
      ...args,
      '--method',
      'adam',
      '--epochs',
      '20',
      '--points',
      '200',
      '--theme',
      'dark',
    )
    expect(report.files).toContain('figures/loss.csv')
    const loss = await readFile(path('report-adam', 'figures', 'loss.csv'), 'utf8')
    expect(loss.trim().split('\n')).toHaveLength(21)
    await trained(...args)
    expect(await readdir(path('report-adam', 'figures'))).not.toContain('loss.csv')
  })
})

describe('mistakes', () => {
  test.each<[string[], string]>([
    [[], 'neither of --target and --data given'],
    [['--target', 'ring', '--data', 'x.csv'], 'both of --target and --data given'],
    [['--target', 'rign'], 'did you mean ring?'],
    [['--target', '{"kind"'], 'no valid JSON'],
    [['--target', 'ring', '--array', 'x'], '--array names an array'],
    [['--target', 'ring', '--units', '1.5'], "--units '1.5' is not a whole number"],
    [['--target', 'ring', '--noise-max', 'x'], "--noise-max 'x' is not a number"],
    [['--target', 'ring', '--noise-max', '-1'], '--noise-max'],
    [['--target', 'ring', '--method', 'adamm'], 'did you mean adam?'],
    [['--target', 'ring', '--memory', 'lots'], 'no size of memory'],
    [['--target', 'ring', '--unitz', '3'], 'Did you mean --units?'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await runHere(['train', '--out', path('m'), ...args, '--json'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
    expect(JSON.parse(stdout).error).toMatchObject({ code: expect.stringMatching(/usage|format/) })
  })

  test('too little memory is a failure', async () => {
    const { code, stderr } = await runHere(['train', '--target', 'ring', '--out', path('m'), '--memory', '1k'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('budget') })
  })
})

test('interrupted, and resumed to the bits of one go', { timeout: 300_000 }, async () => {
  const args = [
    'train',
    '--target',
    'double-peak',
    '--units',
    '200',
    '--method',
    'adam',
    '--epochs',
    '1500',
    '--seed',
    '1',
  ]
  const more = ['--checkpoint-seconds', '0.2', '--json', '--out']
  const { child, ended } = start(path(), [...args, ...more, 'broken'])
  while (!(await readdir(path())).includes('broken.checkpoint.npz')) {
    expect(child.exitCode).toBe(null)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGINT')
  const stopped = await ended
  expect(stopped).toMatchObject({ code: 130, stdout: '' })
  expect(stopped.stderr).toContain('--resume goes on')
  expect(await readdir(path())).not.toContain('broken')

  const resumed = await runHere([...args, ...more, path('broken'), '--resume'])
  expect(resumed.stderr).toMatch(/Going on after \d+ epochs/)
  expect(await readdir(path())).not.toContain('broken.checkpoint.npz')
  const whole = await runHere([...args, ...more, path('whole'), '--no-checkpoint'])
  expect(JSON.parse(resumed.stdout).sha256).toBe(JSON.parse(whole.stdout).sha256)
  expect(await readFile(path('broken'))).toEqual(await readFile(path('whole')))
})

test('the file says by which package, and by which command without what decides no bit', async () => {
  const target = '{"kind":"gaussian-mixture","weights":[1],"means":[[0]],"deviations":[1]}'
  const file = path('told.safetensors')
  await runHere([
    'train',
    '--target',
    target,
    '--units=8',
    '--workers',
    '1',
    '--memory=1G',
    '--seed',
    '5',
    '--out',
    file,
  ])
  const { provenance } = networkFromSafetensors(await readFile(file))
  expect(provenance).toMatchObject({
    seed: 5,
    streamVersion: 1,
    package: `langevin-rnn ${version}`,
    command: `langevin-rnn train --target '${target}' --units=8 --seed 5`,
  })
  expect((await runHere(['inspect', file])).stdout).toContain(`$ ${provenance?.command}`)
})
