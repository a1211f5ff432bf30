// What every engine and environment must do with the installed package: train, sample, abort, and give the committed bits.
// Plain JavaScript that imports no package, so that whatever loads it decides where the packages come from.
import { picturesOf } from './pictures.mjs'

/**
 * @typedef {object} Request
 * @property {typeof import('../golden/cases.mjs').cases} cases experiments to run, by name
 * @property {string} [wasm] path or address of another module than the package's own
 */

/**
 * @typedef {object} Report
 * @property {boolean} simd
 * @property {Record<'train' | 'sample' | 'abort', string>} calls 'ok', or what went wrong
 * @property {Record<string, Record<string, string>>} arrays for each case the SHA-256 of every array
 * @property {Record<string, number>} seconds for each case
 */

/** @param {() => Promise<void>} work */
async function outcome(work) {
  try {
    await work()
    return 'ok'
  } catch (error) {
    return String(error)
  }
}

/** @param {boolean} condition @param {string} what */
function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`)
}

/** @param {typeof import('langevin-rnn')} library @param {import('langevin-rnn').Engine} engine */
async function makeCalls({ AbortedError }, engine) {
  const training = { target: /** @type {const} */ ('double-peak'), units: 16, points: 5000, levels: 2, seed: 1 }
  const sampling = { chains: 40, steps: 20, dt: 0.05, seed: 2 }
  /** @type {import('langevin-rnn').Network | undefined} */
  let network
  const train = await outcome(async () => {
    network = await engine.train(training)
    check(network.tensors['W1.weight']?.data.length === 16, 'W1.weight has 16 numbers')
  })
  if (network === undefined) return { train, sample: 'no network', abort: 'no network' }
  const trained = network
  /** @type {string | undefined} */
  let hash
  const sample = await outcome(async () => {
    const run = engine.sample(trained, { ...sampling, blockSteps: 5 })
    let chainSteps = 0
    for await (const { states, steps } of run) chainSteps += steps * states.filter(Number.isFinite).length
    check(chainSteps === 40 * 20, 'blocks of finite states cover all chains and steps')
    hash = (await run).hash
  })
  const abort = await outcome(async () => {
    const controller = new AbortController()
    const run = engine.sample(trained, { ...sampling, steps: 2 ** 31, blockSteps: 5, signal: controller.signal })
    const failure = run.then(
      () => undefined,
      (error) => error,
    )
    for await (const _ of run) break
    controller.abort()
    check((await failure) instanceof AbortedError, 'an AbortedError')
    check((await engine.sample(trained, sampling)).hash === hash, 'the next run gives the bits of the first')
  })
  return { train, sample, abort }
}

/**
 * @param {typeof import('langevin-rnn')} library
 * @param {typeof import('langevin-rnn/experiments')} experiments
 * @param {Request} request
 * @param {(name: string) => Promise<Uint8Array>} read gives a file that cases on pictures need
 * @returns {Promise<Report>}
 */
export async function probe(library, { experiments }, { cases, wasm }, read) {
  const engine = await library.createEngine({ workers: 2, ...(wasm !== undefined && { wasm }) })
  try {
    const calls = await makeCalls(library, engine)
    /** @type {Report['arrays']} */
    const arrays = {}
    /** @type {Report['seconds']} */
    const seconds = {}
    for (const [name, options] of Object.entries(cases)) {
      const { experiment, ...settings } = options
      const began = performance.now()
      const pictures = await picturesOf(library, experiment, read)
      const { manifest } = await experiments[experiment](engine, { ...settings, ...(pictures && { pictures }) })
      seconds[name] = (performance.now() - began) / 1000
      arrays[name] = Object.fromEntries(Object.entries(manifest.arrays).map(([array, { sha256 }]) => [array, sha256]))
    }
    return { simd: engine.simd, calls, arrays, seconds }
  } finally {
    await engine.dispose()
  }
}
