// A stream of a user's points, cut into passes: whatever the sizes of its blocks, each epoch or noise level gets the next `points` of them.
import { invalid } from './errors.js'
import { checkTensor, checkWhole } from './options.js'
import type { PointBlock, PointStreamSource, Tensor } from './types.js'

/** Points of one epoch or level, with their stimuli. */
export interface PointPass {
  readonly data: Tensor
  readonly stimuli?: Tensor
}

export class PointStream {
  readonly #iterator: AsyncIterator<PointBlock> | Iterator<PointBlock>
  /** What of the newest block no pass has taken yet. */
  #rest: PointPass | undefined
  #size: number | undefined
  /** [n, k] of every block. */
  #widths: readonly [number, number] | undefined
  #blocks = 0
  #passes = 0

  /** @param size - points of a pass; undefined for as many as the first block has */
  constructor(source: PointStreamSource, size: number | undefined) {
    if (size !== undefined) checkWhole('points', size, 1, 2 ** 32 - 1)
    this.#iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
    this.#size = size
  }

  /**
   * The next pass; pulls no more blocks than it takes.
   *
   * @param total - passes that there will be, for the error of a stream that ends before
   * @throws {@link InvalidArgumentError} when the stream ends or gives what is no block; and whatever the stream throws
   */
  async next(total?: number): Promise<PointPass> {
    const taken: PointPass[] = []
    let count = 0
    while (this.#size === undefined || count < this.#size) {
      const block = this.#rest ?? (await this.#pull(count, total))
      this.#size ??= rowsOf(block)
      const rows = Math.min(rowsOf(block), this.#size - count)
      taken.push(part(block, 0, rows))
      this.#rest = rows < rowsOf(block) ? part(block, rows) : undefined
      count += rows
    }
    this.#passes += 1
    const data = joined(taken.map((each) => each.data))
    return taken[0]?.stimuli ? { data, stimuli: joined(taken.map((each) => each.stimuli!)) } : { data }
  }

  /** Tells the stream that nothing more is wanted; a generator then runs its `finally`. */
  close(): void {
    // Whether that works out is the stream's own affair: the run has ended.
    Promise.resolve(this.#iterator.return?.()).catch(() => {})
  }

  async #pull(count: number, total: number | undefined): Promise<PointPass> {
    const { done, value } = await this.#iterator.next()
    if (!done) return this.#checked(value)
    const given = this.#passes * (this.#size ?? 0) + count
    const each = this.#size === undefined ? 'points' : `${this.#size} points`
    const expected = `${each} for each of the ${total ?? ''} epochs or levels`.replace('  ', ' ')
    throw invalid('data', `a stream that ended after ${given} points`, expected)
  }

  /** A block of the right shape, copied: its maker may use its memory again. */
  #checked(block: unknown): PointPass {
    this.#blocks += 1
    const name = `block ${this.#blocks} of data`
    const given = (typeof block === 'object' && block !== null ? block : {}) as { data?: unknown; stimuli?: unknown }
    const bare = ArrayBuffer.isView(given.data) || given.data === undefined
    const data = checkTensor(bare ? block : given.data, name, 2)
    const stimuli = bare || given.stimuli === undefined ? undefined : checkTensor(given.stimuli, `${name}.stimuli`, 2)
    const [rows = 0, n = 0] = data.shape
    const k = stimuli?.shape[1] ?? 0
    this.#widths ??= [n, k]
    const [wantedN, wantedK] = this.#widths
    const shape = `[${data.shape.join(', ')}]${stimuli ? ` and [${stimuli.shape.join(', ')}]` : ''}`
    if (rows === 0 || n === 0 || n !== wantedN || k !== wantedK || (stimuli && stimuli.shape[0] !== rows)) {
      throw invalid(
        name,
        `of shape ${shape}`,
        `[points, ${wantedN || 'n'}]${wantedK > 0 ? ` and [points, ${wantedK}]` : ''}`,
      )
    }
    return part({ data, ...(stimuli && { stimuli }) }, 0)
  }
}

const rowsOf = ({ data }: PointPass): number => data.shape[0] ?? 0

/** Rows [from, to) of a block, copied. */
function part({ data, stimuli }: PointPass, from: number, to?: number): PointPass {
  const rows = ({ shape: [count = 0, width = 0], data }: Tensor): Tensor => ({
    shape: [(to ?? count) - from, width],
    data: data.slice(from * width, (to ?? count) * width),
  })
  return stimuli ? { data: rows(data), stimuli: rows(stimuli) } : { data: rows(data) }
}

/** Blocks one below the other. */
function joined(blocks: readonly Tensor[]): Tensor {
  const [first] = blocks as readonly [Tensor, ...Tensor[]]
  if (blocks.length === 1) return first
  const rows = blocks.reduce((sum, { shape }) => sum + shape[0]!, 0)
  const data = new Float32Array(rows * first.shape[1]!)
  let at = 0
  for (const block of blocks) {
    data.set(block.data, at)
    at += block.data.length
  }
  return { shape: [rows, first.shape[1]!], data }
}
