// All that differs between Node and browsers: how a worker is made, and how the package's wasm is read.
import type { Endpoint } from 'comlink'

export interface WorkerPort {
  readonly endpoint: Endpoint
  /** Calls back at most once, when the worker has died or could not start. */
  onDeath(callback: (reason: string) => void): void
  /** While idle, a worker must not keep a Node process alive. */
  setBusy(busy: boolean): void
  terminate(): void
}

export interface Platform {
  readonly cores: number
  createWorker(): WorkerPort
  /** The compiled module of the package's own file, or of an address. */
  compile(address?: URL | string): Promise<WebAssembly.Module>
}
