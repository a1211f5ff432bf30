// Engines that a machine lacks: from npm and PyPI into .tools/engines, from Debian by apt-get. What can't be had is `Missing`.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tools } from '../../scripts/setup/paths.mjs'
import { output } from './run.mjs'

export const engineFolder = join(tools, 'engines')

/** An engine that can't be had on this machine; the message says why. */
export class Missing extends Error {}

/** @param {string} what @param {unknown} error */
const because = (what, error) =>
  new Missing(
    `${what}: ${String(error instanceof Error ? error.message : error)
      .replaceAll(/\s+/g, ' ')
      .slice(0, 300)}`,
  )

/** Makes a folder by `fill`, wholly or not at all, unless it is there. @param {string} name @param {(folder: string) => Promise<unknown>} fill */
async function folderOnce(name, fill) {
  const folder = join(engineFolder, name)
  if (existsSync(folder)) return folder
  const work = `${folder}.${process.pid}.new`
  await mkdir(work, { recursive: true })
  try {
    await fill(work)
    await rename(work, folder)
    return folder
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * An npm package that only these tests need, in a folder of its own, since npm prunes what is meant for another processor.
 * @param {string} name @param {string} version @param {string[]} [flags]
 */
export async function npmPackage(name, version, flags = []) {
  try {
    const home = await folderOnce(`${name.replaceAll(/\W+/g, '-')}-${version}`, async (cwd) => {
      await writeFile(join(cwd, 'package.json'), '{ "private": true }\n')
      const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=1', '--fetch-timeout=60000']
      await output(['npm', 'install', '--force', ...quiet, ...flags, `${name}@${version}`], { cwd, seconds: 300 })
    })
    return join(home, 'node_modules', name)
  } catch (error) {
    throw because(`npm could not install ${name}@${version}`, error)
  }
}

/** A folder for PYTHONPATH with one package from PyPI in it. @param {string} name @param {string} version */
export async function pythonPackage(name, version) {
  try {
    return await folderOnce(`${name}-${version}`, (folder) =>
      output(['python3', '-m', 'pip', 'install', '--quiet', '--target', folder, `${name}==${version}`], {
        seconds: 300,
      }),
    )
  } catch (error) {
    throw because(`pip could not install ${name} ${version}`, error)
  }
}

/**
 * A Python environment with packages from PyPI, and its interpreter.
 * @param {string} name @param {string[][]} installs what `pip install` is given, in turn
 */
export async function pythonEnvironment(name, installs) {
  try {
    const folder = await folderOnce(name, async (work) => {
      await output(['python3', '-m', 'venv', work])
      for (const what of installs)
        await output([join(work, 'bin/python'), '-m', 'pip', 'install', '--quiet', ...what], { seconds: 400 })
    })
    return join(folder, 'bin/python')
  } catch (error) {
    throw because(`pip could not install ${name}`, error)
  }
}

/** @param {string[]} command */
async function asRoot(command) {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  return output([...prefix, ...command], { env: { DEBIAN_FRONTEND: 'noninteractive' }, seconds: 600 })
}

/** Installs Debian packages unless `file` is there. @param {string} file @param {string[]} packages */
export async function debianFile(file, packages) {
  if (existsSync(file)) return file
  try {
    await asRoot(['apt-get', 'update'])
    await asRoot(['apt-get', 'install', '-y', '--no-install-recommends', ...packages])
  } catch (error) {
    throw because(`apt-get could not install ${packages.join(', ')}`, error)
  }
  if (!existsSync(file)) throw new Missing(`${packages.join(', ')} brought no ${file}`)
  return file
}

/** Debian packages of ARM64, unpacked and not installed. @param {string} name of the folder @param {string[]} packages */
export async function unpackedForArm64(name, packages) {
  try {
    return await folderOnce(name, async (folder) => {
      if (!(await output(['dpkg', '--print-foreign-architectures'])).includes('arm64')) {
        await asRoot(['dpkg', '--add-architecture', 'arm64'])
        await asRoot(['apt-get', 'update'])
      }
      await output(['apt-get', 'download', ...packages.map((one) => `${one}:arm64`)], { cwd: folder, seconds: 300 })
      for (const file of (await readdir(folder)).filter((one) => one.endsWith('.deb'))) {
        await output(['dpkg', '-x', file, '.'], { cwd: folder })
        await rm(join(folder, file))
      }
    })
  } catch (error) {
    throw because(`apt-get could not fetch ${packages.join(', ')} for ARM64`, error)
  }
}
