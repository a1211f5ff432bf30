// Slurm as its commands show it: sbatch takes jobs, squeue has those that wait or run, sacct remembers, where accounting is on, how
// those that are gone have ended.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { FailedError } from '../errors.js'
import { type Job, numberRanges, places } from './job.js'

const execute = promisify(execFile)
const MEGABYTE = 2 ** 20

/** Runs a command of Slurm's; undefined when it isn't there. */
async function ask(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await execute(command, args, { maxBuffer: 256 * MEGABYTE })).stdout
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    if (code === 'ENOENT') return undefined
    throw new FailedError(`${command} failed: ${stderr?.trim() || message}`, 'slurm')
  }
}

/** The arguments of sbatch for some of a job's tasks. */
export function arrayArgs(folder: string, job: Job, tasks: readonly number[]): string[] {
  const most = job.most === null ? '' : `%${job.most}`
  const { logs, tasks: script } = places(folder)
  return [
    '--parsable',
    `--job-name=langevin-rnn-${job.command}`,
    `--array=${numberRanges(tasks)}${most}`,
    `--output=${logs}/%a.log`,
    '--open-mode=append',
    ...job.sbatch,
    ...job.taskSbatch,
    script,
  ]
}

/** The arguments of sbatch for the merge, which waits for an array, and for older tasks that have not ended. */
export function mergeArgs(folder: string, job: Job, array: string | null, older: readonly string[] = []): string[] {
  const after = [...(array === null ? [] : [`afterok:${array}`]), ...older.map((id) => `afterany:${id}`)]
  const { logs, merge } = places(folder)
  return [
    '--parsable',
    `--job-name=langevin-rnn-merge`,
    ...(after.length > 0 ? [`--dependency=${after.join(',')}`, '--kill-on-invalid-dep=yes'] : []),
    `--output=${logs}/merge.log`,
    '--open-mode=append',
    ...job.sbatch,
    merge,
  ]
}

const noSlurm = () =>
  new FailedError(
    'sbatch is not there: this is no machine of a Slurm cluster. --dry-run writes the scripts without it',
    'no-slurm',
  )

/** Refuses to begin where nothing can be submitted. */
export async function requireSlurm(): Promise<void> {
  if ((await ask('sbatch', ['--version'])) === undefined) throw noSlurm()
}

/** Hands a script to Slurm; returns the job's number. */
export async function submit(args: readonly string[]): Promise<string> {
  const said = await ask('sbatch', args)
  if (said === undefined) throw noSlurm()
  const id = /^(\d+)(;|\s*$)/.exec(said)?.[1]
  if (id === undefined) throw new FailedError(`sbatch said '${said.trim()}' instead of a job's number`, 'slurm')
  return id
}

/** What Slurm says of a job's tasks that have not ended, `running` or `waiting`, by `ARRAY_TASK`; undefined where there is no Slurm. */
export async function queue(): Promise<ReadonlyMap<string, 'running' | 'waiting'> | undefined> {
  const said = await ask('squeue', ['--me', '--noheader', '--array', '--format=%F %K %T'])
  if (said === undefined) return undefined
  const found = new Map<string, 'running' | 'waiting'>()
  for (const line of said.split('\n')) {
    const [array, task, state] = line.trim().split(/\s+/)
    if (state === undefined) continue
    const waits = state === 'PENDING' || state.startsWith('REQUEUE') || state.startsWith('CONFIGURING')
    found.set(task === 'N/A' ? array! : `${array}_${task}`, waits ? 'waiting' : 'running')
  }
  return found
}

/** How tasks ended, `TIMEOUT` or the like, by `ARRAY_TASK`; empty where Slurm keeps no accounts. */
export async function endings(arrays: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (arrays.length === 0) return new Map()
  const format = ['--noheader', '--parsable2', '--allocations', '--array', '--format=JobID,State,ExitCode']
  const said = await ask('sacct', [...format, `--jobs=${arrays.join(',')}`]).catch(() => undefined)
  const found = new Map<string, string>()
  for (const line of said?.split('\n') ?? []) {
    const [id, state, code] = line.trim().split('|')
    if (id && state) found.set(id, state === 'FAILED' ? `FAILED with exit code ${code?.split(':')[0]}` : state)
  }
  return found
}
