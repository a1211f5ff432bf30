// What a command may touch of the world around it, so that tests can stand in for it.
import type { createEngine } from 'langevin-rnn'
import type { experiments } from 'langevin-rnn/experiments'

export interface Library {
  readonly createEngine: typeof createEngine
  readonly experiments: typeof experiments
}

export interface Host {
  readonly version: string
  /** The words that call this very command from anywhere. */
  readonly command: readonly string[]
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Ends the command; nothing half-written stays behind. */
  readonly signal: AbortSignal
  /** Loaded only when there is work: `--help` and mistakes are answered at once. */
  readonly library: () => Promise<Library>
}

export async function loadLibrary(): Promise<Library> {
  const [{ createEngine }, { experiments }] = await Promise.all([
    import('langevin-rnn'),
    import('langevin-rnn/experiments'),
  ])
  return { createEngine, experiments }
}
