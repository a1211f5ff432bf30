// `langevin-rnn slurm sample NETWORK --shards K`: a task for each part of the chains, and a merge into the file of the whole run.
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Activation, Architecture, Provenance, SampleOptions } from 'langevin-rnn'
import { type JobPlan, refuseOtherJob } from '../cluster/job.js'
import { addSubmitOptions, idle, type SubmitOptions, sbatchOptions, takeOver } from '../cluster/options.js'
import { requireSlurm } from '../cluster/slurm.js'
import { submitNew } from '../cluster/submitting.js'
import { prepareDraws } from '../draws_out.js'
import { UsageError } from '../errors.js'
import { readNetwork } from '../files_in.js'
import { addExamples, asUsage, engineOptions } from '../flags.js'
import type { Host } from '../host.js'
import { wholeNumber } from '../options.js'
import { prepareFolder } from '../output.js'
import { planSample } from '../sample_job.js'
import { startLaw } from '../starts.js'
import { addSample } from './sample.js'

interface Options extends SubmitOptions {
  readonly shards: number
  readonly out: string
  readonly folder?: string
  readonly start?: string
  readonly seed?: number
  readonly memory?: number
  readonly activation?: Activation
  readonly architecture?: Architecture
}

export function addSlurmSample(group: Command, host: Host): void {
  const command = group
    .command('sample')
    .description('draw from a network on many machines: a task for each part of the chains')
    .argument('<network>', 'network (.safetensors)')
    .requiredOption('--out <file>', 'where the merge puts the draws: .npz, or .npy for the draws alone, of any size')
    .requiredOption('--shards <number>', 'parts, a task for each', wholeNumber('--shards', 1, 2 ** 32 - 1))
    .option(
      '--folder <folder>',
      "for the job's scripts, parts and logs, on a disk that all machines see (default: OUT.slurm)",
    )
  const typed = takeOver(command, idle(addSample, host))
  addSubmitOptions(command)
  addExamples(command, [
    [
      'slurm sample network.safetensors --chains 100000 --steps 2000 --dt 0.05 --shards 50 --partition short --time 1:00:00 --out draws.npz',
      'a run in 50 parts; draws.npz has the bytes that one machine would have written',
    ],
    [
      'slurm sample network.safetensors --chains 100 --steps 10 --dt 0.05 --shards 4 --out draws.npz --dry-run',
      'look first',
    ],
  ])
  command.action((network: string, options: Options) => sample(network, options, typed, command, host))
}

async function sample(network: string, options: Options, typed: string[], command: Command, host: Host): Promise<void> {
  const folder = resolve(options.folder ?? `${options.out}.slurm`)
  const out = resolve(options.out)
  if (!options.dryRun) await requireSlurm()
  await check(network, options, command, host)
  const start = options.start !== undefined && !startLaw(options.start) ? options.start : undefined
  const [copy, states] = [join(folder, 'network.safetensors'), join(folder, 'start')]
  const settings = start === undefined ? typed : typed.map((word, i) => (typed[i - 1] === '--start' ? states : word))
  const plan: JobPlan = {
    command: 'sample',
    args: ['sample', copy, ...settings, '--workers', String(options.cpusPerTask), '--resume'],
    tasks: Array.from({ length: options.shards }, (_, i) => {
      const [name, output] = [`${i + 1}/${options.shards}`, `parts/${i + 1}.npz`]
      return { name, args: ['--shard', name, '--out', join(folder, output)], output, over: {} }
    }),
    out,
    ...sbatchOptions(options),
  }
  await refuseOtherJob(folder, '--folder', plan)
  await prepareFolder(join(folder, 'parts'), '--folder')
  const copies = { 'network.safetensors': network, ...(start !== undefined && { start }) }
  await submitNew(folder, plan, copies, options, host)
}

/** Everything that a task or the merge would refuse, refused before anything is submitted: the run is begun here, and ended at once. */
async function check(file: string, options: Options, command: Command, host: Host): Promise<void> {
  const kind = await prepareDraws(options.out, ['.npz', '.npy'])
  const network = await readNetwork(file, options)
  let settings: SampleOptions
  try {
    ;({ settings } = await planSample({ ...options, shard: { index: 1, of: options.shards } }, command, network))
  } catch (error) {
    const { argument } = error as Partial<UsageError>
    if (argument !== '--shard') throw error
    throw new UsageError(`--shards ${options.shards} leaves parts without chains`, {
      argument: '--shards',
      value: options.shards,
      expected: 'at most as many as --chains',
    })
  }
  const { createEngine } = await host.library()
  await using engine = await createEngine({ ...engineOptions(options), workers: 1 })
  try {
    const run = engine.sample(network, settings)
    await run.stop()
    const { provenance } = await run
    if (kind === '.npz') await checkSize(settings, provenance, command, network.dimension)
  } catch (error) {
    throw asUsage(error, command)
  }
}

/** An .npz file that would be too large is an error of today, not of the merge. */
async function checkSize(
  { steps, burnIn = 0, recordEvery, rates }: SampleOptions,
  provenance: Provenance,
  command: Command,
  n: number,
): Promise<void> {
  const { DrawsWriter } = await import('langevin-rnn')
  const draws = recordEvery === undefined ? 1 : Math.floor((steps - burnIn) / recordEvery)
  const chains = Number(command.getOptionValue('chains'))
  try {
    new DrawsWriter([chains, draws, n], { provenance }, () => undefined, rates)
  } catch (error) {
    throw new UsageError((error as Error).message, {
      argument: '--out',
      value: command.getOptionValue('out'),
      expected: 'a name that ends with .npy, which has no limit',
    })
  }
}
