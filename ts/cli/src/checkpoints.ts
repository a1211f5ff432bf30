// Checkpoints of a reproduction: a file for each network that is still training, whole or not there, gone when all is done.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Architecture, type Checkpoint, checkpointFromNpz, checkpointToNpz } from 'langevin-rnn'
import { replaceFile } from './output.js'

/** Often enough that little is lost; the library sees to it that keeping them costs little time. */
export const CHECKPOINT_SECONDS = 2

export interface Checkpoints {
  keep(architecture: Architecture, checkpoint: Checkpoint): Promise<void>
  /** Those that an earlier run left; none when it left none. */
  load(architectures: readonly Architecture[]): Promise<Partial<Record<Architecture, Checkpoint>>>
  clear(): Promise<void>
}

export function checkpointsIn(folder: string): Checkpoints {
  const place = join(folder, 'checkpoints')
  const path = (architecture: Architecture) => join(place, `${architecture}.npz`)
  return {
    async keep(architecture, checkpoint) {
      await mkdir(place, { recursive: true })
      await replaceFile(path(architecture), checkpointToNpz(checkpoint))
    },

    async load(architectures) {
      const found: Partial<Record<Architecture, Checkpoint>> = {}
      for (const architecture of architectures) {
        const bytes = await readFile(path(architecture)).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined
          throw error
        })
        if (bytes) found[architecture] = checkpointFromNpz(bytes)
      }
      return found
    },

    clear: () => rm(place, { recursive: true, force: true }),
  }
}
