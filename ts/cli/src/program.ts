// The command line as a function: arguments in, exit code out.
import { type Command, CommanderError } from 'commander'
import { addCompletion } from './commands/completion.js'
import { addDiagnose } from './commands/diagnose.js'
import { addInspect } from './commands/inspect.js'
import { addMerge } from './commands/merge.js'
import { addReproduce } from './commands/reproduce.js'
import { addSample } from './commands/sample.js'
import { addSlurm } from './commands/slurm.js'
import { addTrain } from './commands/train.js'
import { addVerify } from './commands/verify.js'
import { describeError, EXIT, Interrupted, ReportedFailure, UsageError } from './errors.js'
import { ForgivingCommand } from './forgiving_command.js'
import type { Host } from './host.js'
import { printable } from './table.js'

/** Runs one command; everything that it says goes to the host's streams. */
export async function run(args: readonly string[], host: Host): Promise<number> {
  const json = args.includes('--json')
  try {
    await createProgram(host, args).parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return report(error, json, host)
  }
}

function createProgram(host: Host, args: readonly string[]): Command {
  const json = args.includes('--json')
  const program = new ForgivingCommand('langevin-rnn', args)
    .description('Recurrent neural networks that sample: train them, draw from them, reproduce the paper about them.')
    .version(host.version)
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .configureOutput({
      // Help that was asked for is the output; in the place of a JSON document it would only be in the way.
      writeOut: (text) => (json ? host.stderr : host.stdout).write(text),
      writeErr: (text) => host.stderr.write(text),
      getOutHelpWidth: () => (json ? host.stderr : host.stdout).columns ?? 100,
      getErrHelpWidth: () => host.stderr.columns ?? 100,
    })
  addTrain(program, host, args)
  addSample(program, host)
  addMerge(program, host)
  addDiagnose(program, host)
  addInspect(program, host)
  addReproduce(program, host)
  addVerify(program, host)
  addSlurm(program, host)
  addCompletion(program, host)
  return program
}

/** The exit code of an error, after telling people on standard error, and programs on standard output with --json. */
function report(error: unknown, json: boolean, host: Host): number {
  if (host.signal.aborted) {
    host.stderr.write(`${error instanceof Interrupted ? error.message : 'Stopped; no results were written.'}\n`)
    return EXIT.interrupted
  }
  if (error instanceof ReportedFailure) return EXIT.failed
  if (error instanceof CommanderError) {
    // Commander has written its message. Help that was asked for is no error; help for want of a command is.
    if (error.exitCode === 0) return EXIT.ok
    const message = error.message.replace(/^error: /, '').replace('(outputHelp)', 'a command is missing')
    if (json) host.stdout.write(`${JSON.stringify({ error: { code: 'usage', message } }, null, 2)}\n`)
    return EXIT.usage
  }
  const description = describeError(error)
  const usage = error instanceof UsageError
  host.stderr.write(`error: ${printable(description.message)}\n`)
  if (description.expected !== undefined) host.stderr.write(`valid: ${description.expected}\n`)
  if (!usage && description.code === 'failed' && error instanceof Error && error.stack) {
    // Nothing that a user did is expected to end here, so say where it happened.
    host.stderr.write(`${error.stack}\n`)
  }
  if (json) host.stdout.write(`${JSON.stringify({ error: description }, null, 2)}\n`)
  return usage ? EXIT.usage : EXIT.failed
}
