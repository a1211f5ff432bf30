// The command with the real library: in this process, with streams that are read back, or as a child process.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadLibrary } from '../src/host.js'
import { run } from '../src/program.js'
import { sink } from './fake_host.js'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const command = [process.execPath, main]

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own for a file of tests. */
export async function scratch(): Promise<{ path: (...parts: string[]) => string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-cli-'))
  return {
    path: (...parts) => join(folder, ...parts),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Runs a command in this process. */
export async function runHere(args: readonly string[], abort = new AbortController(), tty = false): Promise<Ended> {
  const [stdout, stderr] = [sink(false), sink(tty)]
  const code = await run(args, {
    version: '1.2.3',
    command,
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: abort.signal,
    library: loadLibrary,
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

/** Runs a reproduction in this process, stops it when `out` has its first checkpoint, and goes on: what both said. */
export async function interruptedHere(
  args: readonly string[],
  out: string,
): Promise<{ stopped: Ended; resumed: Ended }> {
  const all = [...args, '--checkpoint-seconds', '0', '--out', out]
  const abort = new AbortController()
  const stopping = runHere(all, abort)
  let ended = false
  void stopping.finally(() => {
    ended = true
  })
  const kept = () => readdir(join(out, 'checkpoints')).catch((): string[] => [])
  while (!ended && !(await kept()).some((name) => name.endsWith('.npz'))) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  abort.abort()
  return { stopped: await stopping, resumed: await runHere([...all, '--resume']) }
}

/** Starts the built command in a folder. */
export function start(cwd: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  return { child, ended }
}
