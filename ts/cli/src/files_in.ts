// Files that commands read: networks, points, checkpoints. What is wrong with them names the file.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Activation, Architecture, Checkpoint, Network, Tensor } from 'langevin-rnn'
import { FailedError } from './errors.js'

export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new FailedError(`can't read '${file}': ${why}`, 'file')
  }
}

/** What `read` makes of a file; its complaint about the content becomes one about the file. */
export async function readAs<T>(file: string, read: (bytes: Uint8Array) => T): Promise<T> {
  const bytes = await readBytes(file)
  try {
    return read(bytes)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== 'format') throw error
    throw new FailedError(`'${file}': ${message}`, 'format')
  }
}

export async function readNetwork(
  file: string,
  options: { activation?: Activation; architecture?: Architecture } = {},
): Promise<Network> {
  const { networkFromSafetensors } = await import('langevin-rnn')
  return readAs(file, (bytes) => networkFromSafetensors(bytes, options))
}

/** Points [point, n] of a data file of any kind. */
export async function readData(file: string, array?: string): Promise<Tensor> {
  const { readPoints } = await import('langevin-rnn')
  return readAs(file, (bytes) => readPoints(bytes, array === undefined ? {} : { array }))
}

/** A checkpoint of one kind of run, where there is one. */
export async function readCheckpoint<Stage extends Checkpoint['stage']>(
  file: string,
  stage: Stage,
): Promise<Extract<Checkpoint, Record<'stage', Stage>> | undefined> {
  if (!existsSync(file)) return undefined
  const { checkpointFromNpz } = await import('langevin-rnn')
  return readAs(file, (bytes) => checkpointFromNpz(bytes, stage))
}
