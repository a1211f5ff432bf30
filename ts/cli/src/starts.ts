// Where chains start: a law named on the command line, or states from a file.
import { createHash } from 'node:crypto'
import type { Start, Tensor } from 'langevin-rnn'
import { UsageError } from './errors.js'
import { readAs, readData } from './files_in.js'

const LAW = /^(uniform|normal)\s*:\s*([^,]+),([^,]+)$/

/** The law of `uniform:LOW,HIGH`, `normal:MEAN,DEVIATION` or `data`; undefined when the text is the name of a file. */
export function startLaw(text: string): Start | undefined {
  if (text === 'data') return { kind: 'data' }
  const match = LAW.exec(text.trim())
  const [a, b] = [Number(match?.[2]), Number(match?.[3])]
  if (match && Number.isFinite(a) && Number.isFinite(b)) {
    return match[1] === 'uniform' ? { kind: 'uniform', low: a, high: b } : { kind: 'normal', mean: a, deviation: b }
  }
  if (!match && !/^(uniform|normal)\b/.test(text)) return undefined
  throw new UsageError(`--start '${text}' is no law`, {
    argument: '--start',
    value: text,
    expected: 'uniform:LOW,HIGH, normal:MEAN,DEVIATION or data, or a file',
  })
}

/** States [chain, n] of a file: those that a file of draws ends with, or points. */
export async function readStates(file: string, chains: number, n: number): Promise<Tensor> {
  const states = await readLastStates(file)
  if (states.shape[0] === chains && states.shape[1] === n) return states
  throw new UsageError(`--start '${file}' has states of shape [${states.shape.join(', ')}]`, {
    argument: '--start',
    value: `[${states.shape.join(', ')}]`,
    expected: `[${chains}, ${n}], a state for each chain`,
  })
}

async function readLastStates(file: string): Promise<Tensor> {
  const { readNpz } = await import('langevin-rnn')
  const zipped = await readAs(file, (bytes) => bytes[0] === 0x50 && readNpz(bytes).arrays.has('states'))
  return readData(file, zipped ? 'states' : undefined)
}

/** Some of the states; and of all of them a hash, which tells runs with other starts apart. */
export function someStates({ shape, data }: Tensor, first: number, count: number): { states: Tensor; sha256: string } {
  const n = shape[1]!
  const states = { shape: [count, n], data: data.slice(first * n, (first + count) * n) }
  return { states, sha256: createHash('sha256').update(data).digest('hex') }
}
