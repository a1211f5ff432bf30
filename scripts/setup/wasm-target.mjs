// A Rust toolchain that builds for wasm32-unknown-unknown, by the first way that works:
//   1. the active toolchain has the target already;
//   2. `rustup target add`;
//   3. where rustup can't download: Debian's rustc-web packages, with the standard library built once from their source.
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { executable, tools, withPath } from './paths.mjs'
import { ask, attempt, run, StepError } from './run.mjs'

export const triple = 'wasm32-unknown-unknown'
const rustupTimeout = 120_000

/**
 * @typedef {object} Toolchain
 * @property {'active' | 'debian'} kind
 * @property {string} description
 * @property {NodeJS.ProcessEnv} env in which `cargo` and `rustc` are this toolchain's
 * @property {string} version as `rustc -vV` says
 */

/**
 * Whether this rustc builds a module: it finds a standard library for the target that it can read, and a linker.
 * @param {string} rustc @param {string} [linker] instead of its own
 */
const canBuild = (rustc, linker) =>
  ask(
    rustc,
    [
      ...['--target', triple, '--crate-type', 'cdylib', '-o', join(tools, 'probe.wasm')],
      ...(linker === undefined ? [] : ['-C', `linker=${linker}`]),
      '-',
    ],
    { input: 'pub fn probe() -> String { String::new() }' },
  ) !== undefined

/** @returns {Toolchain | undefined} */
function activeToolchain() {
  if (!canBuild('rustc')) return undefined
  const version = ask('rustc', ['-vV']) ?? ''
  return { kind: 'active', description: version.split('\n')[0] ?? '', env: process.env, version }
}

// The prefix differs in the tests of this file only.
const prefix = process.env.LANGEVIN_RNN_DEBIAN_PREFIX ?? '/usr'
const debian = {
  packages: ['rustc-web', 'cargo-web', 'rust-web-src', 'libstd-rust-web-dev'],
  rustc: `${prefix}/bin/rustc`,
  cargo: `${prefix}/bin/cargo`,
  source: `${prefix}/lib/rustlib/src/rust/library`,
  library: `${prefix}/lib/rustlib/${triple}/lib`,
}

/** lld for wasm: the active toolchain's, or Debian's. */
function findLinker() {
  const sysroot = ask('rustc', ['--print', 'sysroot'])
  const host = ask('rustc', ['-vV'])?.match(/^host: (.+)$/m)?.[1]
  const candidates = [
    ...(sysroot && host ? [join(sysroot, 'lib/rustlib', host, 'bin', executable('rust-lld'))] : []),
    ...['19', '22', '21', '20', '18', '17', '16', '15', '14'].map((version) => `/usr/bin/wasm-ld-${version}`),
    '/usr/bin/wasm-ld',
  ]
  return candidates.find((path) => existsSync(path))
}

/** Debian's compiler before all others, without changing what else is found. @param {string} linker @returns {Toolchain} */
function debianToolchain(linker) {
  const folder = join(tools, 'debian-bin')
  mkdirSync(folder, { recursive: true })
  for (const name of /** @type {const} */ (['rustc', 'cargo'])) {
    rmSync(join(folder, name), { force: true })
    symlinkSync(debian[name], join(folder, name))
  }
  const version = ask(debian.rustc, ['-vV']) ?? ''
  return {
    kind: 'debian',
    description: `Debian's ${version.split('\n')[0]} with a standard library built here`,
    version,
    env: {
      ...withPath(folder),
      RUSTC: debian.rustc,
      CARGO: debian.cargo,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
    },
  }
}

/** The way to run a command that writes outside the checkout, as root. @returns {string[]} */
function asRoot() {
  if (process.getuid?.() === 0) return []
  if (ask('sudo', ['-n', 'true']) !== undefined) return ['sudo', '-n']
  throw new StepError('the standard library for wasm has to be installed, which needs root', {
    advice:
      'call `sudo -v` first and then this command again (sudo serves to install Debian packages and to copy the library), ' +
      `or give rustup a network on which \`rustup target add ${triple}\` works.`,
  })
}

/** @param {string[]} command @param {import('./run.mjs').RunOptions} [options] */
function runAsRoot(command, options) {
  const [program, ...args] = [...asRoot(), ...command]
  return run(/** @type {string} */ (program), args, options)
}

/** @param {string[]} packages */
async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const advice =
    `install the target by hand (\`rustup target add ${triple}\`), or make apt-get work (Debian 12 with its security ` +
    `updates has ${debian.packages.join(', ')}), and call this again.`
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages]
  const [program, ...args] = [...asRoot(), ...install]
  const first = await attempt(/** @type {string} */ (program), args, { env, quiet: true })
  if (first.code === 0) return
  await runAsRoot(['apt-get', 'update'], { env, advice })
  await runAsRoot(install, { env, advice })
}

/** Builds std from Debian's source with its vendored dependencies and puts it where Debian's rustc looks for it. @param {string} linker */
async function buildStandardLibrary(linker) {
  const folder = join(tools, 'std')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'src'), { recursive: true })
  writeFileSync(
    join(folder, 'Cargo.toml'),
    '[package]\nname = "needs-std"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n',
  )
  writeFileSync(join(folder, 'src/lib.rs'), 'pub fn f() -> String { format!("{:?}", std::time::Duration::ZERO) }\n')
  const env = {
    ...debianToolchain(linker).env,
    RUSTC_BOOTSTRAP: '1', // -Z build-std on a stable compiler
    CARGO_TARGET_DIR: join(folder, 'target'),
    // Bitcode for the release profile's link-time optimisation, and no path of this machine in panic messages.
    CARGO_ENCODED_RUSTFLAGS: ['-Cembed-bitcode=yes', `--remap-path-prefix=${debian.source}=/rustc/library`].join(
      '\x1f',
    ),
  }
  const build = ['build', '--release', '--target', triple, '-Z', 'build-std=std,panic_abort']
  const vendored = [
    '--config',
    'source.crates-io.replace-with="vendored"',
    '--config',
    `source.vendored.directory="${debian.source}/vendor"`,
  ]
  const offline = await attempt(debian.cargo, [...build, '--offline', ...vendored], { env, cwd: folder })
  if (offline.code !== 0) {
    console.log('      that did not work with the vendored dependencies: trying with crates.io')
    await run(debian.cargo, build, {
      env,
      cwd: folder,
      advice: `look at the messages above; with a network on which \`rustup target add ${triple}\` works this step is not needed.`,
    })
  }
  const deps = join(folder, 'target', triple, 'release/deps')
  const libraries = readdirSync(deps).filter((name) => /^lib.*\.rlib$/.test(name))
  const advice = `copy lib*.rlib from ${deps} to ${debian.library} by hand, then call this again.`
  await runAsRoot(['rm', '-rf', debian.library])
  await runAsRoot(['mkdir', '-p', debian.library], { advice })
  await runAsRoot(['cp', ...libraries.map((name) => join(deps, name)), debian.library], { advice })
  rmSync(folder, { recursive: true, force: true })
}

/** The fallback, if an earlier set-up has installed it. */
function installedDebianToolchain() {
  if (process.platform !== 'linux' || !existsSync(debian.rustc) || !existsSync(debian.cargo)) return undefined
  const linker = existsSync(debian.library) ? findLinker() : undefined
  return linker !== undefined && canBuild(debian.rustc, linker) ? debianToolchain(linker) : undefined
}

async function installDebianToolchain() {
  if (process.platform !== 'linux' || ask('apt-get', ['--version']) === undefined) {
    throw new StepError(`there is no standard library for ${triple}, and rustup could not download it`, {
      advice: `make \`rustup target add ${triple}\` work (it needs static.rust-lang.org), then call this again.`,
    })
  }
  console.log(`      falling back on Debian's packages ${debian.packages.join(', ')}`)
  await aptInstall([...debian.packages, ...(findLinker() === undefined ? ['lld-19'] : [])])
  const linker = findLinker()
  if (linker === undefined) throw new StepError('no lld was found', { advice: 'apt-get install lld-19' })
  if (!canBuild(debian.rustc, linker)) {
    console.log(`      building the standard library for ${triple} once, into ${debian.library}`)
    await buildStandardLibrary(linker)
    if (!canBuild(debian.rustc, linker)) {
      throw new StepError(`${debian.rustc} cannot read the standard library that was built`, {
        advice: `remove ${debian.library} and call this again.`,
      })
    }
  }
  return debianToolchain(linker)
}

/** @type {Toolchain | undefined} */
let found

/** @returns {Promise<{ toolchain: Toolchain, how: string }>} */
export async function wasmToolchain() {
  mkdirSync(tools, { recursive: true })
  if (found) return { toolchain: found, how: 'there' }
  found = activeToolchain()
  if (found) return { toolchain: found, how: `there: ${found.description}` }
  found = installedDebianToolchain()
  if (found) return { toolchain: found, how: `there: ${found.description}` }

  if (ask('rustup', ['--version']) !== undefined) {
    const added = await attempt('rustup', ['target', 'add', triple], { timeout: rustupTimeout })
    if (added.code === 0) found = activeToolchain()
    if (found) return { toolchain: found, how: `added by rustup: ${found.description}` }
    console.log(`      rustup could not add the target${added.timedOut ? ` within ${rustupTimeout / 1000} s` : ''}`)
  }
  found = await installDebianToolchain()
  return { toolchain: found, how: `installed ${found.description}` }
}
