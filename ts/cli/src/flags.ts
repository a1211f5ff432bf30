// Options of the library as flags of the command line: one line each in a table, from which help, values and errors follow.
import { type Command, Option } from 'commander'
import { UsageError } from './errors.js'
import { byteSize, wholeNumber } from './options.js'

export const MAX_WORKERS = 256
/** How often checkpoints are kept: what is lost by a crash is bearable. */
export const KEPT_EVERY_SECONDS = 10

/** How an option of the library is given on the command line; without `parse` it is a switch. */
export interface Flag {
  readonly flags: string
  readonly help: string
  readonly parse?: (text: string) => unknown
  /** Without it there is nothing to do. */
  readonly required?: true
}

/** Flags by the names of the library's options. */
export type FlagTable<Options> = Readonly<Partial<Record<keyof Options & string, Flag>>>

/** Adds a table's flags to a command. A switch also has its `--no-` form where its default is on. */
export function addFlags<Options>(command: Command, table: FlagTable<Options>): Command {
  for (const { flags, help, parse, required } of Object.values(table) as Flag[]) {
    const option = new Option(flags, help).makeOptionMandatory(required ?? false)
    if (parse) option.argParser(parse)
    command.addOption(option)
    const on = /^--no-(\S+)$/.exec(flags)
    if (on) command.addOption(new Option(`--${on[1]}`).hideHelp().default(undefined))
  }
  return command
}

/** The options of a table that were given on the command line, as the library takes them. */
export function givenFlags<Options>(command: Command, table: FlagTable<Options>): Partial<Options> {
  const given = Object.keys(table).filter((name) => command.getOptionValueSource(name) === 'cli')
  return Object.fromEntries(given.map((name) => [name, command.getOptionValue(name)])) as Partial<Options>
}

/** An error of the library about an argument that came from the command line, as what it is: a mistake in using it. */
export function asUsage(error: unknown, command: Command): unknown {
  const { code, argument, value, expected, message } = error as Record<string, unknown>
  if (code !== 'invalid-argument' && code !== 'unsupported') return error
  const name = String(argument)
  const option = command.options.find((option) => option.attributeName() === name.split('.')[0])
  const flag = option?.long ?? name
  const text = String(message)
  const about = option && text.startsWith(name) ? flag + text.slice(name.length) : text
  return new UsageError(about, { argument: flag, value, expected: String(expected) })
}

/** What every command that computes takes. */
export interface EngineFlags {
  readonly workers?: number
  readonly memory?: number
}

export function addEngineFlags(command: Command): Command {
  return command
    .option(
      '--workers <number>',
      'threads; never changes the results (default: one a core, at most 8)',
      wholeNumber('--workers', 1, MAX_WORKERS),
    )
    .option(
      '--memory <size>',
      'bytes that the work may hold, such as 4G (default: 1G); more is an error before it starts',
      byteSize('--memory'),
    )
}

/** The options of the engine that were given. */
export function engineOptions({ workers, memory }: EngineFlags): { workers?: number; memoryBudget?: number } {
  return { ...(workers !== undefined && { workers }), ...(memory !== undefined && { memoryBudget: memory }) }
}

export function addSeed(command: Command, what = 'same seed, same bits on every machine'): Command {
  return command.option('--seed <number>', `${what} (default: 0)`, wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER))
}

export function addJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on standard output, and all else on standard error')
}

/** Examples at the end of a command's help: what is typed, and what it does. */
export function addExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  const lines = examples.map(([typed, does]) => `  # ${does}\n  $ langevin-rnn ${typed}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n\n')}\n`)
}
