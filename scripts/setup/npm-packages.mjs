// npm packages: `npm ci`, unless node_modules already is what package-lock.json says.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { attempt, StepError } from './run.mjs'

/** @typedef {{ version?: string, resolved?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} Entry */

/** Compares the lockfile with the one that npm keeps of what it installed; platform-dependent packages may be missing. */
export function packagesAreInstalled(folder = root) {
  try {
    /** @type {(path: string) => Record<string, Entry>} */
    const packagesOf = (path) => JSON.parse(readFileSync(join(folder, path), 'utf8')).packages
    const installed = packagesOf('node_modules/.package-lock.json')
    return Object.entries(packagesOf('package-lock.json')).every(([path, entry]) => {
      if (!path.includes('node_modules/')) return true // the workspaces themselves
      const have = installed[path]
      if (have === undefined) return entry.optional === true || entry.devOptional === true
      return have.version === entry.version && have.link === entry.link && existsSync(join(folder, path))
    })
  } catch {
    return false
  }
}

export async function installPackages() {
  if (packagesAreInstalled()) return 'as in package-lock.json'
  // npm's reason comes first, and its whole usage after it.
  /** @type {string[]} */
  const said = []
  const { code } = await attempt('npm', ['ci', '--no-audit', '--no-fund'], {
    quiet: true,
    onLine: (line) => said.push(line),
  })
  if (code === 0) return 'installed'
  const outOfStep = said.some((line) => line.includes('in sync'))
  throw new StepError(`npm ci ended with code ${code}`, {
    output: said.slice(0, 20).join('\n'),
    advice: outOfStep
      ? 'run `npm install` and commit package-lock.json with the package.json that it belongs to.'
      : 'look whether the npm registry can be reached (`npm ping`), then call this again.',
  })
}
