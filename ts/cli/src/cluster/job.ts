// A job on a cluster: tasks, each a command of its own, and the merge of what they gave. It lives in a folder: `job.json` tells what
// it is, `task.sh` computes the task of a number, `merge.sh` puts all together, `logs/` has what each said.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { FailedError, UsageError } from '../errors.js'
import { replaceFile } from '../output.js'
import { quoted } from '../shell.js'

export type JobCommand = 'sample' | 'reproduce' | 'train'

export interface Task {
  /** What people call it: `3/8` of a run, `seed=1,units=64` of a sweep. */
  readonly name: string
  /** Its arguments beside those of all tasks. */
  readonly args: readonly string[]
  /** The file or folder that it leaves, in the job's folder. */
  readonly output: string
  /** The values of the options that are swept. */
  readonly over: Readonly<Record<string, string>>
}

/** An array that was handed to the scheduler. */
export interface Submission {
  /** Its number; null when there were no tasks left to compute. */
  readonly array: string | null
  /** Numbers of its tasks, from 1. */
  readonly tasks: readonly number[]
  /** The number of the merge that waits for it; null when none could be submitted. */
  readonly merge: string | null
}

/** What does not change after the job is written. */
export interface JobPlan {
  readonly command: JobCommand
  /** Arguments of every task. */
  readonly args: readonly string[]
  /** Numbered from 1 in this order. */
  readonly tasks: readonly Task[]
  /** The file that the merge writes; of a sweep, in the job's folder. */
  readonly out: string
  /** Options of sbatch for tasks and merge alike, and for tasks alone. */
  readonly sbatch: readonly string[]
  readonly taskSbatch: readonly string[]
  /** Tasks that may run at once; null for as many as the scheduler likes. */
  readonly most: number | null
}

export interface Job extends JobPlan {
  readonly format: typeof FORMAT
  readonly submissions: readonly Submission[]
}

const FORMAT = 'langevin-rnn job'
const FILE = 'job.json'

/** `1-3,7`: numbers as sbatch takes them. */
export function numberRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(',')
}

/** Where the folder's files are. */
export const places = (folder: string) => ({
  tasks: join(folder, 'task.sh'),
  merge: join(folder, 'merge.sh'),
  logs: join(folder, 'logs'),
  /** What a task says goes here. */
  log: (index: number) => join(folder, 'logs', `${index}.log`),
})

/**
 * Refuses a folder that Slurm can't have logs in, or that has another job: its parts would be taken for this one's. One that was never submitted may be written again
 * as it was, and is replaced by another while its tasks have left nothing.
 */
export async function refuseOtherJob(folder: string, argument: string, plan: JobPlan): Promise<void> {
  if (/[%\\]/.test(folder)) {
    throw new UsageError(`${argument} '${folder}' has a character in it that Slurm takes for something else`, {
      argument,
      value: folder,
      expected: 'a folder without % and \\ in its whole name, for the logs',
    })
  }
  if (!existsSync(join(folder, FILE))) return
  const { format: _, submissions, ...there } = await readJob(folder)
  const nothing = there.tasks.every(({ output }) => !existsSync(join(folder, output)))
  if (submissions.length === 0 && (nothing || isDeepStrictEqual(there, plan))) return
  throw new UsageError(`${argument} '${folder}' has a job already`, {
    argument,
    value: folder,
    expected: "a folder without one; 'slurm status' and 'slurm resubmit' go on with that job",
  })
}

/** Writes a job and its scripts; copies are put beside them, so that no file that changes later gets into some tasks and not into others. */
export async function writeJob(
  folder: string,
  plan: JobPlan,
  { command, cwd, copies }: { command: readonly string[]; cwd: string; copies: Readonly<Record<string, string>> },
): Promise<Job> {
  await mkdir(places(folder).logs, { recursive: true })
  for (const [name, source] of Object.entries(copies)) await copyFile(source, join(folder, name))
  await replaceFile(places(folder).tasks, taskScript(folder, plan, command, cwd))
  const merge = [...command, 'slurm', 'merge', folder].map(quoted).join(' ')
  await replaceFile(
    places(folder).merge,
    `#!/bin/sh\n# Puts together what the tasks gave.\ncd ${quoted(cwd)} || exit\nexec ${merge}\n`,
  )
  return saveJob(folder, { ...plan, format: FORMAT, submissions: [] })
}

export async function saveJob(folder: string, job: Job): Promise<Job> {
  await replaceFile(join(folder, FILE), `${JSON.stringify(job, null, 2)}\n`)
  return job
}

export async function readJob(folder: string): Promise<Job> {
  let text: string
  try {
    text = await readFile(join(folder, FILE), 'utf8')
  } catch {
    throw new FailedError(`'${folder}' is no folder of a job: there is no '${join(folder, FILE)}'`, 'file')
  }
  try {
    const job = JSON.parse(text) as Partial<Job> | null
    if (job?.format === FORMAT && Array.isArray(job.tasks) && Array.isArray(job.submissions)) return job as Job
  } catch {
    // Said below.
  }
  throw new FailedError(`'${join(folder, FILE)}' is no job of langevin-rnn`, 'format')
}

/** A line for each task; `exec` hands the scheduler's signals to the command itself, which keeps a checkpoint when it is told to stop. */
function taskScript(folder: string, { args, tasks }: JobPlan, command: readonly string[], cwd: string): string {
  const lines = tasks.map(({ name, args: own }, i) => `  ${i + 1}) set -- ${own.map(quoted).join(' ')} ;; # ${name}`)
  return `#!/bin/sh
# Computes the task of a number: sh ${quoted(places(folder).tasks)} NUMBER, or as a task of an array of Slurm.
cd ${quoted(cwd)} || exit
case \${1:-$SLURM_ARRAY_TASK_ID} in
${lines.join('\n')}
  *) echo "no task '\${1:-$SLURM_ARRAY_TASK_ID}': there are 1 to ${tasks.length}" >&2; exit 2 ;;
esac
exec ${[...command, ...args].map(quoted).join(' ')} "$@"
`
}
