// What `mnist` and `cifar` learn from, by the options of the command line: digits, or a file of features and a decoder.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { NpyArray, Tensor } from 'langevin-rnn'
import type { ExperimentName, Pictures } from 'langevin-rnn/experiments'
import { FailedError, UsageError } from '../errors.js'
import { readAs, readBytes } from '../files_in.js'
import { loadClassifier, ofAnyBrightness } from './classifier.js'
import { loadDecoder } from './decoder.js'
import { readDigits } from './mnist_data.js'

/** Of features without a test set every tenth is held out. */
const HELD_OUT = 10

export interface PictureSource {
  /** A folder of IDX files, or a file of features. */
  readonly data?: string
  /** An ONNX file. */
  readonly decoder?: string
  readonly components?: number | 'pixels'
  readonly units?: number
  readonly noiseInput?: boolean
}

/** The pictures of an experiment; undefined for those that have none, which also take no such options. */
export async function loadPictures(
  experiment: ExperimentName,
  { data, decoder, components, units, noiseInput }: PictureSource,
  say: (text: string) => void,
): Promise<Pictures | undefined> {
  if (experiment !== 'mnist' && experiment !== 'cifar') {
    for (const [argument, value] of Object.entries({ data, decoder, components, units, 'noise-input': noiseInput })) {
      if (value !== undefined) throw usage(`--${argument}`, value, `does not go with ${experiment}`, 'mnist or cifar')
    }
    return undefined
  }
  const features = experiment === 'cifar' || (data !== undefined && !(await isFolder(data)))
  if (features && components !== undefined)
    throw usage('--components', components, 'goes with pixels, not with features', 'no --components')
  if (features) return fromFeatures(experiment, data, decoder)
  if (decoder !== undefined)
    throw usage('--decoder', decoder, 'goes with a file of features', '--data FEATURES.npz that it decodes')
  const { sha256, ...pictures } = await readDigits(data, say)
  const [height, width] = pictures.shape
  const classify = height === 28 && width === 28 ? { classify: await loadClassifier() } : {}
  return { source: { name: 'mnist', sha256 }, holds: 'pixels', ...pictures, ...classify }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

function usage(argument: string, value: string | number | boolean, why: string, expected: string): UsageError {
  return new UsageError(`${argument} '${value}' ${why}`, { argument, value, expected })
}

async function fromFeatures(
  experiment: 'mnist' | 'cifar',
  data: string | undefined,
  decoder: string | undefined,
): Promise<Pictures> {
  if (data === undefined || decoder === undefined) {
    const [argument, expected] =
      data === undefined
        ? ['--data', '--data FEATURES.npz, features [picture, d] of pictures']
        : ['--decoder', '--decoder DECODER.onnx, which makes pictures of these features']
    throw new UsageError(`${experiment} of features needs ${argument}`, { argument, value: 'missing', expected })
  }
  const { train, test, labels } = await readFeatures(data)
  const { shape, sha256, decode } = await loadDecoder(decoder, train.shape[1]!)
  const digits = experiment === 'mnist' && shape.join() === '28,28,1'
  return {
    source: {
      name: basename(data),
      sha256: {
        features: createHash('sha256')
          .update(await readBytes(data))
          .digest('hex'),
        decoder: sha256,
      },
    },
    shape,
    holds: 'features',
    train,
    test,
    decode,
    ...(labels && { labels }),
    ...(digits && { classify: ofAnyBrightness(await loadClassifier()) }),
  }
}

/** `train` and `test` of an .npz file, and their `labels` and `test_labels`; or one array, of which a part is held out. */
async function readFeatures(file: string): Promise<Pick<Pictures, 'train' | 'test' | 'labels'>> {
  const { readNpz, readPoints } = await import('langevin-rnn')
  const bytes = await readBytes(file)
  const named = bytes[0] === 0x50 ? await readAs(file, (content) => readNpz(content).arrays) : undefined
  const arrays = (name: string) => readAs(file, (content) => readPoints(content, { array: name }))
  if (named?.has('train') && named.has('test')) {
    const [train, test] = [await arrays('train'), await arrays('test')]
    if (train.shape[1] !== test.shape[1] || train.shape[0]! < 2)
      throw new FailedError(
        `'${file}': train has shape [${train.shape.join(', ')}], test [${test.shape.join(', ')}]; expected [picture, d] of one d`,
        'format',
      )
    const labels = labelsOf(file, named, train.shape[0]!, test.shape[0]!)
    return { train, test, ...(labels && { labels }) }
  }
  const all = await readAs(file, (content) => readPoints(content, named?.has('train') ? { array: 'train' } : {}))
  if (all.shape[0]! < 2 * HELD_OUT)
    throw new FailedError(`'${file}' has ${all.shape[0]} pictures; expected ${2 * HELD_OUT} or more`, 'format')
  return { train: rows(all, (i) => i % HELD_OUT !== 0), test: rows(all, (i) => i % HELD_OUT === 0) }
}

function labelsOf(file: string, arrays: ReadonlyMap<string, NpyArray>, train: number, test: number) {
  const [own, held] = [arrays.get('labels'), arrays.get('test_labels')]
  if (own === undefined || held === undefined) return undefined
  if (own.data.length !== train || held.data.length !== test)
    throw new FailedError(`'${file}' has ${own.data.length} labels for ${train} pictures`, 'format')
  return { train: Uint8Array.from(own.data, Number), test: Uint8Array.from(held.data, Number) }
}

function rows({ shape: [count = 0, d = 0], data }: Tensor, keep: (row: number) => boolean): Tensor {
  const kept = Array.from({ length: count }, (_, i) => i).filter(keep)
  const out = new Float32Array(kept.length * d)
  for (const [i, row] of kept.entries()) out.set(data.subarray(row * d, (row + 1) * d), i * d)
  return { shape: [kept.length, d], data: out }
}
