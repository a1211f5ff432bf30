// `langevin-rnn slurm …`: spreads a command over a cluster: an array of tasks, a merge that waits for it, and what to do when some fail.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { collectSweep } from '../cluster/collecting.js'
import { readJob } from '../cluster/job.js'
import { jobState, outputFaults, tidy } from '../cluster/states.js'
import { submitJob } from '../cluster/submitting.js'
import { FailedError } from '../errors.js'
import { addExamples, addJson } from '../flags.js'
import type { Host } from '../host.js'
import { formatTable, printable } from '../table.js'
import { merge } from './merge.js'
import { addSlurmSample } from './slurm_sample.js'
import { addSlurmSweeps } from './slurm_sweep.js'

interface Options {
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function addSlurm(program: Command, host: Host): void {
  const group = program
    .command('slurm')
    .description('spread a command over a Slurm cluster: an array of tasks, and a merge that waits for it')
  addExamples(group, [
    [
      'slurm sample network.safetensors --chains 100000 --steps 2000 --dt 0.05 --shards 50 --out draws.npz',
      'a run in 50 parts',
    ],
    ['slurm train --target ring --over units=64,128,256 --over seed=1-5 --out widths', 'a sweep'],
    ['slurm status widths', 'how far it is'],
    ['slurm resubmit widths', 'what failed, and nothing else, again'],
  ])
  addSlurmSample(group, host)
  addSlurmSweeps(group, host)
  const folder = ['<folder>', "the job's folder"] as const
  const status = group
    .command('status')
    .description('say which tasks are done, run, wait or failed, and why')
    .argument(...folder)
  addJson(status).action((folder: string, options: Options) => tell(folder, options, host))
  addExamples(status, [['slurm status draws.npz.slurm', 'how far the tasks are; the names of those that failed']])
  const again = group
    .command('resubmit')
    .description('submit the tasks that failed, and no others, again; they go on from their checkpoints')
    .argument(...folder)
    .option('--dry-run', 'print what would be called; submit nothing')
  addJson(again).action((folder: string, options: Options) => resubmit(folder, options, host))
  addExamples(again, [['slurm resubmit draws.npz.slurm', 'after status has named tasks that failed']])
  const whole = group
    .command('merge')
    .description('put together what the tasks gave; the job that waits for them calls it')
    .argument(...folder)
  addJson(whole).action((folder: string, options: Options) => mergeJob(folder, options, host))
  addExamples(whole, [['slurm merge draws.npz.slurm', 'by hand']])
}

async function tell(folder: string, { json }: Options, host: Host): Promise<void> {
  const job = await readJob(folder)
  const state = await jobState(folder, job)
  const number = (of: string) => state.tasks.filter((task) => task.state === of).length
  const counts = Object.fromEntries(
    ['done', 'running', 'waiting', 'failed', 'not submitted'].map((of) => [of, number(of)]),
  )
  if (json) {
    host.stdout.write(`${JSON.stringify({ folder, out: job.out, counts, ...state }, null, 2)}\n`)
    return
  }
  const told = Object.entries(counts).filter(([, count]) => count > 0)
  const lines = [`${folder}: ${told.map(([of, count]) => `${count} ${of}`).join(', ')} of ${state.tasks.length} tasks`]
  const failed = state.tasks.filter((task) => task.state === 'failed')
  if (failed.length > 0) {
    const columns = ['task', 'why', 'log'].map((heading) => ({ heading: [heading], align: 'left' as const }))
    lines.push(
      '',
      formatTable(
        columns,
        failed.map(({ name, why, log }) => [name, why ?? '', log ?? '']),
      ),
      '',
    )
    lines.push('Again, these alone: langevin-rnn slurm resubmit')
  }
  lines.push(state.merged ? `Merged: ${job.out}` : state.merging ? 'The merge waits or runs.' : 'Not merged.')
  host.stdout.write(`${printable(lines.join('\n'))}\n`)
}

async function resubmit(folder: string, { dryRun, json }: Options, host: Host): Promise<void> {
  const job = await readJob(folder)
  const { tasks, merged, open, merging } = await jobState(folder, job)
  const again = tasks.filter(({ state }) => state === 'failed' || state === 'not submitted').map(({ index }) => index)
  if (again.length === 0 && (merged || merging)) {
    const why = merged ? `all tasks are done, and merged into ${job.out}` : 'no task has failed, and the merge waits'
    if (json)
      host.stdout.write(
        `${JSON.stringify({ folder, out: job.out, tasks: [], submission: null, commands: null }, null, 2)}\n`,
      )
    ;(json ? host.stderr : host.stdout).write(`Nothing to do: ${why}.\n`)
    return
  }
  if (!dryRun) for (const index of again) await tidy(folder, job, job.tasks[index - 1]!)
  await submitJob(folder, job, { tasks: again, open, dryRun, json }, host)
}

async function mergeJob(folder: string, options: Options, host: Host): Promise<void> {
  const job = await readJob(folder)
  if (job.command === 'sample') {
    const files = job.tasks.map(({ output }) => join(folder, output)).filter((file) => existsSync(file))
    if (files.length > 0) return merge(files, { ...options, out: job.out }, host)
    throw new FailedError(`none of the ${job.tasks.length} parts is there`, 'missing')
  }
  const faults = await outputFaults(folder, job)
  const bad = job.tasks.flatMap(({ name }, i) => (faults[i] === undefined ? [] : [`${name} (${faults[i]})`]))
  if (bad.length > 0) {
    throw new FailedError(`${bad.length} of ${job.tasks.length} tasks are not done: ${bad.join('; ')}`, 'missing')
  }
  return collectSweep(folder, job, options.json === true, host)
}
