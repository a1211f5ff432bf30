// The wasm module: wasm-pack (target web) builds crates/wasm, wasm-opt shrinks it, ts/library/wasm receives it.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root, target, toolsBin } from './paths.mjs'
import { ask, run, StepError } from './run.mjs'
import { hashInputs, isCurrent, stamp } from './stamps.mjs'
import { triple, wasmToolchain } from './wasm-target.mjs'
import { wasmBindgenVersion, wasmPackVersion } from './wasm-tools.mjs'

/** @typedef {'simd128' | 'scalar'} Variant what is shipped, and the one without SIMD for tests that compare the two */

/** @param {Variant} variant */
export const moduleFolder = (variant) => join(root, 'ts/library', variant === 'scalar' ? 'wasm-scalar' : 'wasm')

// Transformations that keep every float operation's result: no --fast-math, no relaxed SIMD. Names are dropped (no -g).
// -O1 shrinks the module by 9 % in 3 s. -O2 and higher shrink it less, and their reordering of locals makes V8 spill vector
// registers: measured, sampling then runs up to 1.8 times slower (Node 20; n = 2 and 5, relu), for the same bits.
const wasmOptFlags = [
  '-O1',
  '--rse',
  // Offsets from a pointer go into loads and stores: nothing lies in the first kilobyte, the far end of the stack, so none wraps around.
  '--low-memory-unused',
  '--optimize-added-constants',
  '--vacuum',
  '--reorder-locals',
  // Instances of one generic side by side: gzip, whose window is 32 kB, then finds them alike. 2 % of the download.
  '--reorder-functions-by-name',
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
  '--strip-producers',
  '--strip-target-features',
  // Alignments that loads and stores hint at: engines make nothing of them, and they cost 500 bytes of the download.
  '--dealign',
]

/** @param {Variant} variant @param {import('./wasm-target.mjs').Toolchain} toolchain */
function rustFlags(variant, toolchain) {
  const env = toolchain.env
  const sysroot = ask('rustc', ['--print', 'sysroot'], { env })
  // No path of this machine gets into the module, so that the same sources give the same bytes everywhere.
  const places = /** @type {[string | undefined, string][]} */ ([
    [env.RUSTUP_HOME ?? join(homedir(), '.rustup'), '/rustup'],
    [sysroot === '/usr' ? '/usr/lib/rustlib' : sysroot, '/rust'],
    [env.CARGO_HOME ?? join(homedir(), '.cargo'), '/cargo'],
    [root, '/langevin-rnn'],
  ])
  return [
    ...(variant === 'simd128' ? ['-Ctarget-feature=+simd128'] : []),
    ...places.flatMap(([path, name]) => (path ? [`--remap-path-prefix=${path}=${name}`] : [])),
  ]
}

/**
 * Builds a variant into a folder, whatever was there.
 * @param {Variant} variant @param {string} output @param {string} [targetFolder]
 */
export async function buildModule(variant, output, targetFolder = join(target, 'wasm', variant)) {
  const { toolchain } = await wasmToolchain()
  const work = `${output}.${process.pid}.new`
  rmSync(work, { recursive: true, force: true })
  const env = {
    ...toolchain.env,
    PATH: [toolsBin, toolchain.env.PATH].join(delimiter),
    CARGO_TARGET_DIR: targetFolder,
    CARGO_ENCODED_RUSTFLAGS: rustFlags(variant, toolchain).join('\x1f'),
  }
  try {
    await run(
      'wasm-pack',
      [
        ...['build', join(root, 'crates/wasm'), '--target', 'web', '--release'],
        ...['--mode', 'no-install', '--no-opt', '--no-pack', '--out-dir', work],
        ...(process.env.CI ? ['--', '--locked'] : []),
      ],
      { env, advice: 'a compiler error above is to be mended in crates/; then call this again.' },
    )
    const wasm = readdirSync(work).find((name) => name.endsWith('_bg.wasm'))
    if (wasm === undefined) throw new StepError(`wasm-pack left no module in ${work}`)
    const path = join(work, wasm)
    const optimised = `${path}.opt`
    await run(
      process.execPath,
      [join(root, 'node_modules/binaryen/bin/wasm-opt'), ...wasmOptFlags, path, '-o', optimised],
      { advice: 'run `npm ci` if the package binaryen is missing.' },
    )
    const sizes = { before: statSync(path).size, after: statSync(optimised).size }
    renameSync(optimised, path)
    rmSync(join(work, '.gitignore'), { force: true })
    rmSync(output, { recursive: true, force: true })
    mkdirSync(join(output, '..'), { recursive: true })
    renameSync(work, output)
    return {
      ...sizes,
      hash: createHash('sha256')
        .update(readFileSync(join(output, wasm)))
        .digest('hex'),
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Builds a variant where the library expects it, unless it is there. @param {Variant} [variant] */
export async function ensureModule(variant = 'simd128') {
  const { toolchain } = await wasmToolchain()
  const output = moduleFolder(variant)
  const inputs = hashInputs(
    [
      // By name: below a folder, stamps leave out what is called wasm.
      ...['crates/core', 'crates/wasm', 'Cargo.toml', 'Cargo.lock'],
      ...['scripts/setup/wasm-module.mjs', 'node_modules/binaryen/package.json'],
    ].map((path) => join(root, path)),
    [variant, toolchain.version, wasmPackVersion, wasmBindgenVersion()],
  )
  if (isCurrent(`wasm-${variant}`, inputs, output)) return 'up to date'
  const { before, after, hash } = await buildModule(variant, output)
  stamp(`wasm-${variant}`, inputs, output)
  const kB = (/** @type {number} */ bytes) => Math.round(bytes / 1024)
  return `built, ${kB(after)} KiB (${kB(before)} before wasm-opt), sha256 ${hash.slice(0, 12)}`
}

/** Where `ensureConformance` leaves its module. */
export const conformanceModule = join(target, 'wasm/conformance', triple, 'release/langevin_rnn_conformance.wasm')

/** Builds test/conformance: one module with both kernels in it, and no bindings. Cargo itself knows what is up to date. */
export async function ensureConformance() {
  const { toolchain } = await wasmToolchain()
  await run('cargo', ['build', '--release', '--target', triple, '--package', 'langevin-rnn-conformance', '--lib'], {
    env: {
      ...toolchain.env,
      CARGO_TARGET_DIR: join(target, 'wasm/conformance'),
      CARGO_ENCODED_RUSTFLAGS: rustFlags('simd128', toolchain).join('\x1f'),
    },
    advice: 'a compiler error above is to be mended in crates/ or test/conformance; then call this again.',
  })
  return 'built'
}
