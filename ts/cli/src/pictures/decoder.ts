// A decoder of one's own, as ONNX: features [picture, d] to pixels, run by onnxruntime-web where that is installed.
import { createHash } from 'node:crypto'
import type { Tensor } from 'langevin-rnn'
import { FailedError } from '../errors.js'
import { readBytes } from '../files_in.js'

/** A decoder, with what its pictures are. */
export interface Decoder {
  readonly sha256: string
  /** Height, width and channels, as a first picture came out. */
  readonly shape: readonly [number, number, number]
  readonly decode: (features: Tensor) => Promise<Tensor>
}

/** The part of onnxruntime-web that is used here. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number }; logLevel: string }
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => unknown
  readonly InferenceSession: { create(bytes: Uint8Array): Promise<Session> }
}
interface Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Record<string, unknown>): Promise<Record<string, { data: unknown; dims: readonly number[] }>>
}

/** Pictures of one call. */
const BATCH = 64

async function runtime(load: () => Promise<unknown>): Promise<Runtime> {
  try {
    return (await load()) as Runtime
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ERR_MODULE_NOT_FOUND' ? 'it is not installed' : message
    throw new FailedError(
      `--decoder needs the package onnxruntime-web, and ${why}: npm install onnxruntime-web, beside langevin-rnn-cli`,
      'missing-package',
    )
  }
}

/**
 * Opens a decoder and decodes one picture of `dimension` features, to see what comes out.
 *
 * @param load - how onnxruntime comes in; for tests
 */
export async function loadDecoder(
  file: string,
  dimension: number,
  load: () => Promise<unknown> = () => import('onnxruntime-web' as string),
): Promise<Decoder> {
  const bytes = await readBytes(file)
  const { InferenceSession, Tensor: OrtTensor, env } = await runtime(load)
  // One thread: enough for pictures, and the same sums on every machine.
  env.wasm.numThreads = 1
  env.logLevel = 'error'
  const failed = (error: unknown) => {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n')
    return new FailedError(`'${file}' does not decode [picture, ${dimension}]: ${why}`, 'format')
  }
  const session = await InferenceSession.create(bytes).catch((error: unknown) => {
    throw failed(error)
  })
  const [input, output] = [session.inputNames[0], session.outputNames[0]]
  if (session.inputNames.length !== 1 || input === undefined || output === undefined) {
    throw failed(
      `it has ${session.inputNames.length} inputs and ${session.outputNames.length} outputs, not one of each`,
    )
  }
  const pictures = async (data: Float32Array, count: number) => {
    const found = await session
      .run({ [input]: new OrtTensor('float32', data, [count, dimension]) })
      .catch((error: unknown) => {
        throw failed(error)
      })
    const { data: values, dims } = found[output]!
    const layout = layoutOf(dims, count)
    if (!(values instanceof Float32Array) || layout === undefined) {
      throw failed(
        `its output is of shape [${dims.join(', ')}]; expected float32 [picture, channels, height, width], [picture, height, width, channels] or [picture, pixels]`,
      )
    }
    return { layout, pixels: layout.planar ? interleaved(values, layout.shape) : values.slice() }
  }
  const { layout } = await pictures(new Float32Array(dimension), 1)
  const size = layout.shape[0] * layout.shape[1] * layout.shape[2]
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    shape: layout.shape,
    async decode({ shape: [count = 0], data }) {
      const out = new Float32Array(count * size)
      for (let first = 0; first < count; first += BATCH) {
        const some = Math.min(BATCH, count - first)
        const part = await pictures(data.slice(first * dimension, (first + some) * dimension), some)
        out.set(part.pixels, first * size)
      }
      return { shape: [count, size], data: out }
    },
  }
}

interface Layout {
  readonly shape: readonly [number, number, number]
  /** Channel by channel, not pixel by pixel. */
  readonly planar: boolean
}

/** What an output's axes are: a picture is grey or has three channels; without axes of its own it is square. */
export function layoutOf(dims: readonly number[], count: number): Layout | undefined {
  const [pictures, a = 0, b = 0, c = 0] = dims
  if (pictures !== count) return undefined
  if (dims.length === 4 && (a === 1 || a === 3)) return { shape: [b, c, a], planar: true }
  if (dims.length === 4 && (c === 1 || c === 3)) return { shape: [a, b, c], planar: false }
  if (dims.length === 3) return { shape: [a, b, 1], planar: false }
  for (const channels of dims.length === 2 ? [1, 3] : []) {
    const side = Math.sqrt(a / channels)
    if (Number.isInteger(side) && side > 0) return { shape: [side, side, channels], planar: true }
  }
  return undefined
}

/** Pixels with their channels side by side. */
function interleaved(planes: Float32Array, [height, width, channels]: Layout['shape']): Float32Array {
  const size = height * width
  return planes.map((_, at, all) => {
    const [picture, rest] = [Math.floor(at / (size * channels)), at % (size * channels)]
    return all[picture * size * channels + (rest % channels) * size + Math.floor(rest / channels)]!
  })
}
