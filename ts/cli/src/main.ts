#!/usr/bin/env node
// The command `langevin-rnn`: wires the program to the process.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EXIT } from './errors.js'
import { loadLibrary } from './host.js'
import { run } from './program.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const abort = new AbortController()
let interruption: number | undefined
for (const [signal, code] of [
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', EXIT.terminated],
] as const) {
  process.on(signal, () => {
    // The first asks the work to end; a second one doesn't wait for it.
    if (interruption !== undefined) process.exit(code)
    interruption = code
    abort.abort()
  })
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(interruption ?? EXIT.ok)
  throw error
})

const code = await run(process.argv.slice(2), {
  version,
  command: [process.execPath, fileURLToPath(import.meta.url)],
  stdout: process.stdout,
  stderr: process.stderr,
  signal: abort.signal,
  library: loadLibrary,
})
process.exitCode = interruption ?? code
