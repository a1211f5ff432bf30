// Step headings with elapsed time, and one lock a checkout, so that two set-ups never build over each other.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tools } from './paths.mjs'
import { StepError } from './run.mjs'

/** @param {number} since */
export const elapsed = (since) => {
  const seconds = (performance.now() - since) / 1000
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`
}

/**
 * Runs the steps in order. A step returns what it did in a few words: '[3/7] wasm target … there (0.1 s)'.
 * @param {{ title: string, work: () => Promise<string> | string }[]} steps
 */
export async function runSteps(steps) {
  for (const [index, { title, work }] of steps.entries()) {
    const start = performance.now()
    const heading = `[${index + 1}/${steps.length}] ${title}`
    console.log(`${heading} …`)
    try {
      console.log(`      ${await work()} (${elapsed(start)})`)
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      console.error(`\n${heading} failed after ${elapsed(start)}: ${error.message}`)
      if (error.output) console.error(`\nIts last lines:\n${error.output.replace(/^/gm, '    ')}`)
      if (error.advice) console.error(`\nWhat to do: ${error.advice}`)
      console.error()
      return false
    }
  }
  return true
}

const lockFile = join(tools, 'setup.lock')

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** Runs `work` while no other set-up of this checkout does. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
export async function exclusively(work) {
  mkdirSync(tools, { recursive: true })
  for (let told = false; ; ) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    let owner = Number.NaN
    try {
      owner = Number.parseInt(readFileSync(lockFile, 'utf8'), 10)
    } catch {
      continue // just released
    }
    if (owner > 0 && !alive(owner)) {
      rmSync(lockFile, { force: true })
      continue
    }
    if (!told) console.log(`Waiting for another set-up of this checkout (process ${owner}) …`)
    told = true
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  const release = () => rmSync(lockFile, { force: true })
  const stop = () => {
    release()
    process.exit(130)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await work()
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    release()
  }
}
