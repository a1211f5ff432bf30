// `langevin-rnn diagnose` as a child process with the real library: what it prints, writes and refuses; its figures.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'
import type { Draws, Engine, Network } from 'langevin-rnn'
import { createEngine, drawsToNpz, networkToSafetensors, writeNpy } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  autocorrelationFigure,
  histogramFigure,
  rankFigure,
  spectrumFigure,
  traceFigure,
} from '../src/figures/diagnostics.js'
import { createDocument, toSvg } from '../src/figures/render.js'
import { palettes } from '../src/figures/theme.js'

const command = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let folder: string
let engine: Engine
let network: Network
let run: Draws

function diagnose(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, 'diagnose', ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

const mixture = {
  kind: 'gaussian-mixture',
  weights: [0.4, 0.6],
  means: [
    [-1, 0],
    [1, 1],
  ],
  deviations: [0.5, 0.8],
} as const

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-diagnose-'))
  engine = await createEngine({ workers: 2 })
  network = await engine.train({ target: mixture, units: 100, points: 20_000, levels: 2, seed: 1 })
  run = await engine.sample(network, { chains: 6, steps: 4000, dt: 0.05, recordEvery: 4, burnIn: 400, seed: 2 })
  const reference = await engine.targetDraws(mixture, 5000, 3)
  await writeFile(join(folder, 'draws.npz'), drawsToNpz(run))
  await writeFile(join(folder, 'network.safetensors'), networkToSafetensors(network))
  await writeFile(join(folder, 'reference.npy'), writeNpy(reference))
  await writeFile(join(folder, 'line.npy'), writeNpy({ shape: [100], data: new Float64Array(100) }))
  await writeFile(join(folder, 'rubbish.npz'), 'rubbish')
  const flat = {
    'draws.npy': writeNpy({ shape: [4], data: new Float32Array(4) }),
    'whole.npy': writeNpy({ shape: [2, 2], data: new Int32Array(4) }),
  }
  await writeFile(join(folder, 'flat.npz'), zipSync(flat))
})
afterAll(async () => {
  await engine.dispose()
  await rm(folder, { recursive: true, force: true })
})

describe('draws of a network', () => {
  const args = ['draws.npz', '--reference', 'reference.npy', '--network', 'network.safetensors']

  test('the table says what the library finds', async () => {
    const { code, stdout, stderr } = await diagnose(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const reference = await engine.targetDraws(mixture, 5000, 3)
    const found = await engine.diagnose(run, { reference, network })
    expect(stdout).toContain('draws.npz: draws, 6 chains of 900 draws, 2 coordinates')
    const rows = stdout.split('\n').filter((line) => /^ +[01] {2}/.test(line))
    found.coordinates.forEach(({ mean, essBulk, rHat }, d) => {
      expect(rows[d]).toContain(` ${Math.round(essBulk!)} `)
      expect(rows[d]).toContain(rHat!.toPrecision(4))
      expect(rows[d]).toContain(mean.toPrecision(3))
    })
    expect(stdout).toContain(`sliced W1        ${found.reference!.slicedWasserstein.toPrecision(3)}`)
    expect(stdout).toContain('2000 of 5400 draws, 2000 of 5000 of the reference')
    expect(stdout).toContain(`KSD²             ${found.stein!.uStatistic.toPrecision(3)} unbiased`)
  })

  test('--json is one document with the same numbers; files come with --out, and say where they are', async () => {
    const { code, stdout } = await diagnose(...args, '--json', '--out', 'found', '--lags', '30', '--workers', '1')
    expect(code).toBe(0)
    const results = JSON.parse(stdout)
    const reference = await engine.targetDraws(mixture, 5000, 3)
    const found = await engine.diagnose(run, { reference, network, lags: 30 })
    // dt · recordEvery.
    expect(results.interval).toBeCloseTo(0.2, 12)
    expect(results.stein).toEqual(found.stein)
    expect(results.reference).toEqual({ ...found.reference, wasserstein: [...found.reference!.wasserstein] })
    expect(results.coordinates[1].autocorrelation).toEqual([...found.coordinates[1]!.autocorrelation!])
    expect(results.coordinates[1].rHat).toBe(found.coordinates[1]!.rHat)

    const { files, ...index } = JSON.parse(await readFile(join(folder, 'found/diagnostics.json'), 'utf8'))
    expect(index).toEqual({ format: 'langevin-rnn diagnostics', ...results })
    const names = ['trace', 'ranks', 'histogram', 'autocorrelation', 'spectrum']
    const figures = names.flatMap((name) => ['svg', 'png', 'csv'].map((type) => `figures/${name}.${type}`))
    expect(files.toSorted()).toEqual(['diagnostics.csv', 'diagnostics.json', ...figures].toSorted())
    const there = await readdir(join(folder, 'found/figures'))
    expect(there).toHaveLength(15)
    const rho = await readFile(join(folder, 'found/figures/autocorrelation.csv'), 'utf8')
    expect(rho.split('\n').slice(0, 2)).toEqual(['coordinate,lag,autocorrelation', '0,0,1'])
    expect(rho.trim().split('\n')).toHaveLength(1 + 2 * 31)
    const table = await readFile(join(folder, 'found/diagnostics.csv'), 'utf8')
    expect(table.split('\n')[2]!.split(',').map(Number)).toEqual([
      1,
      ...(['mean', 'mcseMean', 'deviation', 'excessKurtosis', 'essBulk', 'essTail', 'rHat'] as const).map(
        (key) => found.coordinates[1]![key],
      ),
      found.reference!.wasserstein[1],
    ])
  })

  test('what an earlier run wrote and this one does not is gone; files of others stay', async () => {
    await mkdir(join(folder, 'again'))
    await writeFile(join(folder, 'again/results.json'), '{"format":"langevin-rnn results","files":["keep.txt"]}')
    await writeFile(join(folder, 'again/keep.txt'), 'mine')
    await diagnose('draws.npz', '--out', 'again', '--theme', 'dark')
    expect(await readFile(join(folder, 'again/figures/trace.svg'), 'utf8')).toContain(palettes.dark.background)
    await writeFile(
      join(folder, 'one.npz'),
      drawsToNpz(await engine.sample(network, { chains: 50, steps: 9, dt: 0.05 })),
    )
    const { stdout } = await diagnose('one.npz', '--out', 'again')
    expect(stdout).toContain('ESS and R-hat need 4 draws a chain: these are 1 draw of each.')
    expect(await readdir(join(folder, 'again/figures'))).toEqual(['histogram.csv', 'histogram.png', 'histogram.svg'])
    expect(await readFile(join(folder, 'again/keep.txt'), 'utf8')).toBe('mine')
  })

  test('a reference from CSV gives the same distances', async () => {
    const { data } = await engine.targetDraws(mixture, 5000, 3)
    const rows = Array.from({ length: 5000 }, (_, i) => `${data[2 * i]},${data[2 * i + 1]}`)
    await writeFile(join(folder, 'reference.csv'), `${rows.join('\n')}\n`)
    const of = async (file: string) => JSON.parse((await diagnose('draws.npz', '--reference', file, '--json')).stdout)
    expect((await of('reference.csv')).reference).toEqual((await of('reference.npy')).reference)
  })

  test('recorded rates, and settings that only the command line gives', async () => {
    const rates = run.data.map((x) => Math.max(x, 0))
    const file = {
      'draws.npy': writeNpy({ shape: run.shape, data: run.data }),
      'rates.npy': writeNpy({ shape: run.shape, data: Float64Array.from(rates) }),
    }
    await writeFile(join(folder, 'rates.npz'), zipSync(file))
    const flags = ['--interval', '0.5', '--segment', '64', '--lags', '0', '--target', 'laplace-mixture', '--seed', '4']
    const { stdout } = await diagnose('rates.npz', '--array', 'rates', ...flags, '--json')
    const settings = { interval: 0.5, segment: 64, lags: 0, target: 'laplace-mixture', seed: 4 } as const
    const found = await engine.diagnose({ shape: run.shape, data: rates }, settings)
    expect(JSON.parse(stdout)).toMatchObject({
      array: 'rates',
      interval: 0.5,
      stein: found.stein,
      coordinates: [{ autocorrelation: null, spectrum: { density: [...found.coordinates[0]!.spectrum!.density] } }, {}],
    })
  })

  test('rates that sample recorded are drawn beside the draws, and judged by the names of their units', async () => {
    const settings = { chains: 2, steps: 600, dt: 0.05, recordEvery: 2, rates: [40, 7], seed: 2 }
    await writeFile(join(folder, 'units.npz'), drawsToNpz(await engine.sample(network, settings)))
    expect((await diagnose('units.npz', '--out', 'units')).code).toBe(0)
    const csv = await readFile(join(folder, 'units/figures/rates.csv'), 'utf8')
    expect(csv.split('\n')[0]).toMatch(/^time,x0,x1,r(40,r7|7,r40)$/)
    expect(await readFile(join(folder, 'units/figures/rates.svg'), 'utf8')).toContain('unit 40')
    const { stdout } = await diagnose('units.npz', '--array', 'rates', '--out', 'of-rates')
    expect(stdout).toMatch(/^ +unit 40 .*\n +unit 7 /m)
    expect(await readFile(join(folder, 'of-rates/figures/autocorrelation.svg'), 'utf8')).toContain('unit 7')
  })

  test('chains that have not mixed are told', async () => {
    const apart = run.data.map((x, i) => (i < run.data.length / 2 ? x : x + 3))
    await writeFile(join(folder, 'apart.npz'), drawsToNpz({ ...run, data: apart }))
    expect((await diagnose('apart.npz')).stdout).toContain('R-hat is above 1.01 in 2 of 2: the chains have not mixed')
  })
})

test.each([
  [1, ['missing.npz'], 'there is no such file'],
  [1, ['rubbish.npz'], 'zip'],
  [1, ['draws.npz', '--array', 'rates'], "has no array 'rates'; it has draws, states"],
  [1, ['flat.npz'], "'flat.npz': npz: 'draws' has shape [4]"],
  [1, ['flat.npz', '--array', 'whole'], "'whole' in 'flat.npz' is int32 [2, 2]"],
  [2, ['draws.npz', '--reference', 'line.npy'], '--reference is [100, 1]; expected [point, 2]'],
  [1, ['draws.npz', '--network', 'rubbish.npz'], 'safetensors: '],
  [2, ['draws.npz', '--lags', '900'], '--lags is 900'],
  [2, ['draws.npz', '--max-points', '1'], '--max-points is 1'],
  [2, ['draws.npz', '--c2st'], '--c2st is true without a reference'],
  [2, ['draws.npz', '--target', 'double-peak'], 'draws is 2 dimensions'],
  [2, ['draws.npz', '--target', 'rnig'], 'did you mean ring?'],
  [2, [], "missing required argument 'draws'"],
])('exit %i: %j', async (code, args, message) => {
  const ended = await diagnose(...args)
  expect(ended.stderr).toContain(message)
  expect(ended).toMatchObject({ code, stdout: '' })
  expect(ended.stderr).not.toContain('    at ')
})

test('figures of hostile numbers have no NaN, in both themes', () => {
  const panel = { title: 'x', subtitle: '' }
  for (const theme of ['light', 'dark'] as const) {
    const options = { document: createDocument(), theme }
    const still = [0, 0, 0]
    for (const figure of [
      traceFigure({ unit: 'τ', time: [1, 2, 3], panels: [{ ...panel, chains: [still] }], note: '' }, options),
      rankFigure({ panels: [{ ...panel, chains: [[0, 0]], expected: 0 }], note: '' }, options),
      histogramFigure({ panels: [{ ...panel, edges: [0, 1], density: [0] }], note: '(a note)' }, options),
      autocorrelationFigure({ unit: 'draws', panels: [{ ...panel, x: [0], y: [1] }], note: '' }, options),
      spectrumFigure({ unit: 'draws', panels: [{ ...panel, x: [0, 1], y: [0, 0] }], note: '' }, options),
    ]) {
      expect(toSvg(figure)).not.toMatch(/NaN|Infinity|undefined/)
    }
  }
})
