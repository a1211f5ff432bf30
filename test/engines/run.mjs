// Child processes of the engine tests: what they print, within a time, and nothing left running.
import { spawn } from 'node:child_process'

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] added to this process's own
 * @property {string} [input]
 * @property {number} [seconds] after which it is ended; default 120
 */

/**
 * Runs a command to its end and gives its standard output; fails with the end of its standard error.
 * @param {string[]} command @param {Options} [options] @returns {Promise<string>}
 */
export function output([program = '', ...args], { cwd, env, input = '', seconds = 120 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env } })
    let printed = ''
    let said = ''
    const timer = setTimeout(() => {
      said += `\nended after ${seconds} s`
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve(printed)
      else reject(new Error(`${[program, ...args].join(' ').slice(0, 200)} ended with ${code}: ${said.trim()}`))
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
