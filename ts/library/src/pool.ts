// A pool of workers on comlink in which nothing hangs: a worker that dies rejects its pending call, and the next call gets a
// fresh one.
import * as Comlink from 'comlink'
import { AbortedError, isPlainError, revive, WorkerError } from './errors.js'
import type { Platform, WorkerPort } from './platform.js'
import type { WorkerApi } from './worker_api.js'

export type Remote = Comlink.Remote<WorkerApi>

/** How long a call that was given up may go on before its worker is ended. */
const GRACE_MILLISECONDS = 1000

interface Slot {
  readonly port: WorkerPort
  readonly api: Remote
  /** Rejects when the worker dies; never resolves. */
  readonly death: Promise<never>
  /** Declares it dead: its pending call rejects, and it is never used again. */
  readonly fail: (error: Error) => void
  dead: boolean
}

export class Pool {
  readonly size: number
  readonly #platform: Platform
  readonly #module: WebAssembly.Module
  readonly #slots = new Set<Slot>()
  readonly #idle: Slot[] = []
  readonly #waiting: ((slot: Slot | Promise<Slot>) => void)[] = []
  #starting = 0
  #disposed = false
  #facts: { streamVersion: number; simd: boolean } | undefined

  constructor(platform: Platform, module: WebAssembly.Module, size: number) {
    this.#platform = platform
    this.#module = module
    this.size = size
  }

  /** What the wasm says of itself; starts the first worker. */
  async facts(): Promise<{ streamVersion: number; simd: boolean }> {
    await this.run(async () => undefined)
    if (this.#facts === undefined) throw new WorkerError('the first worker did not start')
    return this.#facts
  }

  /**
   * Runs `work` with a worker of its own. Rejects at once when the signal aborts or the worker dies; a call that then
   * goes on past a short grace is ended with its worker.
   */
  async run<T>(work: (api: Remote) => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal)
    const slot = await this.#acquire()
    if (signal?.aborted) {
      this.#free(slot)
      throw abortedBy(signal)
    }
    let onAbort = () => {}
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(abortedBy(signal))
      signal?.addEventListener('abort', onAbort, { once: true })
    })
    const call = work(slot.api)
    try {
      return await Promise.race([call, slot.death, aborted])
    } catch (error) {
      if (!isPlainError(error)) throw error
      // A trapped instance may have left its memory in any state.
      const revived = revive(error)
      if (revived instanceof WorkerError) slot.fail(revived)
      throw revived
    } finally {
      signal?.removeEventListener('abort', onAbort)
      void settled(slot, call).then(() => this.#free(slot))
    }
  }

  /** Ends every worker; pending calls reject. */
  dispose(): void {
    this.#disposed = true
    const error = new AbortedError('the engine has been disposed of')
    for (const slot of this.#slots) slot.fail(error)
    this.#idle.length = 0
    for (const waiting of this.#waiting.splice(0)) waiting(Promise.reject(error))
  }

  async #acquire(): Promise<Slot> {
    if (this.#disposed) throw new AbortedError('the engine has been disposed of; create a new one')
    const idle = this.#idle.pop()
    if (idle !== undefined) {
      idle.port.setBusy(true)
      return idle
    }
    try {
      return this.#slots.size + this.#starting < this.size
        ? await this.#start()
        : await new Promise<Slot>((give) => this.#waiting.push(give))
    } catch (error) {
      // A worker that could not start is no reason for the next in the queue to wait for ever.
      this.#serveNext()
      throw error
    }
  }

  async #start(): Promise<Slot> {
    this.#starting += 1
    try {
      const port = this.#platform.createWorker()
      let reject: (error: Error) => void = () => {}
      const death = new Promise<never>((_, no) => {
        reject = no
      })
      // Whoever races with it handles it; alone it must not count as unhandled.
      death.catch(() => {})
      const slot: Slot = {
        port,
        api: Comlink.wrap<WorkerApi>(port.endpoint),
        death,
        dead: false,
        fail: (error) => {
          slot.dead = true
          this.#slots.delete(slot)
          port.terminate()
          reject(error)
        },
      }
      port.onDeath((reason) => {
        slot.fail(new WorkerError(`a worker died: ${reason}; the next call gets a fresh one`, { value: reason }))
      })
      port.setBusy(true)
      try {
        this.#facts = await Promise.race([slot.api.start(this.#module), death])
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        const failure = new WorkerError(`a worker could not start: ${reason}`, { value: reason })
        slot.fail(failure)
        throw failure
      }
      if (this.#disposed) {
        slot.fail(new AbortedError('the engine has been disposed of'))
        await death
      }
      this.#slots.add(slot)
      return slot
    } finally {
      this.#starting -= 1
    }
  }

  #free(slot: Slot): void {
    if (slot.dead) {
      this.#serveNext()
      return
    }
    const next = this.#waiting.shift()
    if (next !== undefined) {
      next(slot)
      return
    }
    slot.port.setBusy(false)
    this.#idle.push(slot)
  }

  /** Gives the next in the queue a fresh worker, where one fell away. */
  #serveNext(): void {
    if (this.#disposed || this.#slots.size + this.#starting >= this.size) return
    this.#waiting.shift()?.(this.#start())
  }
}

/** Waits for a call that may have been given up; ends its worker when that takes too long. */
async function settled(slot: Slot, call: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      slot.fail(new WorkerError('a call that was given up went on for too long; its worker was ended'))
      resolve()
    }, GRACE_MILLISECONDS)
  })
  const quiet = Promise.race([call, slot.death]).then(
    () => {},
    () => {},
  )
  await Promise.race([quiet, late])
  clearTimeout(timer)
}

/** The error for a signal that has aborted. */
export function abortedBy(signal: AbortSignal | undefined): AbortedError {
  return new AbortedError('the run was aborted', { cause: signal?.reason })
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedBy(signal)
}
