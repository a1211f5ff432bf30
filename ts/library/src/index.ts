// The package in a browser, and its types everywhere.
import { platform } from './browser.js'
import { createEngineOn, type Engine } from './engine.js'
import type { EngineOptions } from './types.js'

export * from './public.js'

/**
 * Starts an engine: compiles the wasm and starts the first worker.
 * @throws InvalidArgumentError for bad options; WorkerError when wasm or worker can't be loaded
 */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineOn(platform, options)
}
