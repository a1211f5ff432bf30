// The package in Node.
import { createEngineOn, type Engine } from './engine.js'
import { platform } from './node.js'
import type { EngineOptions } from './types.js'

export * from './public.js'

/**
 * Starts an engine: compiles the wasm and starts the first worker.
 * @throws InvalidArgumentError for bad options; WorkerError when wasm or worker can't be loaded
 */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineOn(platform, options)
}
