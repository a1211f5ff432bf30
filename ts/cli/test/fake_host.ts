// A host whose streams are read back and whose library answers at once, or after being told to stop.
import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import type { Architecture, Tensor } from 'langevin-rnn'
import { ARCHITECTURES } from '../src/commands/reproduce.js'
import type { Host, Library } from '../src/host.js'
import { run } from '../src/program.js'
import { fakeReport } from './fake_report.js'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What the library was asked for. */
  readonly asked: { engine: unknown; options: Record<string, unknown> }[]
}

export interface FakeOptions {
  /** Thrown by the experiment instead of a report. */
  readonly failure?: Error
  readonly tty?: boolean
  /** Aborts when the experiment has begun. */
  readonly interrupt?: boolean
}

export async function runFake(args: readonly string[], fake: FakeOptions = {}): Promise<Outcome> {
  const asked: Outcome['asked'] = []
  const abort = new AbortController()
  const reproduceDoublePeak = async (_engine: unknown, options: Record<string, unknown>) => {
    asked.at(-1)!.options = options
    if (fake.failure) throw fake.failure
    const architectures = (options['architectures'] as Architecture[] | undefined) ?? [...ARCHITECTURES]
    const tell = options['onEvent'] as (event: object) => void
    for (const architecture of architectures) {
      for (const done of [0, 500, 1000]) {
        tell({
          name: architecture,
          architecture,
          stage: 'train',
          done,
          total: 1000,
          unit: 'epochs',
          rate: 1234,
          secondsLeft: 0.4,
        })
      }
    }
    if (fake.interrupt) {
      abort.abort()
      ;(options['signal'] as AbortSignal).throwIfAborted()
    }
    return fakeReport(architectures)
  }
  const createEngine = async (engine: unknown) => {
    asked.push({ engine, options: {} })
    const hash = async ({ data }: Tensor) => createHash('sha256').update(data).digest('hex')
    return { workers: 2, simd: true, streamVersion: 1, hash, [Symbol.asyncDispose]: async () => undefined }
  }
  const [stdout, stderr] = [sink(false), sink(fake.tty ?? false)]
  const host: Host = {
    version: '1.2.3',
    command: ['langevin-rnn'],
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: abort.signal,
    library: async () => ({ createEngine, experiments: { 'double-peak': reproduceDoublePeak } }) as unknown as Library,
  }
  const code = await run(args, host)
  return { code, stdout: stdout.text(), stderr: stderr.text(), asked }
}

export function sink(tty: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  let text = ''
  const stream = new PassThrough() as unknown as NodeJS.WriteStream
  Object.assign(stream, {
    isTTY: tty,
    columns: 100,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  })
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  // PassThrough hands data over later; a write must be there when the command has ended.
  stream.write = ((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    return true
  }) as typeof stream.write
  return { stream, text: () => text }
}
