// A long call as an object: await it for the whole, iterate over it for its parts, pause it, stop it. It starts at once.
import { abortedBy } from './errors.js'
import { onAbort } from './on_abort.js'

/** Pieces that may wait for a slow loop before work waits for it. */
const AHEAD = 8

/**
 * What a run does: `running`; `paused` until `resume()`; `stopping` after `stop()`, until it ends; `ended`, with a result or an
 * error.
 */
export type RunState = 'running' | 'paused' | 'stopping' | 'ended'

/** How a run's work is steered: it asks here between its calls to workers. */
export class Control<Piece> {
  readonly pieces: Piece[] = []
  /** Whether a loop takes the pieces. */
  watched = false
  /** Whether someone awaits the whole: then work never waits for a loop. */
  awaited = false
  state: RunState = 'running'
  readonly #signals: AbortSignal[] = []
  readonly #unfollow: (() => void)[] = []
  #waiting: (() => void)[] = []
  #pausedAt: number | undefined
  #began = performance.now()

  /** Ends with the signal, even while paused. */
  follow(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    this.#signals.push(signal)
    this.#unfollow.push(onAbort(signal, this.wake))
  }

  /** Seconds that the run has spent on its work. */
  get seconds(): number {
    return ((this.#pausedAt ?? performance.now()) - this.#began) / 1000
  }

  /** Hands a piece to whoever iterates. Pieces wait only for a loop; `await` alone must not keep them. */
  emit(piece: Piece): void {
    if (this.watched) this.pieces.push(piece)
    this.wake()
  }

  /**
   * Waits while the run is paused or a loop is far behind; false when the run is to end with what there is. `serve` is called at
   * least once, and again whenever the run is woken.
   *
   * @throws {@link AbortedError} once a signal has aborted
   */
  async goOn(serve?: () => Promise<void>): Promise<boolean> {
    for (;;) {
      const aborted = this.#signals.find((signal) => signal.aborted)
      if (aborted) throw abortedBy(aborted)
      await serve?.()
      if (this.state === 'stopping' || this.state === 'ended') return false
      const behind = this.watched && !this.awaited && this.pieces.length >= AHEAD
      if (this.state === 'running' && !behind) return true
      await this.change()
    }
  }

  /**
   * Waits for what somebody else does; undefined when the run is to end first.
   *
   * @throws {@link AbortedError} once a signal has aborted
   */
  async waitFor<T>(work: Promise<T>, serve?: () => Promise<void>): Promise<T | undefined> {
    let settled = false
    const end = () => {
      settled = true
      this.wake()
    }
    work.then(end, end)
    while (await this.goOn(serve)) {
      if (settled) return work
      await this.change()
    }
    return undefined
  }

  /** Resolves when anything has changed. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  readonly wake = (): void => {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  turn(state: RunState): void {
    if (state === this.state || this.state === 'ended') return
    const now = performance.now()
    if (state === 'paused') this.#pausedAt = now
    else if (this.#pausedAt !== undefined) {
      this.#began += now - this.#pausedAt
      this.#pausedAt = undefined
    }
    this.state = state
    if (state === 'ended') for (const unfollow of this.#unfollow) unfollow()
    this.wake()
  }
}

/**
 * A long call that has started. `await` it for the whole, or iterate over it by `for await` for its pieces; both may be done.
 * Leaving the loop doesn't end the call: `stop()` it, or abort its signal.
 *
 * A loop that is slower than the work holds it back: while 8 pieces wait for the loop, workers wait too, so that memory stays
 * bounded. A run that is awaited never waits: from the first `await` on, pieces queue up for the loop, however many they are.
 */
export class Run<Whole, Piece> implements PromiseLike<Whole>, AsyncIterable<Piece> {
  readonly #whole: Promise<Whole>
  readonly #control: Control<Piece>

  /** @internal */
  constructor(work: (control: Control<Piece>) => Promise<Whole>) {
    const control = new Control<Piece>()
    this.#control = control
    this.#whole = work(control).finally(() => control.turn('ended'))
    // A run that is only iterated over reports its failure there.
    this.#whole.catch(() => {})
  }

  /** What the run does now. */
  get state(): RunState {
    return this.#control.state
  }

  /** Lets workers finish what they are at, some tenths of a second, and then waits for `resume()`. Others may use the engine. */
  pause(): void {
    if (this.state === 'running') this.#control.turn('paused')
  }

  /** Goes on after `pause()`; the bits are those of a run that never paused. */
  resume(): void {
    if (this.state === 'paused') this.#control.turn('running')
  }

  /**
   * Ends the run soon, within some tenths of a second, with what there is: it resolves to a whole whose `complete` is false, and
   * so does this promise. A run that has ended stays as it is.
   *
   * @throws what ended the run, if something did: the errors of {@link Engine.train} and {@link Engine.sample}
   */
  stop(): Promise<Whole> {
    this.#control.awaited = true
    this.#control.turn('stopping')
    return this.#whole
  }

  /** What `await` calls: resolves to the whole, or rejects with what ended the call. */
  // biome-ignore lint/suspicious/noThenProperty: being awaitable is what a run is for.
  then<A = Whole, B = never>(
    resolve?: ((value: Whole) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#control.awaited = true
    this.#control.wake()
    return this.#whole.then(resolve, reject)
  }

  /**
   * The pieces from now on. Iterate from the start to miss none.
   *
   * @throws what ends the run: the errors of {@link Engine.train} and {@link Engine.sample}
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Piece, void, undefined> {
    const control = this.#control
    control.watched = true
    try {
      for (;;) {
        const piece = control.pieces.shift()
        if (piece !== undefined) {
          control.wake()
          yield piece
        } else if (control.state === 'ended') break
        else await control.change()
      }
      await this.#whole
    } finally {
      control.watched = false
      control.pieces.length = 0
      control.wake()
    }
  }
}
