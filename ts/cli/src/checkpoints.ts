// Checkpoints in files: whole or not there, gone when all is done. A reproduction has one for each network still training.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type Architecture,
  type Checkpoint,
  checkpointFromNpz,
  checkpointToNpz,
  type TrainCheckpoint,
} from 'langevin-rnn'
import { replaceFile } from './output.js'

/** Often enough that little is lost; the library sees to it that keeping them costs little time. */
export const CHECKPOINT_SECONDS = 2

/** Writes a checkpoint under another name and renames it, so that a crash never leaves half a file. */
export async function keepCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceFile(path, checkpointToNpz(checkpoint))
}

/** Reads a checkpoint of one kind; undefined when there is no such file. */
export async function loadCheckpoint<Stage extends Checkpoint['stage']>(
  path: string,
  stage: Stage,
): Promise<Extract<Checkpoint, Record<'stage', Stage>> | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return bytes && checkpointFromNpz(bytes, stage)
}

export interface Checkpoints {
  keep(architecture: Architecture, checkpoint: TrainCheckpoint): Promise<void>
  /** Those that an earlier run left; none when it left none. */
  load(architectures: readonly Architecture[]): Promise<Partial<Record<Architecture, TrainCheckpoint>>>
  clear(): Promise<void>
}

export function checkpointsIn(folder: string): Checkpoints {
  const place = join(folder, 'checkpoints')
  const path = (architecture: Architecture) => join(place, `${architecture}.npz`)
  return {
    keep: (architecture, checkpoint) => keepCheckpoint(path(architecture), checkpoint),

    async load(architectures) {
      const found: Partial<Record<Architecture, TrainCheckpoint>> = {}
      for (const architecture of architectures) {
        const checkpoint = await loadCheckpoint(path(architecture), 'train')
        if (checkpoint) found[architecture] = checkpoint
      }
      return found
    },

    clear: () => rm(place, { recursive: true, force: true }),
  }
}
