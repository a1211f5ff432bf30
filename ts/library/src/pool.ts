// A pool of workers on comlink in which nothing hangs: a worker that dies rejects its pending call, and the next call gets a
// fresh one.
import * as Comlink from 'comlink'
import { AbortedError, abortedBy, isPlainError, revive, throwIfAborted, WorkerError } from './errors.js'
import { onAbort } from './on_abort.js'
import type { Platform, WorkerPort } from './platform.js'
import type { WorkerApi } from './worker_api.js'

export type Remote = Comlink.Remote<WorkerApi>

/** How long a call that was given up may go on before its worker is ended. */
const GRACE_MILLISECONDS = 1000

interface Slot {
  readonly port: WorkerPort
  readonly api: Remote
  /** Who is told when it dies. Calls leave it when they end: a promise that outlives them all would keep what each one gave. */
  readonly mourners: Set<(error: Error) => void>
  /** Declares it dead: its pending call rejects, and it is never used again. */
  readonly fail: (error: Error) => void
  /** Why it is dead, if it is. */
  death: Error | undefined
  /** Calls that use it. */
  users: number
  /** A run that took many workers lets other calls in between its own. */
  shared: boolean
}

/** What a call that may use more workers is given beside its first. */
export interface Crew {
  /** Takes up to `count` more workers, only such as are free now. They end with the call, and so may others use them till then. */
  join(count: number): Promise<Remote[]>
  /** Aborts when the call has been given up or has ended. */
  readonly givenUp: AbortSignal
}

export class Pool {
  readonly size: number
  readonly #platform: Platform
  /** On its way while the first worker's script is, too. */
  readonly #module: Promise<WebAssembly.Module>
  readonly #slots = new Set<Slot>()
  readonly #idle: Slot[] = []
  readonly #waiting: ((slot: Slot | Promise<Slot>) => void)[] = []
  readonly #closing = new AbortController()
  #starting = 0
  #facts: { streamVersion: number; simd: boolean } | undefined

  constructor(platform: Platform, module: Promise<WebAssembly.Module>, size: number) {
    this.#platform = platform
    this.#module = module
    this.size = size
  }

  /** Aborts when the pool is disposed of. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  /** What the wasm says of itself; starts the first worker, or all of them, and waits for the first. */
  async facts(all: boolean): Promise<{ streamVersion: number; simd: boolean }> {
    const starting = Array.from({ length: all ? this.size : 1 }, () => this.run(async () => undefined))
    // A worker that can't start is the next call's error, too.
    for (const one of starting) one.catch(() => {})
    await starting[0]
    if (this.#facts === undefined) throw new WorkerError('the first worker did not start')
    return this.#facts
  }

  /**
   * Runs `work` with a worker, and those that it takes from `crew`. Rejects at once when the signal aborts or a worker dies; a
   * call that then goes on past a short grace is ended with its workers.
   */
  async run<T>(work: (api: Remote, crew: Crew) => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal)
    const first = await this.#acquire()
    if (signal?.aborted) {
      this.#free(first)
      throw abortedBy(signal)
    }
    const given = new AbortController()
    const slots: Slot[] = []
    let hosting = false
    let end: (error: unknown) => void = () => {}
    const ended = new Promise<never>((_, reject) => {
      end = reject
    })
    ended.catch(() => {})
    const take = (slot: Slot): Remote => {
      slots.push(slot)
      mourn(slot, end)
      return slot.api
    }
    const unfollow = signal && onAbort(signal, () => end(abortedBy(signal)))
    const join = async (count: number): Promise<Remote[]> => {
      const spare = await Promise.all(Array.from({ length: count }, () => this.#spare()))
      const more = spare.filter((slot) => slot !== undefined)
      if (given.signal.aborted) for (const slot of more) this.#free(slot)
      if (given.signal.aborted) throw abortedBy(signal)
      const apis = more.map(take)
      if (more.length > 0) hosting = true
      if (hosting) for (const slot of slots) slot.shared = true
      return apis
    }
    const call = work(take(first), { join, givenUp: given.signal })
    let done = false
    try {
      const result = await Promise.race([call, ended])
      done = true
      return result
    } catch (error) {
      if (!isPlainError(error)) throw error
      // A trapped instance may have left its memory in any state.
      const revived = revive(error)
      if (revived instanceof WorkerError) for (const slot of slots) slot.fail(revived)
      throw revived
    } finally {
      unfollow?.()
      given.abort()
      for (const slot of slots) {
        slot.mourners.delete(end)
        if (hosting) slot.shared = false
        if (done) this.#free(slot)
        else void settled(slot, call).then(() => this.#free(slot))
      }
    }
  }

  /** Ends every worker; pending calls reject. */
  dispose(): void {
    const error = new AbortedError('the engine has been disposed of')
    this.#closing.abort(error)
    for (const slot of this.#slots) slot.fail(error)
    this.#idle.length = 0
    for (const waiting of this.#waiting.splice(0)) waiting(Promise.reject(error))
  }

  async #acquire(): Promise<Slot> {
    if (this.closed.aborted) throw new AbortedError('the engine has been disposed of; create a new one')
    try {
      // Looked for and queued up in one go: a worker that came free in between would find nobody waiting.
      const spare = this.#spare()
      if (spare !== undefined) return await spare
      const hosts = [...this.#slots].filter((slot) => slot.shared).sort((a, b) => a.users - b.users)
      if (hosts[0] === undefined) return await new Promise<Slot>((give) => this.#waiting.push(give))
      hosts[0].users += 1
      return hosts[0]
    } catch (error) {
      // A worker that could not start is no reason for the next in the queue to wait for ever.
      this.#serveNext()
      throw error
    }
  }

  /** A worker that is free, or can be started; undefined when there is none. */
  #spare(): Promise<Slot> | Slot | undefined {
    const idle = this.#idle.pop()
    if (idle === undefined) return this.#slots.size + this.#starting < this.size ? this.#start() : undefined
    idle.users = 1
    idle.port.setBusy(true)
    return idle
  }

  async #start(): Promise<Slot> {
    this.#starting += 1
    try {
      const port = this.#platform.createWorker()
      const slot: Slot = {
        port,
        api: Comlink.wrap<WorkerApi>(port.endpoint),
        mourners: new Set(),
        death: undefined,
        users: 1,
        shared: false,
        fail: (error) => {
          slot.death = error
          this.#slots.delete(slot)
          // One that dies idle is no worker for the next call.
          const idle = this.#idle.indexOf(slot)
          if (idle >= 0) this.#idle.splice(idle, 1)
          port.terminate()
          for (const mourner of slot.mourners) mourner(error)
          slot.mourners.clear()
        },
      }
      port.onDeath((reason) => {
        slot.fail(new WorkerError(`a worker died: ${reason}; the next call gets a fresh one`, { value: reason }))
      })
      port.setBusy(true)
      try {
        this.#facts = await unlessDead(slot, slot.api.start(await this.#module))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        const failure = new WorkerError(`a worker could not start: ${reason}`, { value: reason })
        slot.fail(failure)
        throw failure
      }
      if (this.closed.aborted) {
        const error = new AbortedError('the engine has been disposed of')
        slot.fail(error)
        throw error
      }
      this.#slots.add(slot)
      return slot
    } finally {
      this.#starting -= 1
    }
  }

  #free(slot: Slot): void {
    if (slot.death !== undefined) {
      this.#serveNext()
      return
    }
    slot.users -= 1
    if (slot.users > 0) return
    const next = this.#waiting.shift()
    if (next !== undefined) {
      slot.users = 1
      next(slot)
      return
    }
    slot.port.setBusy(false)
    this.#idle.push(slot)
  }

  /** Gives the next in the queue a fresh worker, where one fell away. */
  #serveNext(): void {
    if (this.closed.aborted || this.#slots.size + this.#starting >= this.size) return
    this.#waiting.shift()?.(this.#start())
  }
}

/** Waits for a call that may have been given up; ends its worker when that takes too long. */
async function settled(slot: Slot, call: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      // A worker that others use, too, must go on for them.
      if (slot.users === 1)
        slot.fail(new WorkerError('a call that was given up went on for too long; its worker was ended'))
      resolve()
    }, GRACE_MILLISECONDS)
  })
  const quiet = unlessDead(slot, call).then(
    () => {},
    () => {},
  )
  await Promise.race([quiet, late])
  clearTimeout(timer)
}

/** Tells `end` of the worker's death, were it past or yet to come. */
function mourn(slot: Slot, end: (error: Error) => void): void {
  if (slot.death === undefined) slot.mourners.add(end)
  else end(slot.death)
}

/** The outcome of a call, or the worker's death. */
async function unlessDead<T>(slot: Slot, call: Promise<T>): Promise<T> {
  let end: (error: Error) => void = () => {}
  const death = new Promise<never>((_, reject) => {
    end = reject
  })
  mourn(slot, end)
  try {
    return await Promise.race([call, death])
  } finally {
    slot.mourners.delete(end)
  }
}
