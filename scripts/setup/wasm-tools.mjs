// wasm-pack and the wasm-bindgen command, built from crates.io into .tools/ of this checkout.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { executable, root, tools, toolsBin } from './paths.mjs'
import { ask, attempt, run, StepError } from './run.mjs'

export const wasmPackVersion = '0.15.1'

/** The wasm-bindgen version that the crate uses: the command must be of exactly that one. */
export function wasmBindgenVersion() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8')
  const version = lock.match(/name = "wasm-bindgen"\r?\nversion = "([^"]+)"/)?.[1]
  if (version === undefined) {
    throw new StepError('Cargo.lock names no wasm-bindgen', {
      advice: 'restore Cargo.lock (`git checkout Cargo.lock`).',
    })
  }
  return version
}

// Both tools run for a second or so in each build, so what counts is the time to build them: without optimisation, link-time
// optimisation and debug information each takes 47 s on two cores, against 140 s in their own release profiles.
const cheap = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
  CARGO_PROFILE_RELEASE_DEBUG: '0',
  CARGO_PROFILE_RELEASE_STRIP: 'debuginfo',
}

/** @param {string} crate @param {string} command @param {string} version @param {string[]} [options] */
async function install(crate, command, version, options = []) {
  const have = ask(join(toolsBin, executable(command)), ['--version'])
  if (have?.split(' ')[1] === version) return `there`
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, ...cheap, CARGO_TARGET_DIR: join(tools, 'target') }
  delete env.RUSTFLAGS
  const args = ['install', crate, '--version', `=${version}`, '--bin', command, '--root', tools, '--force', ...options]
  const locked = await attempt('cargo', [...args, '--locked'], { env })
  if (locked.code !== 0) {
    console.log('      that did not work with its own lockfile: trying without')
    await run('cargo', args, {
      env,
      advice: `look whether crates.io can be reached and \`cargo install ${crate} --version =${version}\` works here.`,
    })
  }
  return 'built'
}

export const installWasmPack = () => install('wasm-pack', 'wasm-pack', wasmPackVersion)

// The default feature (TLS) is for the test runner's downloads only.
export const installWasmBindgen = () =>
  install('wasm-bindgen-cli', 'wasm-bindgen', wasmBindgenVersion(), ['--no-default-features'])

/** The tools' object files, 400 MB, are of no more use once both commands are there. */
export const removeBuildFiles = () => rmSync(join(tools, 'target'), { recursive: true, force: true })
