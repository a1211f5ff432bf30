// Files that are whole or not there: each is written under another name first, and moved when all are.
import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { UsageError } from './errors.js'

export type Files = ReadonlyMap<string, string | Uint8Array>

/** Makes the folder of a file that will be written, or says at once why that can't be. */
export async function prepareFile(argument: string, file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined)
  if (there?.isDirectory()) {
    throw new UsageError(`${argument} '${file}' is a folder`, {
      argument,
      value: file,
      expected: 'the name of a file',
    })
  }
  await mkdir(dirname(file), { recursive: true })
}

/** Where a file is written until it is whole. */
export const unfinished = (file: string): string => `${file}.unfinished-${process.pid}`

/** Writes a file that is whole or not there: under another name first, then moved. */
export async function replaceFile(file: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
  try {
    await writeFile(unfinished(file), content)
    await rename(unfinished(file), file)
  } catch (error) {
    await rm(unfinished(file), { force: true })
    throw error
  }
}

/** Makes the folder, or says at once why that can't be: before hours of work, not after. */
export async function prepareFolder(folder: string, argument = '--out'): Promise<void> {
  const there = await stat(folder).catch(() => undefined)
  if (there && !there.isDirectory()) {
    throw new UsageError(`${argument} '${folder}' is a file, not a folder`, {
      argument,
      value: folder,
      expected: 'a folder, or a name that is free',
    })
  }
  await mkdir(folder, { recursive: true })
}

/**
 * Writes all files, by paths relative to the folder. Those of an earlier run that this one doesn't write again are
 * removed, so that the folder never holds figures of two runs; files that no run wrote are left alone.
 */
export async function publish(folder: string, files: Files, earlier: readonly string[]): Promise<void> {
  const staging = join(folder, `.unfinished-${process.pid}`)
  try {
    for (const [path, content] of files) {
      const target = join(staging, path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, content)
    }
    for (const path of earlier) {
      if (files.has(path)) continue
      await rm(join(folder, path), { force: true })
      // Its folder goes, too, unless something else is in it.
      if (dirname(path) !== '.') await rmdir(dirname(join(folder, path))).catch(() => undefined)
    }
    for (const path of files.keys()) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await rename(join(staging, path), join(folder, path))
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** Where a run lists its files, and the format that says that it is such a list. */
export interface FileIndex {
  readonly file: string
  readonly format: string
}
const RESULTS: FileIndex = { file: 'results.json', format: 'langevin-rnn results' }

/** The files that an earlier run says it wrote into the folder; none when there was no run or its list is no good. */
export async function filesOfEarlierRun(folder: string, index = RESULTS): Promise<string[]> {
  try {
    const results: unknown = JSON.parse(await readFile(join(folder, index.file), 'utf8'))
    const { format, files } = results as { format?: unknown; files?: unknown }
    if (format !== index.format || !Array.isArray(files)) return []
    return files.filter((path): path is string => typeof path === 'string' && isInside(path))
  } catch {
    return []
  }
}

function isInside(path: string): boolean {
  const normal = normalize(path)
  return normal !== '.' && normal !== '' && !isAbsolute(normal) && normal.split(sep)[0] !== '..'
}
