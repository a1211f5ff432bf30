// The tools that must be there before set-up: Node, npm, and a Rust compiler for this machine.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isWindows, root } from './paths.mjs'
import { ask, StepError } from './run.mjs'

/** @param {string} version @param {string} least */
export function atLeast(version, least) {
  const have = version.split('.').map(Number)
  for (const [index, wanted] of least.split('.').map(Number).entries()) {
    const part = have[index] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}

/** @param {string | undefined} text */
const numberIn = (text) => text?.match(/\d+\.\d+(\.\d+)?/)?.[0]

/** The least Rust version, as Cargo.toml says. */
const leastRust = () =>
  readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^rust-version = "([\d.]+)"/m)?.[1] ?? '1.86'

export function checkVersions() {
  const node = process.versions.node
  if (!atLeast(node, '20.19.0')) {
    throw new StepError(`Node ${node} is too old: 20.19 or newer is needed`, {
      advice: 'install Node 20, 22 or newer (nodejs.org, nvm, or your system’s packages) and call this again.',
    })
  }
  const npm = numberIn(ask('npm', ['--version']))
  if (npm === undefined || !atLeast(npm, '9.0.0')) {
    throw new StepError(npm === undefined ? 'npm was not found' : `npm ${npm} is too old: 9 or newer is needed`, {
      advice:
        npm === undefined ? 'install npm (it comes with Node) and call this again.' : 'npm install --global npm@latest',
    })
  }
  const least = leastRust()
  const cargo = numberIn(ask('cargo', ['--version']))
  const rustc = numberIn(ask('rustc', ['--version']))
  if (cargo === undefined || rustc === undefined) {
    throw new StepError(`${cargo === undefined ? 'cargo' : 'rustc'} was not found`, {
      advice: `install Rust ${least} or newer from rustup.rs${isWindows ? '' : ' (then open a new shell, or source ~/.cargo/env)'} and call this again.`,
    })
  }
  for (const [name, version] of Object.entries({ cargo, rustc })) {
    if (!atLeast(version, least)) {
      throw new StepError(`${name} ${version} is too old: ${least} or newer is needed`, {
        advice: 'rustup update stable',
      })
    }
  }
  return `node ${node}, npm ${npm}, rust ${rustc}`
}
