// `langevin-rnn slurm reproduce EXPERIMENT … --over OPTION=VALUES` and `slurm train --over …`: a task for each combination of values,
// and a merge that makes one table of what they gave.
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type JobPlan, refuseOtherJob, type Task } from '../cluster/job.js'
import { addSubmitOptions, idle, type SubmitOptions, sbatchOptions, takeOver } from '../cluster/options.js'
import { requireSlurm } from '../cluster/slurm.js'
import { submitNew } from '../cluster/submitting.js'
import { type Axis, axes, type Combination, combinations, nameOf } from '../cluster/sweep.js'
import { UsageError } from '../errors.js'
import { addExamples } from '../flags.js'
import type { Host } from '../host.js'
import { prepareFolder } from '../output.js'
import { readSource } from '../training_source.js'
import { addReproduce } from './reproduce.js'
import { addTrain } from './train.js'

interface Options extends SubmitOptions {
  readonly out: string
  readonly over?: Axis[]
  readonly stimuli?: string
}

const OVER =
  'an option that takes these values in turn: seed=1-10, units=64,128,256; given several times: every combination'
const OUT = "for the job's scripts, logs and results, on a disk that all machines see"

export function addSlurmSweeps(group: Command, host: Host): void {
  const reproduce = group
    .command('reproduce')
    .description("reproduce the paper's experiments on many machines: a task for each combination of --over")
    .argument('<experiments...>', 'one or more of those that reproduce knows')
    .requiredOption('--out <folder>', OUT)
    .option('--over <option=values>', OVER, axes)
  const reproduceTyped = takeOver(reproduce, idle(addReproduce, host))
  addExamples(addSubmitOptions(reproduce), [
    ['slurm reproduce double-peak --preset paper --over seed=1-20 --out seeds', 'twenty seeds'],
    [
      'slurm reproduce double-peak laplace-mixture --over architecture=reservoir-sampler,sampler-only-rate --out both',
      'each architecture of each experiment by itself',
    ],
  ])
  reproduce.action(async (experiments: string[], options: Options) => {
    const over = [{ name: 'experiment', values: [...new Set(experiments)] }, ...(options.over ?? [])]
    const own = ({ experiment, ...rest }: Combination) => [experiment!, ...flagsOf(rest)]
    const plain = (args: string[]) => void idle(addReproduce, host).parse([...args, '--out', '.'], { from: 'user' })
    await sweep('reproduce', { options, typed: reproduceTyped, over, own, check: plain }, host)
  })

  const train = group
    .command('train')
    .description('train networks on many machines: a task for each combination of --over')
    .requiredOption('--out <folder>', OUT)
    .option('--over <option=values>', OVER, axes)
  const trainTyped = takeOver(train, idle(idleTrain, host))
  addExamples(addSubmitOptions(train), [
    [
      'slurm train --target ring --over units=64,128,256 --over noise-min=0.05,0.1 --over seed=1-5 --out widths',
      'thirty networks',
    ],
    [
      'slurm train --data points.csv --method adam --over seed=1-8 --cpus-per-task 4 --time 4:00:00 --out seeds',
      'data of your own',
    ],
  ])
  train.action(async (options: Options) => {
    const readable = async (args: string[]) => {
      const command = idle(idleTrain, host).parse([...args, '--out', '.'], { from: 'user' })
      await readSource(command.opts())
    }
    const job = { options, typed: trainTyped, over: options.over ?? [], own: flagsOf, check: readable }
    await sweep('train', job, host)
  })
}

const idleTrain = (program: Command, host: Host) => addTrain(program, host, [])

const flagsOf = (combination: Combination): string[] =>
  Object.entries(combination).flatMap(([name, value]) => [`--${name}`, value])

interface Sweep {
  readonly options: Options
  /** The options of all tasks, word by word. */
  readonly typed: readonly string[]
  readonly over: readonly Axis[]
  /** What a combination adds to them. */
  readonly own: (combination: Combination) => string[]
  /** Refuses arguments that the command would refuse. */
  readonly check: (args: string[]) => void | Promise<void>
}

async function sweep(
  command: 'reproduce' | 'train',
  { options, typed, over, own, check }: Sweep,
  host: Host,
): Promise<void> {
  const twice = over.find(({ name }) => typed.includes(`--${name}`))
  if (twice) {
    throw new UsageError(`--${twice.name} is swept and given`, {
      argument: `--${twice.name}`,
      value: typed[typed.indexOf(`--${twice.name}`) + 1],
      expected: `either --${twice.name} or --over ${twice.name}=…`,
    })
  }
  const folder = resolve(options.out)
  if (!options.dryRun) await requireSlurm()
  const all = combinations(over)
  for (const combination of all) await check([...typed, ...own(combination)])
  const tasks = all.map((combination) => {
    const name = nameOf(combination) || command
    const place = join(folder, name)
    // A network with stimuli has no one law that a report could compare with the data.
    const stimulated = typed.includes('--stimuli') || 'stimuli' in combination
    const out = command === 'reproduce' ? [] : ['network.safetensors']
    const report = command === 'reproduce' || stimulated ? [] : ['--report', place]
    return {
      name,
      args: [...own(combination), '--out', join(place, ...out), ...report],
      output: name,
      over: combination,
    }
  })
  refuseTwins(tasks)
  const plan: JobPlan = {
    command,
    args: [command, ...typed, '--workers', String(options.cpusPerTask), '--resume'],
    tasks,
    out: join(folder, 'results.csv'),
    ...sbatchOptions(options),
  }
  await refuseOtherJob(folder, '--out', plan)
  await prepareFolder(folder)
  await submitNew(folder, plan, {}, options, host)
}

/** Values that differ in characters which no folder may have would share one. */
function refuseTwins(tasks: readonly Task[]): void {
  const names = tasks.map(({ name }) => name)
  const twin = names.find((name, i) => names.indexOf(name) < i)
  if (twin === undefined) return
  throw new UsageError(`two combinations of --over would both have the folder '${twin}'`, {
    argument: '--over',
    value: twin,
    expected: 'values that differ in letters, digits or one of . + - _',
  })
}
