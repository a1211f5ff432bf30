// Sums between the owners of a network's units, worker to worker: each sends its own to every other and waits for theirs.

/** What one owner tells another in a step. */
interface Message {
  readonly sums: Float32Array
  /** Whether the slice ends with this step; the first owner's word counts. */
  readonly last: boolean
}

/** What an owner knows once all have spoken. */
export interface Exchanged {
  /** By owner; nothing at its own place. */
  readonly sums: readonly (Float32Array | undefined)[]
  readonly last: boolean
}

export class Exchange {
  readonly #ports: readonly (MessagePort | undefined)[]
  /** An owner may be a step ahead of another, never two. */
  readonly #arrived: Message[][]
  #waiting: { resolve: (all: Exchanged) => void; reject: (reason: unknown) => void } | undefined
  #own = false
  #closed: unknown

  /** `ports` by owner, none at its own place. */
  constructor(ports: readonly (MessagePort | undefined)[]) {
    this.#ports = ports
    this.#arrived = ports.map(() => [])
    ports.forEach((port, owner) => {
      if (port === undefined) return
      // Setting it also starts the port, in Node as in browsers.
      port.onmessage = ({ data }: MessageEvent<Message>) => {
        this.#arrived[owner]?.push(data)
        this.#settle()
      }
    })
  }

  /** Sends this step's sums, whose memory goes with them, and resolves when the others' are there. */
  swap(sums: Float32Array, last: boolean): Promise<Exchanged> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const others = this.#ports.filter((port) => port !== undefined)
    others.forEach((port, k) => {
      const copy = k + 1 < others.length ? sums.slice() : sums
      port.postMessage({ sums: copy, last } satisfies Message, [copy.buffer])
    })
    this.#own = last
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#settle()
    })
  }

  /** Ends it: whoever waits is told `reason`. */
  close(reason: unknown): void {
    this.#closed = reason
    for (const port of this.#ports) port?.close()
    this.#waiting?.reject(reason)
    this.#waiting = undefined
  }

  #settle(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    if (this.#ports.some((port, owner) => port !== undefined && this.#arrived[owner]?.length === 0)) return
    this.#waiting = undefined
    const all = this.#arrived.map((queue) => queue.shift())
    const first = this.#ports[0] === undefined ? this.#own : all[0]?.last === true
    waiting.resolve({ sums: all.map((message) => message?.sums), last: first })
  }
}
