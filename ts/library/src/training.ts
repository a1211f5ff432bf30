// A training run: opened in one worker, advanced a tenth of a second a call, so that it can be watched and aborted.

import type { Pool } from './pool.js'
import { throwIfAborted } from './pool.js'
import { Run } from './run.js'
import type { Progress, Provenance, TrainedNetwork, TrainOptions } from './types.js'
import type { BareNetwork } from './worker_api.js'

/** How long one call to the worker trains: short enough to abort at once, long enough that calls cost nothing. */
const SLICE_MILLISECONDS = 100

/** Await it for the network; iterate over it for its progress. */
export type TrainRun = Run<TrainedNetwork, Progress>

/** SHA-256 over all tensors in the order of their names, as one array. */
async function hashOf(network: BareNetwork, hash: (shape: number[], data: Float32Array) => Promise<string>) {
  const names = Object.keys(network.tensors).sort()
  const arrays = names.map((name) => network.tensors[name]?.data ?? new Float32Array())
  const all = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0))
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  return hash([all.length], all)
}

export function train(pool: Pool, streamVersion: number, budget: number, options: TrainOptions): TrainRun {
  const { signal, onProgress, target, data, ...settings } = options
  return new Run<TrainedNetwork, Progress>((emit) =>
    pool.run(async (api) => {
      const { id, configuration } = await api.openTraining(
        settings,
        target !== undefined ? { target } : { data: data! },
        budget,
      )
      try {
        const unit = configuration['method'] === 'adam' ? 'epochs' : 'levels'
        const began = performance.now()
        for (let complete = false; !complete; ) {
          const step = await api.advanceTraining(id, SLICE_MILLISECONDS)
          complete = step.complete
          const { done, total, ...newest } = step.progress
          const rate = done / ((performance.now() - began) / 1000)
          const progress: Progress = {
            stage: 'train',
            done,
            total,
            unit,
            rate,
            secondsLeft: (total - done) / rate,
            ...newest,
          }
          onProgress?.(progress)
          emit(progress)
          throwIfAborted(signal)
        }
        const result = await api.finishTraining(id)
        const hash = (shape: number[], values: Float32Array) => api.hash(shape, values)
        const provenance: Provenance = {
          streamVersion,
          seed: Number(configuration['seed']),
          configuration: {
            ...configuration,
            ...(target !== undefined ? { target } : { data: await hash([...data!.shape], data!.data) }),
          },
        }
        return {
          ...result.network,
          confinement: result.confinement,
          provenance,
          losses: result.losses,
          levels: result.levels.map(({ noise, network }) => ({
            noise,
            network: { ...network, confinement: null, provenance },
          })),
          hash: await hashOf(result.network, hash),
        }
      } finally {
        // Without waiting: an aborted run must not wait for its worker.
        api.closeTraining(id).catch(() => {})
      }
    }, signal),
  )
}
