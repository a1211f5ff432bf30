// What a run learns from, a law, points or a stream of them, and what its provenance says of that.
import { AbortedError } from './errors.js'
import { isStream } from './options.js'
import { type PointPass, PointStream } from './point_stream.js'
import type { Control } from './run.js'
import type { TrainingSource } from './training_team.js'
import type { Progress, Tensor, TrainOptions } from './types.js'

type Hash = (shape: number[], values: Float32Array) => Promise<string>

export class TrainingData {
  /** What workers open the run with: of a stream the first pass. */
  readonly source: TrainingSource
  readonly #stream: PointStream | undefined
  readonly #control: Control<Progress>
  #origin: Record<string, unknown> = {}

  private constructor(source: TrainingSource, stream: PointStream | undefined, control: Control<Progress>) {
    this.source = source
    this.#stream = stream
    this.#control = control
  }

  /** Takes the data as they are, and of a stream the first pass: nothing is known of its shape before. */
  static async open(options: TrainOptions, control: Control<Progress>): Promise<TrainingData> {
    const { target, data, stimuli, points } = options
    if (target !== undefined) return new TrainingData({ target }, undefined, control)
    if (!isStream(data)) return new TrainingData({ data: data!, stimuli }, undefined, control)
    const stream = new PointStream(data, points)
    try {
      return new TrainingData(await pulled(stream, control), stream, control)
    } catch (error) {
      stream.close()
      throw error
    }
  }

  /** Whether each epoch or level has points of its own, to be fed. */
  get comesInPasses(): boolean {
    return this.#stream !== undefined
  }

  /** What the provenance says: the target, or the hash of the points so far. */
  get origin(): Readonly<Record<string, unknown>> {
    return this.#origin
  }

  /** Works out the first `origin`. */
  async identify(hash: Hash): Promise<void> {
    if ('target' in this.source) this.#origin = { target: this.source.target }
    else await this.#count(this.source, hash)
  }

  /** The next pass of a stream of `total`; undefined when the run is to end first. */
  async next(total: number, hash: Hash, serve?: () => Promise<void>): Promise<PointPass | undefined> {
    const pass = await this.#control.waitFor(this.#stream!.next(total), serve)
    if (pass !== undefined) await this.#count(pass, hash)
    return pass
  }

  /** Passes over what a run has learned from, or never will: all but the first of so many passes. */
  async skip(passes: number, total: number, hash: Hash): Promise<void> {
    for (let pass = 1; this.#stream !== undefined && pass < passes; pass += 1) {
      if ((await this.next(total, hash)) === undefined) throw stoppedEarly()
    }
  }

  close(): void {
    this.#stream?.close()
  }

  async #count({ data, stimuli }: { readonly data: Tensor; readonly stimuli?: Tensor | undefined }, hash: Hash) {
    for (const [name, array] of [
      ['data', data],
      ['stimulusData', stimuli],
    ] as const) {
      if (array === undefined) continue
      const own = await hash([...array.shape], array.data)
      const before = this.#origin[name] as string | undefined
      this.#origin = { ...this.#origin, [name]: before === undefined ? own : await hash([64], bytesOf(before + own)) }
    }
  }
}

async function pulled(stream: PointStream, control: Control<Progress>): Promise<PointPass> {
  const pass = await control.waitFor(stream.next())
  if (pass === undefined) throw stoppedEarly()
  return pass
}

const stoppedEarly = () => new AbortedError('the run was stopped before its stream of data had given what it needs')

/** Each byte as a number. */
function bytesOf(hexadecimal: string): Float32Array {
  return Float32Array.from(hexadecimal.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
