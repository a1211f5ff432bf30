// Sets the checkout up: installs or builds what is missing and does nothing where nothing is. `npm run quickstart` and
// `npm test` call it first. It needs git, Rust, Node and npm, and no npm package.
import { pathToFileURL } from 'node:url'
import { installPackages } from './setup/npm-packages.mjs'
import { elapsed, exclusively, runSteps } from './setup/steps.mjs'
import { buildPackages } from './setup/typescript-packages.mjs'
import { checkVersions } from './setup/versions.mjs'
import { ensureModule } from './setup/wasm-module.mjs'
import { triple, wasmToolchain } from './setup/wasm-target.mjs'
import {
  installWasmBindgen,
  installWasmPack,
  removeBuildFiles,
  wasmBindgenVersion,
  wasmPackVersion,
} from './setup/wasm-tools.mjs'

/** @returns {Promise<boolean>} whether everything is there */
export async function setUp() {
  const start = performance.now()
  const done = await exclusively(() =>
    runSteps([
      { title: 'Node, npm, Rust', work: checkVersions },
      { title: 'npm packages', work: installPackages },
      { title: `Rust target ${triple}`, work: async () => (await wasmToolchain()).how },
      { title: `wasm-bindgen ${wasmBindgenVersion()}`, work: installWasmBindgen },
      {
        title: `wasm-pack ${wasmPackVersion}`,
        work: async () => {
          const done = await installWasmPack()
          removeBuildFiles()
          return done
        },
      },
      { title: 'wasm module', work: () => ensureModule() },
      { title: 'TypeScript packages', work: buildPackages },
    ]),
  )
  if (done) console.log(`Set up in ${elapsed(start)}.\n`)
  else console.error('Set-up did not finish.')
  return done
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = (await setUp()) ? 0 : 1
