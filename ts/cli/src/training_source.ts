// What a network is trained on: a target by name or as JSON, or points of a data file.
import { basename } from 'node:path'
import type { Target, Tensor } from 'langevin-rnn'
import { UsageError } from './errors.js'
import { readData } from './files_in.js'
import { TARGETS } from './names.js'
import { oneOf } from './options.js'

export type Source = { readonly name: string } & (
  | { readonly target: Target; readonly data?: undefined; readonly stimuli?: undefined }
  | { readonly data: Tensor; readonly stimuli?: Tensor; readonly target?: undefined }
)

export async function readSource(options: {
  readonly target?: string
  readonly data?: string
  readonly array?: string
  readonly stimuli?: string
}): Promise<Source> {
  const { target, data, array, stimuli } = options
  if ((target === undefined) === (data === undefined)) {
    const value = target === undefined ? 'neither' : 'both'
    throw new UsageError(`${value} of --target and --data given`, {
      argument: '--target',
      value,
      expected: 'exactly one of --target NAME and --data FILE',
    })
  }
  if (data !== undefined) {
    const points = { name: basename(data), data: await readData(data, array) }
    return stimuli === undefined ? points : { ...points, stimuli: await readData(stimuli) }
  }
  if (stimuli !== undefined) {
    throw new UsageError('--stimuli go with points, but there are none', {
      argument: '--stimuli',
      value: stimuli,
      expected: '--data FILE, a point for each stimulus',
    })
  }
  if (array !== undefined) {
    throw new UsageError('--array names an array of a data file, but there is none', {
      argument: '--array',
      value: array,
      expected: '--data FILE.npz',
    })
  }
  return { name: target!.startsWith('{') ? 'mixture' : target!, target: parseTarget(target!) }
}

/** A name, or in braces a mixture as JSON. */
function parseTarget(text: string): Target {
  if (!text.startsWith('{')) return oneOf('--target', TARGETS)(text)
  try {
    return JSON.parse(text) as Target
  } catch (error) {
    throw new UsageError(`--target is no valid JSON: ${(error as Error).message}`, {
      argument: '--target',
      value: text,
      expected: 'a name, or such as {"kind": "gaussian-mixture", "weights": …, "means": …, "deviations": …}',
    })
  }
}
