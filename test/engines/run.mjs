// Commands of the engine tests: what they print on standard output, within a time.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] added to this process's own
 * @property {string} [input]
 * @property {number} [seconds] after which it is ended; default 120
 */

/**
 * Runs a command to its end and gives its standard output; fails with its standard error in the message.
 * @param {string[]} command @param {Options} [options] @returns {Promise<string>}
 */
export async function output([program = '', ...args], { cwd, env, input = '', seconds = 120 } = {}) {
  const running = promisify(execFile)(program, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
  })
  // A command that needs no input may have closed it already.
  running.child.stdin?.on('error', () => {}).end(input)
  try {
    return (await running).stdout
  } catch (error) {
    if (!(/** @type {{ killed?: boolean }} */ (error).killed)) throw error
    throw new Error(`${program} ${args[0] ?? ''} was ended after ${seconds} s`)
  }
}
