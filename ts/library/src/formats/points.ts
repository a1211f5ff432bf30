// Data of one's own from a file of any kind that is read here, as points [point, n] for training.
import type { Tensor } from '../types.js'
import { readCsv } from './csv.js'
import { readNpz } from './draws_file.js'
import { formatError } from './fail.js'
import { gunzip, isGzip } from './gzip.js'
import { isIdx, readIdx } from './idx.js'
import { type NpyArray, readNpy } from './npy.js'
import { toSingle } from './numbers.js'

/** How to read a file of points. */
export interface PointsOptions {
  /** The array of an .npz file; needed where there are several. */
  readonly array?: string
  /** Unpacked bytes that a file may have; default 2 GiB. */
  readonly maxBytes?: number
}

const DEFAULT_MAX_BYTES = 2 ** 31

/**
 * Reads points [point, n] in single precision from .npy, .npz, IDX or CSV, each also gzipped. The kind is told by the content, not by
 * a name. A vector is points of one coordinate; of an array of more than two axes the first counts the points, and the others
 * together are the coordinates (images become rows of pixels); `draws` [chain, draw, n] of a file of draws are chain × draw points.
 *
 * @throws {@link FormatError} for a damaged file, an array that isn't there, and a number that single precision can't hold: what is
 *   not finite, a whole number of an integer type beyond 2²⁴
 */
export function readPoints(bytes: Uint8Array, options: PointsOptions = {}): Tensor {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
  const file = isGzip(bytes) ? gunzip(bytes, maxBytes) : bytes
  const zipped = file[0] === 0x50 && file[1] === 0x4b
  if (options.array !== undefined && !zipped) {
    throw formatError(`points: an array '${options.array}' is named, but the file is no .npz`, {
      argument: 'array',
      value: options.array,
      expected: 'no name, or an .npz file',
    })
  }
  if (zipped) {
    const { name, array } = chosen(readNpz(file, { maxBytes }).arrays, options.array)
    return points(name === 'draws' ? flatDraws(array) : array)
  }
  if (file[0] === 0x93) return points(readNpy(file))
  if (isIdx(file)) return points(readIdx(file))
  if (file.length === 0) throw formatError('points: the file is empty', { expected: '.npy, .npz, IDX or CSV' })
  return readCsv(file)
}

function chosen(arrays: ReadonlyMap<string, NpyArray>, asked: string | undefined): { name: string; array: NpyArray } {
  const name = asked ?? (arrays.size === 1 ? [...arrays.keys()][0] : arrays.has('draws') ? 'draws' : undefined)
  const array = name === undefined ? undefined : arrays.get(name)
  if (name !== undefined && array !== undefined) return { name, array }
  const names = [...arrays].map(([each, { shape }]) => `${each} [${shape.join(', ')}]`).join(', ')
  throw formatError(
    asked === undefined
      ? `npz: there are ${arrays.size} arrays, and none is named`
      : `npz: there is no array '${asked}'`,
    { argument: 'array', ...(asked !== undefined && { value: asked }), expected: names || 'a file with an array' },
  )
}

function flatDraws({ shape, ...rest }: NpyArray): NpyArray {
  const [chains, count, n] = shape
  return shape.length === 3 ? { ...rest, shape: [chains! * count!, n!] } : { ...rest, shape }
}

function points({ shape, dtype, data }: NpyArray): Tensor {
  const [count = 0, ...others] = shape
  const n = others.reduce((product, extent) => product * extent, 1)
  if (count < 1 || n < 1) {
    throw formatError(`points: an array of shape [${shape.join(', ')}] has no points`, {
      argument: 'shape',
      value: shape,
      expected: '[point, n]',
    })
  }
  const whole = !dtype.startsWith('float')
  const single = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    // The label of a place costs far more than its check, and is wanted only when something is wrong.
    const number = Number(value)
    single[i] =
      Math.abs(number) <= 2 ** 24
        ? number
        : toSingle(value, 'points', `point ${Math.floor(i / n) + 1}, column ${(i % n) + 1}`, whole)
  }
  return { shape: [count, n], data: single }
}
