// A training run: opened in one worker or shared by several, advanced a tenth of a second a call, so that it can be watched
// and aborted.

import { InvalidArgumentError } from './errors.js'
import { canonicalJson } from './formats/json.js'
import type { Pool } from './pool.js'
import { throwIfAborted } from './pool.js'
import { Run } from './run.js'
import { TrainingTeam } from './training_team.js'
import type { Checkpoint, LevelSnapshot, Progress, Provenance, Tensor, TrainedNetwork, TrainOptions } from './types.js'
import type { BareNetwork, TrainingPiece } from './worker_api.js'

/** How long one call to the worker trains: short enough to abort at once, long enough that calls cost nothing. */
const SLICE_MILLISECONDS = 100

/**
 * A training run: `await` gives the {@link TrainedNetwork}, `for await` its {@link Progress}. A loop begun in the same turn as the
 * call misses none. Leaving the loop doesn't end the run: abort its signal for that.
 */
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
  const {
    signal,
    onProgress,
    target,
    data,
    stimuli,
    resume,
    onCheckpoint,
    checkpointSeconds = 30,
    ...settings
  } = options
  return new Run<TrainedNetwork, Progress>((emit) =>
    pool.run(async (api, crew) => {
      const source = target !== undefined ? { target } : { data: data!, stimuli }
      const team = await TrainingTeam.open(api, crew, settings, source, budget, pool.size)
      const core = team.configuration
      try {
        const hash = (shape: number[], values: Float32Array) => api.hash(shape, values)
        const digest = (array: Tensor) => hash([...array.shape], array.data)
        const origin =
          target !== undefined
            ? { target }
            : { data: await digest(data!), ...(stimuli && { stimulusData: await digest(stimuli) }) }
        const configuration = { ...core, ...origin }
        const provenance: Provenance = { streamVersion, seed: Number(core['seed']), configuration }
        const snapshots = (levels: TrainingPiece['levels']): LevelSnapshot[] => [
          ...(resume?.levels ?? []),
          ...levels.map(({ noise, network }) => ({ noise, network: { ...network, confinement: null, provenance } })),
        ]
        const joined = (losses: Float64Array) => {
          const before = resume?.losses ?? new Float64Array()
          const all = new Float64Array(before.length + losses.length)
          all.set(before)
          all.set(losses, before.length)
          return all
        }
        if (resume !== undefined) {
          checkResume(resume, streamVersion, configuration)
          await team.resume(resume)
        }
        const keep = async () => {
          const { levels, losses, ...rest } = await team.checkpoint()
          await onCheckpoint?.({
            format: 'langevin-rnn checkpoint',
            streamVersion,
            configuration,
            ...rest,
            losses: joined(losses),
            levels: snapshots(levels),
          })
        }

        const unit = core['method'] === 'adam' ? 'epochs' : 'levels'
        const began = performance.now()
        let due = began + checkpointSeconds * 1000
        for (let complete = false; !complete; ) {
          const keeps = onCheckpoint !== undefined && unit === 'epochs' && performance.now() >= due
          const step = await team.advance(SLICE_MILLISECONDS, keeps)
          complete = step.complete
          const { done, total, ...newest } = step.progress
          const rate = (done - (resume?.epoch ?? 0)) / ((performance.now() - began) / 1000)
          const secondsLeft = (total - done) / rate
          const progress: Progress = { stage: 'train', done, total, unit, rate, secondsLeft, ...newest }
          onProgress?.(progress)
          emit(progress)
          throwIfAborted(signal)
          const now = performance.now()
          if (keeps && step.betweenEpochs && !complete) {
            await keep()
            // However large the network, keeping it takes no more than a twentieth of the time.
            const took = checkpointSeconds > 0 ? performance.now() - now : 0
            due = performance.now() + Math.max(checkpointSeconds * 1000, 19 * took)
          }
        }
        const result = await team.finish()
        return {
          ...result.network,
          confinement: result.confinement,
          provenance,
          losses: joined(result.losses),
          levels: snapshots(result.levels),
          hash: await hashOf(result.network, hash),
        }
      } finally {
        // Without waiting: an aborted run must not wait for its worker.
        team.close()
      }
    }, signal),
  )
}

/** JSON that doesn't depend on the order of keys. */
function text(value: unknown): string | undefined {
  return value === undefined ? undefined : canonicalJson(value)
}

/** A checkpoint goes on only as the run that it was: anything else would be a result that no configuration describes. */
function checkResume(resume: Checkpoint, streamVersion: number, configuration: Record<string, unknown>): void {
  if (resume.streamVersion !== streamVersion) {
    throw new InvalidArgumentError(
      `resume.streamVersion is ${resume.streamVersion}; expected ${streamVersion}, the version of this package's bits`,
      { argument: 'resume.streamVersion', value: resume.streamVersion, expected: streamVersion },
    )
  }
  const names = new Set([...Object.keys(configuration), ...Object.keys(resume.configuration)])
  for (const name of names) {
    // Files have their keys in an order of their own.
    const [was, is] = [text(resume.configuration[name]), text(configuration[name])]
    if (was !== is) {
      throw new InvalidArgumentError(`${name} is ${is}, but the checkpoint was made with ${was}; expected the same`, {
        argument: name,
        value: is,
        expected: was,
      })
    }
  }
}
