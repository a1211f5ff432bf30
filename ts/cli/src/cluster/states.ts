// How far the tasks of a job are: by what they have left in its folder, and where something lacks, by what the scheduler says.
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readCheckpoint, readNetwork } from '../files_in.js'
import { examine, type PartFacts, strangers } from '../merging.js'
import { type Job, places, type Task } from './job.js'
import { endings, queue } from './slurm.js'

export interface TaskState {
  /** From 1. */
  readonly index: number
  readonly name: string
  readonly state: 'done' | 'running' | 'waiting' | 'failed' | 'not submitted'
  /** Why it failed, as far as that can be told. */
  readonly why: string | null
  /** Where to read more. */
  readonly log: string | null
}

export interface JobState {
  readonly tasks: readonly TaskState[]
  /** Whether the merge has written its file. */
  readonly merged: boolean
  /** Arrays that have tasks which have not ended. */
  readonly open: readonly string[]
  /** Whether the merge waits or runs. */
  readonly merging: boolean
}

/** Looks at every output, to the last bit where it has a checksum. */
export async function jobState(folder: string, job: Job): Promise<JobState> {
  const faults = await outputFaults(folder, job)
  const queued = (job.submissions.length > 0 && (await queue())) || new Map<string, 'running' | 'waiting'>()
  const arrays = job.submissions.flatMap(({ array }) => array ?? [])
  const ended = faults.some((fault) => fault !== undefined) ? await endings(arrays) : new Map<string, string>()
  const tasks = job.tasks.map(({ name }, i): TaskState => {
    const index = i + 1
    const fault = faults[i]
    const mine = job.submissions.filter(({ tasks }) => tasks.includes(index)).map(({ array }) => `${array}_${index}`)
    const live = mine.map((id) => queued.get(id)).find((state) => state !== undefined)
    const log = existsSync(places(folder).log(index)) ? places(folder).log(index) : null
    if (live !== undefined) return { index, name, state: live, why: null, log }
    if (fault === undefined) return { index, name, state: 'done', why: null, log }
    if (mine.length === 0 && fault === NOTHING) return { index, name, state: 'not submitted', why: null, log }
    const how = ended.get(mine.at(-1) ?? '')
    const why = how === undefined || how === 'COMPLETED' ? fault : `${how}; ${fault}`
    return { index, name, state: 'failed', why, log }
  })
  return {
    tasks,
    merged: existsSync(job.out),
    open: arrays.filter((array) => [...queued.keys()].some((id) => id.startsWith(`${array}_`))),
    merging: job.submissions.some(({ merge }) => merge !== null && queued.has(merge)),
  }
}

const NOTHING = 'it left nothing'

/** What is wrong with each task's output; undefined where nothing is. */
export async function outputFaults(folder: string, job: Job): Promise<(string | undefined)[]> {
  const facts: PartFacts[] = []
  const faults: (string | undefined)[] = []
  for (const task of job.tasks) {
    const output = join(folder, task.output)
    try {
      if (!existsSync(output)) faults.push(NOTHING)
      else if (job.command === 'sample') {
        const part = await examine(output)
        const { index, of } = part.shard
        faults.push(`${index}/${of}` === task.name ? undefined : `'${output}' is part ${index}/${of}`)
        facts.push(part)
      } else {
        await checkResults(output)
        if (job.command === 'train') await readNetwork(join(output, 'network.safetensors'))
        faults.push(undefined)
      }
    } catch (error) {
      faults.push((error as Error).message)
    }
  }
  for (const { file, why } of strangers(facts)) {
    const at = job.tasks.findIndex(({ output }) => join(folder, output) === file)
    faults[at] ??= why
  }
  return faults
}

/** The results of a reproduction or a report, whose list of files is there to the last. */
export async function checkResults(folder: string): Promise<Record<string, unknown>> {
  const file = join(folder, 'results.json')
  if (!existsSync(file)) throw new Error(`there is no '${file}'`)
  const results = JSON.parse(await readFile(file, 'utf8')) as { files?: string[] }
  const lacks = results.files?.find((path) => !existsSync(join(folder, path)))
  if (lacks !== undefined) throw new Error(`'${join(folder, lacks)}' is missing`)
  return results as Record<string, unknown>
}

/** Removes what a killed task may have left half-written, and checkpoints that can't be read; a task that is run again goes on from the rest. */
export async function tidy(folder: string, job: Job, task: Task): Promise<void> {
  const output = join(folder, task.output)
  const place = dirname(output)
  for (const name of await readdir(place).catch(() => [])) {
    if (name.startsWith(`${basename(output)}.`) && name.includes('.unfinished-')) await rm(join(place, name))
  }
  const checkpoints =
    job.command === 'sample'
      ? [`${output}.checkpoint.npz`]
      : await readdir(join(output, 'checkpoints')).then(
          (names) => names.map((name) => join(output, 'checkpoints', name)),
          () => [join(output, 'network.safetensors.checkpoint.npz')],
        )
  for (const file of checkpoints) {
    await readCheckpoint(file, job.command === 'sample' ? 'sample' : 'train').catch(() => rm(file))
  }
}
