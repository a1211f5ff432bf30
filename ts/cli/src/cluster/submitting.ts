// Hands a job's tasks and its merge to Slurm, writes down their numbers, and tells what was done.
import type { Host } from '../host.js'
import { quoted } from '../shell.js'
import { type Job, type JobPlan, numberRanges, places, type Submission, saveJob, writeJob } from './job.js'
import { arrayArgs, mergeArgs, submit } from './slurm.js'

export interface Submitting {
  readonly tasks: readonly number[]
  /** Arrays with tasks that have not ended, which the merge waits for too. */
  readonly open?: readonly string[]
  readonly dryRun?: boolean | undefined
  readonly json?: boolean | undefined
}

/** Writes a new job into its folder, and submits all of it. */
export async function submitNew(
  folder: string,
  plan: JobPlan,
  copies: Readonly<Record<string, string>>,
  { dryRun, json }: Pick<Submitting, 'dryRun' | 'json'>,
  host: Host,
): Promise<void> {
  const job = await writeJob(folder, plan, { command: host.command, cwd: process.cwd(), copies })
  await submitJob(folder, job, { tasks: job.tasks.map((_, i) => i + 1), dryRun, json }, host)
}

export async function submitJob(folder: string, job: Job, how: Submitting, host: Host): Promise<void> {
  const { tasks, open = [], dryRun } = how
  const text = how.json ? host.stderr : host.stdout
  const shown = (args: readonly string[]) => ['sbatch', ...args].map(quoted).join(' ')
  const commands = [
    ...(tasks.length > 0 ? [shown(arrayArgs(folder, job, tasks))] : []),
    shown(mergeArgs(folder, job, tasks.length > 0 ? 'ARRAY' : null, open)),
  ]
  let submission: Submission | null = null
  if (dryRun) {
    text.write(`${folder}: ${countOf(tasks)} ready, none submitted. Slurm would get\n\n  ${commands.join('\n  ')}\n\n`)
    text.write(
      `with the number that the first prints for ARRAY. A task by hand: sh ${quoted(places(folder).tasks)} NUMBER\n`,
    )
  } else {
    const array = tasks.length > 0 ? await submit(arrayArgs(folder, job, tasks)) : null
    submission = { array, tasks, merge: null }
    // What runs is written down before anything else can go wrong.
    await saveJob(folder, { ...job, submissions: [...job.submissions, submission] })
    submission = { ...submission, merge: await submit(mergeArgs(folder, job, array, open)) }
    await saveJob(folder, { ...job, submissions: [...job.submissions, submission] })
    if (array !== null)
      text.write(`${folder}: ${countOf(tasks)} submitted as array ${array} (${numberRanges(tasks)})\n`)
    text.write(`The merge into ${job.out} waits as job ${submission.merge}.\n`)
    text.write(`How far they are: langevin-rnn slurm status ${quoted(folder)}\n`)
  }
  if (how.json) {
    const names = tasks.map((index) => job.tasks[index - 1]!.name)
    const document = { folder, out: job.out, tasks: names, submission, commands: dryRun ? commands : null }
    host.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  }
}

const countOf = (tasks: readonly number[]): string => (tasks.length === 1 ? '1 task' : `${tasks.length} tasks`)
