// Running commands: streamed and indented, the last lines kept for the message when one fails.
import { spawn, spawnSync } from 'node:child_process'
import { isWindows, root } from './paths.mjs'

/** What went wrong, what the command last said, and what to do about it. */
export class StepError extends Error {
  /** @param {string} message @param {{ advice?: string, output?: string }} [detail] */
  constructor(message, { advice, output } = {}) {
    super(message)
    this.advice = advice
    this.output = output
  }
}

const tailLines = 40

/** Hundreds of lines that say nothing, advice that does not apply (set-up finds .tools/bin), a look for newer versions. */
const noise = /^\s*(Downloaded|Adding) |be sure to add .* to your PATH|failed to get wasm-pack version/

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {number} [timeout] milliseconds; the command is ended after that
 * @property {string} [advice] what to do when it fails
 * @property {boolean} [quiet] show nothing while it runs
 * @property {string} [indent] put before each line
 * @property {(line: string) => void} [onLine] sees each line
 */

/**
 * Runs a command to its end, showing what it prints.
 * @param {string} command @param {string[]} args @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string, missing: boolean, timedOut: boolean }>}
 */
export function attempt(command, args, options = {}) {
  const { env = process.env, cwd = root, timeout, quiet = false, indent = '      ', onLine } = options
  return new Promise((resolve) => {
    /** @type {string[]} */
    const tail = []
    let missing = false
    let timedOut = false
    // npm is a .cmd file on Windows, which only a shell can start.
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: isWindows })
    const timer = timeout
      ? setTimeout(() => {
          timedOut = true
          child.kill('SIGTERM')
          setTimeout(() => child.kill('SIGKILL'), 2000).unref()
        }, timeout)
      : undefined
    /** @param {string} line */
    const take = (line) => {
      tail.push(line)
      if (tail.length > tailLines) tail.shift()
      onLine?.(line)
      if (!quiet && !noise.test(line)) process.stdout.write(`${indent}${line}\n`)
    }
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8')
      stream.on('data', (/** @type {string} */ text) => {
        const lines = (rest + text).split(/\r?\n/)
        rest = lines.pop() ?? ''
        for (const line of lines) take(line)
      })
      stream.on('end', () => rest && take(rest))
    }
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      missing = error.code === 'ENOENT'
      tail.push(error.message)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? 1, output: tail.join('\n'), missing, timedOut })
    })
  })
}

/** Runs a command that must succeed. @param {string} command @param {string[]} args @param {RunOptions} [options] */
export async function run(command, args, options = {}) {
  const result = await attempt(command, args, options)
  if (result.code === 0) return result
  const why = result.missing ? 'is not installed' : result.timedOut ? 'took too long' : `ended with code ${result.code}`
  throw new StepError(`${[command, ...args].join(' ')} ${why}`, {
    ...(options.advice === undefined ? {} : { advice: options.advice }),
    output: result.output,
  })
}

/**
 * What a command prints, or undefined when it is missing or fails.
 * @param {string} command @param {string[]} args @param {{ env?: NodeJS.ProcessEnv, input?: string }} [options]
 */
export function ask(command, args, { env = process.env, input } = {}) {
  const result = spawnSync(command, args, {
    env,
    cwd: root,
    encoding: 'utf8',
    shell: isWindows,
    ...(input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] } : { input }),
  })
  return result.status === 0 ? result.stdout.trim() : undefined
}
