// The core without JavaScript, built from this checkout: natively, for an emulated ARM64, and as wasm in wasmtime. Each gives a
// command that reads a manifest and prints 'array sha256' lines.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, target } from '../../scripts/setup/paths.mjs'
import { conformanceModule, ensureConformance } from '../../scripts/setup/wasm-module.mjs'
import { debianFile, Missing, pythonPackage, unpackedForArm64 } from './install.mjs'
import { output } from './run.mjs'
import { arm64Libraries, qemu } from './runtimes.mjs'

/** @typedef {{ command: string[], version: string, env?: NodeJS.ProcessEnv }} Core */

const arm64 = 'aarch64-unknown-linux-gnu'
const build = ['build', '--release', '--quiet', '--package', 'langevin-rnn-conformance', '--bin', 'recompute']

/** @param {string} rustc */
const versionOf = async (rustc) => (await output([rustc, '--version'])).split(' ')[1] ?? ''

/** @returns {Promise<Core>} */
async function native() {
  if (process.arch !== 'x64') throw new Missing(`this processor is ${process.arch}`)
  await output(['cargo', ...build], { cwd: root, env: { CARGO_TARGET_DIR: target }, seconds: 900 })
  return { command: [join(target, 'release/recompute')], version: await versionOf('rustc') }
}

/** The compiler that has a standard library of ARM64: rustup's, or Debian's with the library unpacked beside it. */
async function arm64Compiler() {
  try {
    await output(['rustup', 'target', 'add', arm64], { seconds: 120 })
    return { rustc: 'rustc', cargo: 'cargo', flags: '' }
  } catch {
    if (!existsSync('/usr/bin/rustc'))
      throw new Missing(`rustup could not add ${arm64}, and there is no Debian rustc-web`)
    const library = await unpackedForArm64('arm64-rust', ['libstd-rust-web-dev'])
    return { rustc: '/usr/bin/rustc', cargo: '/usr/bin/cargo', flags: `--sysroot=${library}/usr` }
  }
}

/** @returns {Promise<Core>} */
async function emulated() {
  if (process.platform !== 'linux') throw new Missing('qemu emulates ARM64 programs on Linux only')
  const { rustc, cargo, flags } = await arm64Compiler()
  const linker = await debianFile('/usr/bin/aarch64-linux-gnu-gcc', ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'])
  const emulator = await qemu()
  const folder = join(target, 'arm64')
  const env = {
    RUSTC: rustc,
    CARGO_TARGET_DIR: folder,
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: linker,
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS: flags,
  }
  await output([cargo, ...build, '--target', arm64], { cwd: root, env, seconds: 900 })
  return {
    command: [emulator, join(folder, arm64, 'release/recompute')],
    version: await versionOf(rustc),
    env: { QEMU_LD_PREFIX: await arm64Libraries() },
  }
}

/** @returns {Promise<Core>} */
async function wasmtime() {
  const version = '50.0.1'
  const library = await pythonPackage('wasmtime', version)
  await ensureConformance()
  return {
    command: ['python3', fileURLToPath(new URL('wasmtime_recompute.py', import.meta.url)), conformanceModule],
    version,
    env: { PYTHONPATH: library },
  }
}

/** @type {Record<'native' | 'emulated' | 'wasmtime', () => Promise<Core>>} */
export const cores = { native, emulated, wasmtime }

/** @param {Core} core @param {string} manifest its text @param {number} seconds @returns {Promise<Record<string, string>>} */
export async function recompute({ command, env = {} }, manifest, seconds) {
  const lines = (await output(command, { env, input: manifest, seconds })).trim().split('\n')
  return Object.fromEntries(lines.map((line) => /** @type {[string, string]} */ (line.split(' '))))
}
