// Sets up, then runs every suite, and ends with 'N passed, N failed'.
//   npm test                          everything
//   npm test -- --only types,vitest   some suites
//   npm test -- --no-setup            without set-up
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, target } from './setup/paths.mjs'
import { attempt } from './setup/run.mjs'
import { elapsed, exclusively, runSteps } from './setup/steps.mjs'
import { packages } from './setup/typescript-packages.mjs'
import { ensureConformance, ensureModule } from './setup/wasm-module.mjs'
import { setUp } from './setup.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const env = { ...process.env, CARGO_TARGET_DIR: target, CARGO_TERM_COLOR: process.env.CARGO_TERM_COLOR ?? 'never' }
const nodeModule = (/** @type {string} */ path) => join(root, 'node_modules', path)

/** @param {string} command @param {string[]} args @param {string} [advice] */
async function check(command, args, advice) {
  const { code } = await attempt(command, args, { env, indent: '  ' })
  if (code !== 0 && advice) console.log(`  What to do: ${advice}`)
  return code === 0 ? one.passed : one.failed
}
const one = {
  passed: { passed: 1, failed: 0, skipped: 0 },
  failed: { passed: 0, failed: 1, skipped: 0 },
}

/** @param {Counts[]} all @returns {Counts} */
const sum = (all) => ({
  passed: all.reduce((total, { passed }) => total + passed, 0),
  failed: all.reduce((total, { failed }) => total + failed, 0),
  skipped: all.reduce((total, { skipped }) => total + skipped, 0),
})

/** `tsc --noEmit` in each package, for the tests and scripts at the root, and for the scripts. */
async function types() {
  /** @type {Counts[]} */
  const all = []
  for (const project of [...packages, '.', 'scripts']) {
    const config = join(root, project, 'tsconfig.json')
    if (!existsSync(config)) continue
    console.log(`  ${project}`)
    all.push(
      await check(process.execPath, [nodeModule('typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', config]),
    )
  }
  return sum(all)
}

async function rustTests() {
  /** @type {Counts[]} */
  const all = []
  const { code } = await attempt('cargo', ['test', '--workspace', '--no-fail-fast'], {
    env,
    indent: '  ',
    onLine(line) {
      const found = line.match(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/)
      if (found) all.push({ passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3]) })
    },
  })
  const counts = sum(all)
  // A test that does not compile, or that ends its process, is counted by no line of its own.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

async function vitest() {
  const report = join(root, 'out/vitest.json')
  mkdirSync(join(root, 'out'), { recursive: true })
  rmSync(report, { force: true })
  const { code } = await attempt(
    process.execPath,
    [nodeModule('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { env: { ...env, NO_COLOR: '1' }, indent: '  ' },
  )
  if (!existsSync(report)) return one.failed
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
   *   testResults: { status: string, assertionResults: unknown[] }[] }} */
  const result = JSON.parse(readFileSync(report, 'utf8'))
  // A file that does not even load has no test that could fail.
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const failed = result.numFailedTests + broken
  return {
    passed: result.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  }
}

/** Modules that only tests need: the one without SIMD, and the one with both kernels. */
async function testModules() {
  const done = await exclusively(() =>
    runSteps([
      { title: 'wasm module, scalar', work: () => ensureModule('scalar') },
      { title: 'wasm module, both kernels', work: ensureConformance },
    ]),
  )
  return done ? sum([]) : one.failed
}

/** @type {Record<string, { title: string, work: () => Promise<Counts> }>} */
const suites = {
  'rust-format': {
    title: 'cargo fmt --check',
    work: () =>
      check(
        'cargo',
        ['fmt', '--all', '--check'],
        '`npm run format`; if cargo has no fmt: `rustup component add rustfmt`.',
      ),
  },
  clippy: {
    title: 'cargo clippy',
    work: () =>
      check(
        'cargo',
        ['clippy', '--workspace', '--all-targets', '--quiet', '--', '-D', 'warnings'],
        'mend the warnings; if cargo has no clippy: `rustup component add clippy`.',
      ),
  },
  biome: {
    title: 'biome check',
    work: () =>
      check(
        process.execPath,
        [nodeModule('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '--colors=off', '.'],
        '`npm run format`, then mend what it cannot.',
      ),
  },
  types: { title: 'tsc --noEmit', work: types },
  rust: { title: 'cargo test', work: rustTests },
  modules: { title: 'wasm modules for tests', work: testModules },
  vitest: { title: 'vitest', work: vitest },
}

const { values } = parseArgs({ options: { only: { type: 'string' }, 'no-setup': { type: 'boolean' } } })
const wanted = values.only?.split(',') ?? Object.keys(suites)
const unknown = wanted.filter((name) => !(name in suites))
if (unknown.length > 0) {
  console.error(`No suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.`)
  process.exit(2)
}

/** @type {{ title: string, counts: Counts, time: string }[]} */
const rows = []
const started = performance.now()
const ready = values['no-setup'] === true || (await setUp())
rows.push({ title: 'set-up', counts: ready ? sum([]) : one.failed, time: elapsed(started) })
if (ready) {
  for (const name of wanted) {
    const { title, work } = /** @type {typeof suites[string]} */ (suites[name])
    console.log(`== ${title}`)
    const start = performance.now()
    const counts = await work()
    rows.push({ title, counts, time: elapsed(start) })
    console.log(`== ${title}: ${counts.passed} passed, ${counts.failed} failed (${elapsed(start)})\n`)
  }
}

const total = sum(rows.map(({ counts }) => counts))
const line = (/** @type {(string | number)[]} */ [title, ...rest]) =>
  `${String(title).padEnd(26)}${rest.map((cell) => String(cell).padStart(9)).join('')}`
console.log(line(['suite', 'passed', 'failed', 'skipped', 'time']))
for (const { title, counts, time } of rows)
  console.log(line([title, counts.passed, counts.failed, counts.skipped, time]))
console.log(line(['all', total.passed, total.failed, total.skipped, elapsed(started)]))
console.log()
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
