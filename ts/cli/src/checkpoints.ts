// Checkpoints in files: whole or not there, gone when all is done. A reproduction has one for each network still training.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Checkpoint, checkpointToNpz, type TrainCheckpoint } from 'langevin-rnn'
import { readCheckpoint } from './files_in.js'
import type { Host } from './host.js'
import { replaceFile } from './output.js'

/** Writes a checkpoint under another name and renames it, so that a crash never leaves half a file. */
export async function keepCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceFile(path, checkpointToNpz(checkpoint))
}

/** The checkpoint that a command goes on from; says on the host's error stream which, or that there is none. */
export async function resumeFrom<Stage extends Checkpoint['stage']>(
  file: string | undefined,
  stage: Stage,
  host: Host,
  done: (found: Extract<Checkpoint, Record<'stage', Stage>>) => string,
): Promise<Extract<Checkpoint, Record<'stage', Stage>> | undefined> {
  const found = file === undefined ? undefined : await readCheckpoint(file, stage)
  host.stderr.write(found ? `Going on after ${done(found)}.\n` : 'No checkpoint there: starting anew.\n')
  return found
}

export interface Checkpoints {
  keep(name: string, checkpoint: TrainCheckpoint): Promise<void>
  /** Those that an earlier run left, by the names of their networks; none when it left none. */
  load(): Promise<Record<string, TrainCheckpoint>>
  clear(): Promise<void>
}

export function checkpointsIn(folder: string): Checkpoints {
  const place = join(folder, 'checkpoints')
  return {
    keep: (name, checkpoint) => keepCheckpoint(join(place, `${name}.npz`), checkpoint),

    async load() {
      const files = await readdir(place).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      const found: Record<string, TrainCheckpoint> = {}
      for (const file of files.filter((name) => name.endsWith('.npz')).sort()) {
        const checkpoint = await readCheckpoint(join(place, file), 'train')
        if (checkpoint) found[basename(file, '.npz')] = checkpoint
      }
      return found
    },

    clear: () => rm(place, { recursive: true, force: true }),
  }
}
