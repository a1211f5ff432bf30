// A checkpoint as .npz: every array float32, the losses float64, the networks of ended noise levels as safetensors, and the
// counters with the configuration as JSON. Its bytes are a function of the checkpoint's value alone.

import type { Checkpoint, LevelSnapshot } from '../types.js'
import { readNpz } from './draws_file.js'
import { formatError } from './fail.js'
import { canonicalJson, isPlainObject, parseJson } from './json.js'
import { networkFromSafetensors, networkToSafetensors } from './network_file.js'
import { writeNpy } from './npy.js'
import { writeZip } from './zip_writer.js'

const FORMAT = 'langevin-rnn checkpoint'
const ARRAYS = 'arrays/'
/** A network for each of up to 10,000 noise levels, and what goes beside them. */
const MAX_ENTRIES = 10_100
const levelFile = (k: number) => `levels/${k}.safetensors`

/** The bytes of a checkpoint file. Write them to another name and rename, so that a crash never leaves half a file. */
export function checkpointToNpz(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { arrays, losses, levels, ...rest } = checkpoint
  const counters = { ...rest, noise: levels.map((level) => level.noise) }
  return writeZip({
    'checkpoint.json': new TextEncoder().encode(canonicalJson(counters)),
    'losses.npy': writeNpy({ shape: [losses.length], data: losses }),
    ...Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [`${ARRAYS}${name}.npy`, writeNpy({ shape: [data.length], data })]),
    ),
    ...Object.fromEntries(levels.map((level, k) => [levelFile(k), networkToSafetensors(level.network)])),
  })
}

/**
 * Reads a checkpoint file.
 *
 * @throws {@link FormatError} for anything that isn't one
 */
export function checkpointFromNpz(bytes: Uint8Array): Checkpoint {
  const { arrays: found, others } = readNpz(bytes, { maxEntries: MAX_ENTRIES })
  const text = others.get('checkpoint.json')
  if (text === undefined)
    throw formatError('checkpoint: there is no checkpoint.json', { expected: 'a checkpoint file' })
  const counters = parseJson(text, 'checkpoint.json')
  if (!isPlainObject(counters) || counters['format'] !== FORMAT || !isPlainObject(counters['configuration'])) {
    throw formatError('checkpoint: checkpoint.json is of another kind', { argument: 'format', expected: FORMAT })
  }
  const whole = (name: string): number => {
    const value = counters[name]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw formatError(`checkpoint: ${name} is ${String(value)}`, {
      argument: name,
      value: String(value),
      expected: 'a whole number',
    })
  }
  const losses = found.get('losses')?.data
  if (!(losses instanceof Float64Array)) {
    throw formatError('checkpoint: there are no losses', { argument: 'losses', expected: 'float64' })
  }
  const arrays: Record<string, Float32Array> = {}
  for (const [name, { data, dtype }] of found) {
    if (!name.startsWith(ARRAYS)) continue
    if (!(data instanceof Float32Array)) {
      throw formatError(`checkpoint: ${name} has dtype ${dtype}`, { argument: name, value: dtype, expected: 'float32' })
    }
    arrays[name.slice(ARRAYS.length)] = data
  }
  const noise = counters['noise']
  if (!Array.isArray(noise) || noise.some((value) => typeof value !== 'number')) {
    throw formatError('checkpoint: noise is not a list of numbers', { argument: 'noise', expected: 'a number a level' })
  }
  return {
    format: FORMAT,
    streamVersion: whole('streamVersion'),
    configuration: counters['configuration'],
    epoch: whole('epoch'),
    steps: whole('steps'),
    adamSteps: whole('adamSteps'),
    arrays,
    losses,
    levels: noise.map((value, k): LevelSnapshot => {
      const file = others.get(levelFile(k))
      if (file === undefined) {
        throw formatError(`checkpoint: there is no ${levelFile(k)}`, { expected: 'a network for each noise level' })
      }
      return { noise: value, network: networkFromSafetensors(file) }
    }),
  }
}
