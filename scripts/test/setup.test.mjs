// Set-up's decisions, with stand-ins for rustc, rustup and npm's lockfiles: nothing is installed.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { packagesAreInstalled } from '../setup/npm-packages.mjs'
import { root } from '../setup/paths.mjs'
import { attempt, run } from '../setup/run.mjs'
import { hashInputs } from '../setup/stamps.mjs'
import { runSteps } from '../setup/steps.mjs'
import { atLeast } from '../setup/versions.mjs'
import { wasmBindgenVersion } from '../setup/wasm-tools.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'langevin-rnn-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** @param {string} path @param {string} text */
function write(path, text) {
  const full = join(folder, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
  return full
}
/** @param {string} name @param {string} body */
const standIn = (name, body) => chmodSync(write(`bin/${name}`, `#!/bin/sh\n${body}\n`), 0o755)

describe('versions', () => {
  it('compares number by number', () => {
    expect(atLeast('1.95.0', '1.86')).toBe(true)
    expect(atLeast('1.86.0', '1.86')).toBe(true)
    expect(atLeast('1.9.9', '1.86')).toBe(false)
    expect(atLeast('20.9.0', '20.19.0')).toBe(false)
    expect(atLeast('22.0.0', '20.19.0')).toBe(true)
  })

  it('finds one exact wasm-bindgen version', () => {
    expect(wasmBindgenVersion()).toMatch(/^\d+\.\d+\.\d+$/)
  })
})

describe.skipIf(process.platform === 'win32')('the wasm target', () => {
  /** Asks for a toolchain in a process of its own that finds the stand-ins and no Debian toolchain. @returns {string} */
  function toolchain() {
    const script = `import { wasmToolchain } from ${JSON.stringify(join(root, 'scripts/setup/wasm-target.mjs'))}
      try { console.log((await wasmToolchain()).how) } catch (error) { console.log(error.message, '|', error.advice) }`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: `${join(folder, 'bin')}:/bin`, LANGEVIN_RNN_DEBIAN_PREFIX: join(folder, 'usr') },
      encoding: 'utf8',
    })
    return stdout
  }
  const installed = () => join(folder, 'target-is-there')
  beforeEach(() => {
    standIn('rustc', `[ "$1" = -vV ] && { echo "rustc 1.99.0 (stand-in)"; exit; }; [ -e ${installed()} ]`)
    // Nothing is to be installed from these tests.
    standIn('apt-get', 'exit 1')
    standIn('sudo', 'exit 1')
  })

  it('is used when the active toolchain has it, without asking rustup', () => {
    writeFileSync(installed(), '')
    standIn('rustup', `touch ${join(folder, 'asked')}`)
    expect(toolchain()).toBe('there: rustc 1.99.0 (stand-in)\n')
    expect(existsSync(join(folder, 'asked'))).toBe(false)
  })

  it('is added by rustup', () => {
    standIn('rustup', `[ "$1 $2" = "target add" ] && touch ${installed()}; exit 0`)
    expect(toolchain()).toMatch(/added by rustup: rustc 1\.99\.0/)
  })

  it('is asked for in words when neither rustup nor Debian can give it', () => {
    standIn('rustup', '[ "$1" = --version ] || { echo "error: could not download"; exit 1; }')
    const said = toolchain()
    expect(said).toMatch(/error: could not download/)
    expect(said).toMatch(/rustup could not add the target/)
    expect(said).toMatch(/could not download it \| make `rustup target add wasm32-unknown-unknown` work/)
  })
})

describe('npm packages', () => {
  /** @param {string} path @param {Record<string, object>} packages */
  const lock = (path, packages) => write(path, JSON.stringify({ packages }))
  const some = {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/for-another-system': { version: '2.0.0', optional: true },
  }

  it('are installed when node_modules holds what the lockfile says', () => {
    lock('package-lock.json', { '': {}, ...some })
    lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } })
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true })
    expect(packagesAreInstalled(folder)).toBe(true)
    lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '0.9.0' } })
    expect(packagesAreInstalled(folder)).toBe(false)
  })

  it('are not when a package or all of them are missing', () => {
    lock('package-lock.json', { '': {}, ...some })
    expect(packagesAreInstalled(folder)).toBe(false)
    lock('node_modules/.package-lock.json', {})
    expect(packagesAreInstalled(folder)).toBe(false)
  })
})

describe('stamps', () => {
  it('change with content and name, and not with build output', () => {
    write('src/a.txt', 'one')
    const first = hashInputs([folder])
    write('dist/a.js', 'output')
    expect(hashInputs([folder])).toBe(first)
    write('src/a.txt', 'two')
    const second = hashInputs([folder])
    expect(second).not.toBe(first)
    rmSync(join(folder, 'src/a.txt'))
    write('src/b.txt', 'two')
    expect(hashInputs([folder])).not.toBe(second)
    expect(hashInputs([folder], ['version 2'])).not.toBe(hashInputs([folder], ['version 1']))
  })
})

describe('commands', () => {
  const node = process.execPath
  it('that fail keep their last lines and what to do', async () => {
    const failing = run(node, ['-e', 'console.log("the reason"); process.exit(3)'], { quiet: true, advice: 'do this' })
    await expect(failing).rejects.toMatchObject({ output: 'the reason', advice: 'do this' })
    await expect(failing).rejects.toThrow(/ended with code 3/)
  })

  it('that hang are ended', async () => {
    const { timedOut } = await attempt(node, ['-e', 'setInterval(() => {}, 1000)'], { quiet: true, timeout: 300 })
    expect(timedOut).toBe(true)
  })

  it('that are missing are said to be', async () => {
    await expect(run('no-such-command-here', [], { quiet: true })).rejects.toThrow(/is not installed/)
  })

  it('end the steps at the first that fails', async () => {
    vi.spyOn(console, 'log').mockReturnValue()
    const said = vi.spyOn(console, 'error').mockReturnValue()
    /** @type {string[]} */
    const done = []
    const step = (/** @type {string} */ title) => ({ title, work: () => `${done.push(title)}` })
    const broken = {
      title: 'broken',
      work: () => run('no-such-command-here', [], { quiet: true, advice: 'install it' }).then(String),
    }
    expect(await runSteps([step('first'), broken, step('last')])).toBe(false)
    expect(done).toEqual(['first'])
    expect(said.mock.calls.flat().join('\n')).toMatch(/\[2\/3\] broken failed after [\s\S]*What to do: install it/)
    vi.restoreAllMocks()
  })
})
