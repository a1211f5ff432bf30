// What a command may touch of the world around it, so that tests can stand in for it.
import type { createEngine } from 'langevin-rnn'
import type { reproduceDoublePeak } from 'langevin-rnn/experiments'

export interface Library {
  readonly createEngine: typeof createEngine
  readonly reproduceDoublePeak: typeof reproduceDoublePeak
}

export interface Host {
  readonly version: string
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Ends the command; nothing half-written stays behind. */
  readonly signal: AbortSignal
  /** Loaded only when there is work: `--help` and mistakes are answered at once. */
  readonly library: () => Promise<Library>
}

export async function loadLibrary(): Promise<Library> {
  const [{ createEngine }, { reproduceDoublePeak }] = await Promise.all([
    import('langevin-rnn'),
    import('langevin-rnn/experiments'),
  ])
  return { createEngine, reproduceDoublePeak }
}
