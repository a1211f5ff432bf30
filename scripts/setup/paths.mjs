// Where things live in this checkout. Set-up writes below these folders only; package managers keep their own caches.
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const tools = join(root, '.tools')
export const toolsBin = join(tools, 'bin')
export const stamps = join(tools, 'stamps')
export const target = join(root, 'target')

export const isWindows = process.platform === 'win32'
/** @param {string} name */
export const executable = (name) => (isWindows ? `${name}.exe` : name)

/** The environment with `folders` searched before everything else. @param {string[]} folders @returns {NodeJS.ProcessEnv} */
export function withPath(...folders) {
  return { ...process.env, PATH: [...folders, process.env.PATH ?? ''].join(delimiter) }
}
