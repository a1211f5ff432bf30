// A piece of a sampling run, on whatever engine runs this: from its start or a checkpoint to its end or an interruption. As a program,
// `piece.mjs FILE` does what the JSON file asks and writes the answer beside it, under the name with `.answer`.
import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import {
  checkpointFromNpz,
  checkpointToNpz,
  createEngine,
  networkFromSafetensors,
  readNpy,
  writeNpy,
} from 'langevin-rnn'

/**
 * @typedef {object} Request
 * @property {string} network the file's bytes, in base64 as all bytes here
 * @property {import('langevin-rnn').SampleOptions} settings
 * @property {number} workers
 * @property {string | null} checkpoint to go on from
 * @property {number | null} stopAfter blocks after which the run is interrupted; null for never
 */

/**
 * @typedef {object} Answer
 * @property {string | null} checkpoint of a run that was interrupted; null when it came to its end
 * @property {string | null} draws as .npy, and the chains' last states
 * @property {string | null} states
 * @property {string} hash
 */

const text = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('base64')
const bytes = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, 'base64'))

/** @param {import('langevin-rnn').Engine} engine @param {Request} request @returns {Promise<Answer>} */
export async function compute(engine, { network, settings, checkpoint, stopAfter }) {
  /** @type {import('langevin-rnn').SampleCheckpoint | undefined} */
  let kept
  const run = engine.sample(networkFromSafetensors(bytes(network)), {
    ...settings,
    ...(checkpoint !== null && { resume: checkpointFromNpz(bytes(checkpoint), 'sample') }),
    checkpointSeconds: 3600,
    onCheckpoint: (/** @type {import('langevin-rnn').SampleCheckpoint} */ newest) => {
      kept = newest
    },
  })
  let seen = 0
  for await (const _ of run) {
    seen += 1
    if (seen === stopAfter) void run.stop()
  }
  const { complete, data, shape, states, hash } = await run
  if (!complete) {
    if (kept === undefined) throw new Error('an interrupted run kept no checkpoint')
    return { checkpoint: text(checkpointToNpz(kept)), draws: null, states: null, hash }
  }
  const [chains, , n] = shape
  const [draws, last] = [writeNpy({ shape, data }), writeNpy({ shape: [chains, n], data: states })]
  return { checkpoint: null, draws: text(draws), states: text(last), hash }
}

/** Numbers of an answer. @param {string | null} npy */
export function numbersOf(npy) {
  if (npy === null) throw new Error('the piece did not come to its end')
  return /** @type {Float32Array} */ (readNpy(bytes(npy)).data)
}

const [, program, file] = process.argv
if (file !== undefined && program !== undefined && import.meta.url === pathToFileURL(program).href) {
  const request = JSON.parse(await readFile(file, 'utf8'))
  const engine = await createEngine({ workers: request.workers })
  await writeFile(`${file}.answer`, JSON.stringify(await compute(engine, request)))
  await engine.dispose()
}
