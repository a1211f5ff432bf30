// What commands that submit have in common: the options of the command that the tasks run, taken over as they are typed, and those
// for sbatch.
import { Command, type Option } from 'commander'
import { addJson } from '../flags.js'
import type { Host } from '../host.js'
import { wholeNumber } from '../options.js'

/** What the tasks' command gets from the job itself. */
const MANAGED = new Set([
  '--out',
  '--shard',
  '--checkpoint',
  '--no-checkpoint',
  '--resume',
  '--workers',
  '--json',
  '--report',
])
const MOST_CORES = 256

export interface SubmitOptions {
  readonly partition?: string
  readonly time?: string
  readonly mem?: string
  readonly cpusPerTask: number
  readonly sbatch?: string[]
  readonly most?: number
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Adds the options of the tasks' command; the returned list has those that were typed, word by word, when the command line has been read. */
export function takeOver(command: Command, from: Command): string[] {
  const typed: string[] = []
  const take = (option: Option) => {
    command.addOption(option)
    command.on(`option:${option.name()}`, (value?: string | null) => {
      typed.push(option.long!, ...(value === undefined || value === null ? [] : [value]))
    })
  }
  for (const option of from.options) if (!MANAGED.has(option.long!)) take(option)
  return typed
}

export function addSubmitOptions(command: Command): Command {
  command
    .option('--partition <name>', "sbatch's: where to run")
    .option(
      '--time <limit>',
      "sbatch's: how long a task may run, such as 2:00:00; one that is cut off can be resubmitted and goes on",
    )
    .option('--mem <size>', "sbatch's: memory of a task, such as 4G")
    .option(
      '--cpus-per-task <number>',
      "sbatch's: cores of a task, each with a thread of its own",
      wholeNumber('--cpus-per-task', 1, MOST_CORES),
      1,
    )
    .option(
      '--sbatch <option>',
      "any other of sbatch's, such as --sbatch=--account=me; may be given several times",
      collect,
    )
    .option('--most <number>', 'tasks that may run at once', wholeNumber('--most', 1, Number.MAX_SAFE_INTEGER))
    .option('--dry-run', 'write the scripts and print what would be called; submit nothing')
  return addJson(command)
}

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text]

export function sbatchOptions({ partition, time, mem, sbatch = [], cpusPerTask, most }: SubmitOptions) {
  const given = Object.entries({ partition, time, mem }).filter(([, value]) => value !== undefined)
  return {
    sbatch: [...given.map(([name, value]) => `--${name}=${value}`), ...sbatch],
    taskSbatch: [`--cpus-per-task=${cpusPerTask}`],
    most: most ?? null,
  }
}

/** A command of its own as `add` makes it, to read its options from, or to check arguments with: it does nothing. */
export function idle(add: (program: Command, host: Host) => void, host: Host): Command {
  const program = new Command()
    .exitOverride()
    .configureOutput({ writeErr: (text) => host.stderr.write(text), writeOut: (text) => host.stderr.write(text) })
  add(program, host)
  const command = program.commands[0]!
  command.action(() => undefined)
  return command
}
