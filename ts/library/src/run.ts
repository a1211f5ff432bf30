// A long call as an object: await it for the whole, iterate over it for its parts. It starts at once.

/**
 * A long call that has started. `await` it for the whole, or iterate over it by `for await` for its pieces; both may be done.
 * Leaving the loop doesn't end the call: abort its signal for that.
 */
export class Run<Whole, Piece> implements PromiseLike<Whole>, AsyncIterable<Piece> {
  readonly #whole: Promise<Whole>
  readonly #pieces: Piece[] = []
  #ended = false
  #wake: () => void = () => {}
  #watched = false

  /** @internal `work` hands pieces to `emit` as they come. */
  constructor(work: (emit: (piece: Piece) => void) => Promise<Whole>) {
    this.#whole = work((piece) => {
      // Pieces wait only for someone who iterates; `await` alone must not keep them.
      if (this.#watched) this.#pieces.push(piece)
      this.#wake()
    }).finally(() => {
      this.#ended = true
      this.#wake()
    })
    // A run that is only iterated over reports its failure there.
    this.#whole.catch(() => {})
  }

  /** What `await` calls: resolves to the whole, or rejects with what ended the call. */
  // biome-ignore lint/suspicious/noThenProperty: being awaitable is what a run is for.
  then<A = Whole, B = never>(
    resolve?: ((value: Whole) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#whole.then(resolve, reject)
  }

  /** The pieces from now on; throws what the run throws. Iterate from the start to miss none. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Piece, void, undefined> {
    this.#watched = true
    try {
      for (;;) {
        const piece = this.#pieces.shift()
        if (piece !== undefined) yield piece
        else if (this.#ended) break
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
      await this.#whole
    } finally {
      this.#watched = false
      this.#pieces.length = 0
    }
  }
}
