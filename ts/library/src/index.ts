// The package in a browser, and its types everywhere.
import { platform } from './browser.js'
import { createEngineOn, type Engine } from './engine.js'
import type { EngineOptions } from './types.js'

export * from './public.js'

/**
 * Starts an engine: compiles the wasm and starts the first worker.
 *
 * @param options - see {@link EngineOptions}; by default a worker a core, at most 8, and a budget of 1 GiB
 * @throws {@link InvalidArgumentError} for bad options; {@link WorkerError} when wasm or worker can't be loaded
 */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineOn(platform, options)
}
