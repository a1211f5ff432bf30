// All engines, all experiments: `node test/engines/all.mjs` installs what this machine lacks, computes each committed manifest on
// each engine, and writes the row of each into the table of docs/equal-bits.md as it comes. `--only NAME,NAME` takes some engines
// (`Node 24` or, of one processor, `Node 24 ARM64`); the others' rows stay as long as the manifests are those that they were compared with.
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { ensureModule } from '../../scripts/setup/wasm-module.mjs'
import { setUp } from '../../scripts/setup.mjs'
import { makeConsumer } from './consumer.mjs'
import { engines, isRowOf, titleOf } from './engines.mjs'
import { committed, compared, digest, firstDifference } from './golden.mjs'
import { Missing } from './install.mjs'

const SECONDS = 1800
const page = new URL('../../docs/equal-bits.md', import.meta.url)
const names = compared

/** @typedef {import('./engines.mjs').Engine} Engine */

/** What became of one case on one engine. @param {Engine} engine @param {import('./engines.mjs').Ready} ready @param {string} name */
async function cellOf(engine, ready, name) {
  if (engine.slow && name.endsWith('-paper')) return `not run: ${engine.slow}`
  try {
    const different = firstDifference(await committed(name), await ready.arrays(name, SECONDS))
    return different === undefined ? 'equal' : `differs from ${different} on`
  } catch (error) {
    console.error(error)
    return 'failed'
  }
}

/** One engine's row. @param {Engine} engine @param {string} consumer */
async function rowOf(engine, consumer) {
  const [name = '', ...title] = titleOf(engine)
  /** @type {import('./engines.mjs').Ready} */
  let ready
  try {
    ready = await engine.ready(consumer)
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return [name, ...title, ...names.map(() => `not run: ${error.message.replaceAll('|', '/')}`)]
  }
  const cells = []
  for (const one of names) {
    const began = performance.now()
    cells.push(await cellOf(engine, ready, one))
    console.log(
      `${[name, ...title].join(', ')}: ${one}: ${cells.at(-1)} (${((performance.now() - began) / 1000).toFixed(1)} s)`,
    )
  }
  return [`${name} (${ready.version})`, ...title, ...cells]
}

const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`
const digests = await Promise.all(names.map(digest))
const head = line(['engine', 'processor', 'what runs', ...names.map((name, i) => `${name} \`${digests[i]}\``)])

/** Puts a row in its place in the table; rows that were compared with other manifests go. @param {Engine} engine @param {string} row */
async function write(engine, row) {
  const text = await readFile(page, 'utf8')
  const old =
    text
      .match(/<!-- table -->\n([\s\S]*)<!-- end -->/)?.[1]
      ?.trim()
      .split('\n') ?? []
  const kept = old[0] === head ? old.slice(2) : []
  const rows = engines.map((one) => (one === engine ? row : kept.find((line) => isRowOf(one, line))))
  const table = [head, `|${'---|'.repeat(3 + names.length)}`, ...rows.filter((line) => line !== undefined)].join('\n')
  await writeFile(page, text.replace(/(<!-- table -->\n)[\s\S]*(<!-- end -->)/, `$1\n${table}\n\n$2`))
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const only = values.only?.split(',')
if (!(await setUp())) process.exit(1)
await ensureModule('scalar')
const consumer = await makeConsumer()
try {
  for (const engine of engines) {
    const names = [engine.name, `${engine.name} ${engine.processor}`]
    if (only !== undefined && !names.some((name) => only.includes(name))) continue
    const cells = await rowOf(engine, consumer.folder)
    if (cells.some((cell) => cell === 'failed' || cell.startsWith('differs'))) process.exitCode = 1
    await write(engine, line(cells))
  }
} finally {
  await consumer.remove()
}
