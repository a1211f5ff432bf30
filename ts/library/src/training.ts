// A training run: opened in one worker or shared by several, advanced a tenth of a second a call, so that it can be watched,
// paused and stopped.
import { CheckpointClock, checkSame, checkStreamVersion } from './checkpoints.js'
import { type BareNetwork, hashOfTensors } from './network.js'
import { checkTrain } from './options.js'
import type { Crew, Remote } from './pool.js'
import { type Control, Run } from './run.js'
import type { Context } from './sampling.js'
import { TrainingData } from './training_data.js'
import { TrainingTeam } from './training_team.js'
import type { LevelSnapshot, Progress, Provenance, TrainedNetwork, TrainInspection, TrainOptions } from './types.js'
import { version } from './version.js'
import { fromClosedForm, fromNetwork } from './warm_start.js'
import type { TrainingPiece } from './worker_api.js'

/** How long one call to the worker trains: short enough to abort at once, long enough that calls cost nothing. */
const SLICE_MILLISECONDS = 100

/**
 * A training run: `await` gives the {@link TrainedNetwork}, `for await` its {@link Progress}. A loop begun in the same turn as the
 * call misses none. Leaving the loop doesn't end the run: `stop()` it, or abort its signal. While paused it keeps its worker.
 */
export class TrainRun extends Run<TrainedNetwork, Progress> {
  readonly #glances: Glances

  /** @internal */
  constructor(context: Context, options: unknown) {
    const glances = new Glances()
    super((control) => {
      glances.wake = control.wake
      const training = begin(context, control, glances, options)
      glances.over(training)
      return training
    })
    this.#glances = glances
  }

  /**
   * Losses so far, and the network as it is. The run goes on; after its end this tells what it ended with.
   *
   * @throws what ended the run, if something did
   */
  inspect(): Promise<TrainInspection> {
    return this.#glances.ask()
  }
}

/** Those who wait for a look at the run, which its worker allows between two of its calls. */
class Glances {
  wake: () => void = () => {}
  progress: Progress | null = null
  #waiting: ((found: TrainInspection | Promise<TrainInspection>) => void)[] = []
  #ended: Promise<TrainInspection> | undefined

  ask(): Promise<TrainInspection> {
    if (this.#ended) return this.#ended
    return new Promise((give) => {
      this.#waiting.push(give)
      this.wake()
    })
  }

  async serve(look: () => Promise<TrainInspection>): Promise<void> {
    if (this.#waiting.length > 0) this.#give(await look())
  }

  /** What is told when the run has ended, in whatever way. */
  over(training: Promise<TrainedNetwork>): void {
    const last = training.then((network) => ({ progress: this.progress, losses: network.losses, network }))
    const end = () => {
      this.#ended = last
      this.#give(last)
    }
    last.then(end, end)
  }

  #give(found: TrainInspection | Promise<TrainInspection>): void {
    for (const give of this.#waiting.splice(0)) give(found)
  }
}

async function begin(
  context: Context,
  control: Control<Progress>,
  glances: Glances,
  unchecked: unknown,
): Promise<TrainedNetwork> {
  const options = checkTrain(unchecked)
  control.follow(options.signal)
  control.follow(context.pool.closed)
  const data = await TrainingData.open(options, control)
  try {
    return await context.pool.run(
      (api, crew) => train(api, crew, context, control, glances, options, data),
      options.signal,
    )
  } finally {
    data.close()
  }
}

async function train(
  api: Remote,
  crew: Crew,
  { streamVersion, budget, pool }: Context,
  control: Control<Progress>,
  glances: Glances,
  options: TrainOptions,
  from: TrainingData,
): Promise<TrainedNetwork> {
  const { signal: _, onProgress, target: __, data: ___, stimuli: ____, ...rest } = options
  const { resume, onCheckpoint, checkpointSeconds = 30, initial, warmStart, ...settings } = rest
  const { source } = from
  const team = await TrainingTeam.open(api, crew, settings, source, budget, pool.size)
  const core = team.configuration
  try {
    const hash = (shape: number[], values: Float32Array) => api.hash(shape, values)
    await from.identify(hash)
    const beginning = initial
      ? await fromNetwork(initial, hash)
      : warmStart && (await fromClosedForm(api, crew, settings, core, source, budget))
    // A stream's part of it grows with the run.
    const configuration = () => ({ ...core, ...from.origin, ...beginning?.origin })
    const provenance = (): Provenance => ({
      streamVersion,
      seed: Number(core['seed']),
      configuration: configuration(),
      package: `langevin-rnn ${version}`,
    })
    const whole = (network: BareNetwork) => ({ ...network, confinement: null, provenance: provenance() })
    const snapshots = (levels: TrainingPiece['levels']): LevelSnapshot[] =>
      [...(resume?.levels ?? []), ...levels].map(({ noise, network }) => ({ noise, network: whole(network) }))
    const joined = (losses: Float64Array) => Float64Array.from([...(resume?.losses ?? []), ...losses])
    const unit = core['method'] === 'adam' ? 'epochs' : 'levels'
    const total = Number(core[unit])
    // Of a stream, whose points the run doesn't learn from.
    const passed = resume?.epoch ?? (core['solveLevels'] === 'last' ? total - 1 : 0)
    // Whether the next epoch or level has no points yet.
    let hungry = from.comesInPasses && passed > 0
    if (resume !== undefined) checkStreamVersion(resume, streamVersion)
    await from.skip(passed, total, hash)
    if (resume !== undefined) {
      checkSame(resume.configuration, configuration())
      await team.resume(resume)
    } else if (beginning) await team.begin(await beginning.network())
    const look = async (): Promise<TrainInspection> => {
      const { network, losses } = await team.inspect()
      return { progress: glances.progress, losses: joined(losses), network: network && whole(network) }
    }
    const keep = async () => {
      const { levels, losses, ...rest } = await team.checkpoint()
      await onCheckpoint?.({
        format: 'langevin-rnn checkpoint',
        stage: 'train',
        streamVersion,
        configuration: configuration(),
        ...rest,
        losses: joined(losses),
        levels: snapshots(levels),
      })
    }

    const keeps = onCheckpoint !== undefined && unit === 'epochs'
    const clock = new CheckpointClock(checkpointSeconds)
    let complete = false
    let betweenEpochs = true
    const advance = async (toEpoch: boolean) => {
      const step = await team.advance(SLICE_MILLISECONDS, toEpoch)
      complete = step.complete
      betweenEpochs = step.betweenEpochs
      hungry = from.comesInPasses && betweenEpochs
      const { done, total, ...newest } = step.progress
      const rate = (done - (resume?.epoch ?? 0)) / control.seconds
      glances.progress = { stage: 'train', done, total, unit, rate, secondsLeft: (total - done) / rate, ...newest }
      onProgress?.(glances.progress)
      control.emit(glances.progress)
    }
    const serve = () => glances.serve(look)
    /** False when the run is to end before its stream gives more. */
    const feed = async (): Promise<boolean> => {
      const pass = await from.next(total, hash, serve)
      if (pass !== undefined) await team.feed(pass)
      return pass !== undefined
    }
    // A run that is stopped at once has one slice: without it there is no network to give.
    while (!complete && ((await control.goOn(serve)) || glances.progress === null)) {
      if (hungry && !(await feed())) break
      const due = keeps && clock.due(control.seconds)
      await advance(due || from.comesInPasses)
      if (due && betweenEpochs && !complete) await clock.keep(control.seconds, keep)
    }
    // A stopped run can be gone on with from where it ends, which is between two epochs.
    while (keeps && !betweenEpochs) await advance(true)
    if (keeps && !complete) await keep()
    const result = await team.finish()
    return {
      ...result.network,
      confinement: result.confinement,
      provenance: provenance(),
      complete,
      losses: joined(result.losses),
      levels: snapshots(result.levels),
      hash: await hashOfTensors(result.network, hash),
    }
  } finally {
    // Without waiting: an aborted run must not wait for its workers.
    team.close()
  }
}
