// The TypeScript packages, in the order in which they need each other, each by its own `npm run build`.
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isWindows, root } from './paths.mjs'
import { run } from './run.mjs'
import { hashInputs, isCurrent, stamp } from './stamps.mjs'
import { moduleFolder } from './wasm-module.mjs'

export const packages = ['ts/library', 'ts/cli', 'demo']

/** @param {string} folder @returns {{ name?: string, scripts?: Record<string, string>, bin?: Record<string, string> } | undefined} */
export function manifestOf(folder) {
  const path = join(root, folder, 'package.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

/** `npm ci` links a command only if its file is there already, which in a fresh clone it is not. @param {Record<string, string>} bin @param {string} folder */
function linkCommands(bin, folder) {
  if (isWindows) return
  const commands = join(root, 'node_modules/.bin')
  for (const [name, file] of Object.entries(bin)) {
    const path = join(root, folder, file)
    if (!existsSync(path)) continue
    chmodSync(path, 0o755)
    mkdirSync(commands, { recursive: true })
    const link = join(commands, name)
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(relative(commands, path), link)
  }
}

export async function buildPackages() {
  /** @type {string[]} */
  const built = []
  const inputs = [
    'package-lock.json',
    'tsconfig.base.json',
    'test/digits/classifier.safetensors',
    relative(root, moduleFolder('simd128')),
  ]
  for (const folder of packages) {
    const manifest = manifestOf(folder)
    inputs.push(folder)
    if (!manifest?.scripts?.build) continue
    const name = folder.replace('/', '-')
    const hash = hashInputs(inputs.map((path) => join(root, path)))
    const output = join(root, folder, 'dist')
    if (!isCurrent(name, hash, output)) {
      await run('npm', ['run', 'build', '--silent'], {
        cwd: join(root, folder),
        advice: `mend what the messages above say in ${folder}, then call this again.`,
      })
      stamp(name, hash, output)
      built.push(folder)
    }
    if (manifest.bin) linkCommands(manifest.bin, folder)
  }
  return built.length === 0 ? 'up to date' : `built ${built.join(', ')}`
}
