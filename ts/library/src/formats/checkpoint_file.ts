// A checkpoint as .npz: every array float32, and the counters with the configuration as JSON; of training also the losses,
// float64, and the networks of ended noise levels as safetensors. Its bytes are a function of the checkpoint's value alone.

import type { ChainProgress, Checkpoint, LevelSnapshot, SampleCheckpoint, TrainCheckpoint } from '../types.js'
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

/**
 * The bytes of a checkpoint file. Write them to another name and rename, so that a crash never leaves half a file.
 *
 * @throws {@link FormatError} beyond 4 GiB
 */
export function checkpointToNpz(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { arrays, ...rest } = checkpoint
  const { counters, entries } = rest.stage === 'train' ? trainingEntries(rest) : { counters: rest, entries: {} }
  return writeZip({
    'checkpoint.json': new TextEncoder().encode(canonicalJson(counters)),
    ...entries,
    ...Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [`${ARRAYS}${name}.npy`, writeNpy({ shape: [data.length], data })]),
    ),
  })
}

function trainingEntries({ losses, levels, ...rest }: Omit<TrainCheckpoint, 'arrays'>) {
  return {
    counters: { ...rest, noise: levels.map((level) => level.noise) },
    entries: {
      'losses.npy': writeNpy({ shape: [losses.length], data: losses }),
      ...Object.fromEntries(levels.map((level, k) => [levelFile(k), networkToSafetensors(level.network)])),
    },
  }
}

/**
 * Reads a checkpoint file.
 *
 * @param stage - the kind that is wanted, `'train'` or `'sample'`; default either
 * @throws {@link FormatError} for anything that isn't one
 */
export function checkpointFromNpz<Stage extends Checkpoint['stage']>(
  bytes: Uint8Array,
  stage?: Stage,
): Extract<Checkpoint, Record<'stage', Stage>> {
  const found = anyCheckpoint(bytes)
  if (stage !== undefined && found.stage !== stage) {
    throw formatError(`checkpoint: its stage is '${found.stage}'`, {
      argument: 'stage',
      value: found.stage,
      expected: `'${stage}'`,
    })
  }
  return found as Extract<Checkpoint, Record<'stage', Stage>>
}

function anyCheckpoint(bytes: Uint8Array): Checkpoint {
  const file = readNpz(bytes, { maxEntries: MAX_ENTRIES })
  const text = file.others.get('checkpoint.json')
  if (text === undefined)
    throw formatError('checkpoint: there is no checkpoint.json', { expected: 'a checkpoint file' })
  const counters = parseJson(text, 'checkpoint.json')
  if (!isPlainObject(counters) || counters['format'] !== FORMAT || !isPlainObject(counters['configuration'])) {
    throw formatError('checkpoint: checkpoint.json is of another kind', { argument: 'format', expected: FORMAT })
  }
  const { stage, configuration } = counters
  const streamVersion = whole(counters, 'streamVersion')
  if (stage === 'train') return { format: FORMAT, stage, streamVersion, configuration, ...training(counters, file) }
  if (stage === 'sample') return { format: FORMAT, stage, streamVersion, configuration, ...sampling(counters, file) }
  throw formatError(`checkpoint: stage is ${String(stage)}`, { argument: 'stage', expected: "'train' or 'sample'" })
}

type File = ReturnType<typeof readNpz>
type Counters = Record<string, unknown>

function whole(counters: Counters, name: string): number {
  const value = counters[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw formatError(`checkpoint: ${name} is ${String(value)}`, {
    argument: name,
    value: String(value),
    expected: 'a whole number',
  })
}

function arraysOf({ arrays }: File): Record<string, Float32Array> {
  const found: Record<string, Float32Array> = {}
  for (const [name, { data, dtype }] of arrays) {
    if (!name.startsWith(ARRAYS)) continue
    if (!(data instanceof Float32Array)) {
      throw formatError(`checkpoint: ${name} has dtype ${dtype}`, { argument: name, value: dtype, expected: 'float32' })
    }
    found[name.slice(ARRAYS.length)] = data
  }
  return found
}

function training(
  counters: Counters,
  file: File,
): Omit<TrainCheckpoint, 'format' | 'stage' | 'streamVersion' | 'configuration'> {
  const losses = file.arrays.get('losses')?.data
  if (!(losses instanceof Float64Array)) {
    throw formatError('checkpoint: there are no losses', { argument: 'losses', expected: 'float64' })
  }
  const noise = counters['noise']
  if (!Array.isArray(noise) || noise.some((value) => typeof value !== 'number')) {
    throw formatError('checkpoint: noise is not a list of numbers', { argument: 'noise', expected: 'a number a level' })
  }
  return {
    epoch: whole(counters, 'epoch'),
    steps: whole(counters, 'steps'),
    adamSteps: whole(counters, 'adamSteps'),
    arrays: arraysOf(file),
    losses,
    levels: noise.map((value, k): LevelSnapshot => {
      const network = file.others.get(levelFile(k))
      if (network === undefined) {
        throw formatError(`checkpoint: there is no ${levelFile(k)}`, { expected: 'a network for each noise level' })
      }
      return { noise: value, network: networkFromSafetensors(network) }
    }),
  }
}

function sampling(
  counters: Counters,
  file: File,
): Omit<SampleCheckpoint, 'format' | 'stage' | 'streamVersion' | 'configuration'> {
  const { network, blocks } = counters
  const { draws, rates, states, carry } = arraysOf(file)
  if (typeof network !== 'string' || !Array.isArray(blocks) || !blocks.every(isPlainObject)) {
    throw formatError('checkpoint: checkpoint.json has no network or no blocks', { expected: 'a hash and a list' })
  }
  if (draws === undefined || states === undefined || carry === undefined) {
    throw formatError('checkpoint: an array is missing', { expected: 'draws, states and carry' })
  }
  const block = (of: Counters): ChainProgress => ({
    firstChain: whole(of, 'firstChain'),
    chains: whole(of, 'chains'),
    steps: whole(of, 'steps'),
    draws: whole(of, 'draws'),
  })
  return { network, blocks: blocks.map(block), arrays: { draws, ...(rates && { rates }), states, carry } }
}
