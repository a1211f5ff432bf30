// All engines, all experiments: `node test/engines/all.mjs` installs what this machine lacks, computes each committed manifest on
// each engine, and writes the row of each into the table of docs/equal-bits.md as it comes. `--only NAME,NAME` takes some engines
// (`Node 24` or, of one processor, `Node 24 ARM64`), `--cases NAME,NAME` some manifests; what else the table has stays as long as the
// manifests are those that it was compared with.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureModule } from '../../scripts/setup/wasm-module.mjs'
import { setUp } from '../../scripts/setup.mjs'
import { cases } from '../golden/cases.mjs'
import { makeConsumer } from './consumer.mjs'
import { engines, isRowOf, titleOf } from './engines.mjs'
import { committed, compared, digest, verdict } from './golden.mjs'
import { Missing } from './install.mjs'
import { filesOf } from './pictures.mjs'

const SECONDS = 3600
const JAVASCRIPT = 'what it learns from is made by its own program, which is JavaScript'
const page = new URL('../../docs/equal-bits.md', import.meta.url)

/** @typedef {import('./engines.mjs').Engine} Engine */

/** What became of one case on one engine. @param {Engine} engine @param {import('./engines.mjs').Ready} ready @param {string} name */
async function cellOf(engine, ready, name) {
  if (engine.slow && name.endsWith('-paper')) return `not run: ${engine.slow}`
  if (engine.core && /^(posterior|mnist|cifar)-/.test(name)) return `not run: ${JAVASCRIPT}`
  try {
    return verdict(await committed(name), await ready.arrays(name, SECONDS), engine.core === true)
  } catch (error) {
    console.error(error)
    return 'failed'
  }
}

/** One engine's cells, its name first; undefined for cases that are left as they are. @param {Engine} engine @param {string} consumer @param {readonly string[]} wanted */
async function rowOf(engine, consumer, wanted) {
  const [name = '', ...title] = titleOf(engine)
  /** @type {import('./engines.mjs').Ready} */
  let ready
  try {
    ready = await engine.ready(consumer)
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return [name, ...title, ...compared.map(() => `not run: ${error.message.replaceAll('|', '/')}`)]
  }
  /** @type {(string | undefined)[]} */
  const cells = []
  for (const one of compared) {
    if (!wanted.includes(one)) {
      cells.push(undefined)
      continue
    }
    const began = performance.now()
    cells.push(await cellOf(engine, ready, one))
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${[name, ...title].join(', ')}: ${one}: ${cells.at(-1)} (${seconds} s)`)
  }
  return [`${name} (${ready.version})`, ...title, ...cells]
}

/** The files of pictures that an experiment needs. @param {string} experiment @param {string} folder */
async function copyPictures(experiment, folder) {
  const names = filesOf[experiment]
  if (names === undefined) return
  const { folderOf } = await import('../golden/local_pictures.mjs')
  const from = await folderOf(experiment)
  await mkdir(folder, { recursive: true })
  for (const name of names) await cp(join(from, name), join(folder, name))
}

const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
const cellsOf = (/** @type {string} */ line) => line.slice(2, -2).split(' | ')
const headings = await Promise.all(compared.map(async (name) => `${name} \`${await digest(name)}\``))
const head = ['engine', 'processor', 'what runs', ...headings]

/** Puts a row in its place in the table. Cells that were compared with other manifests are `not run`. @param {Engine} engine @param {(string | undefined)[]} row */
async function write(engine, row) {
  const text = await readFile(page, 'utf8')
  const old = (text.match(/<!-- table -->\n([\s\S]*)<!-- end -->/)?.[1] ?? '').trim().split('\n')
  const columns = cellsOf(old[0] ?? '')
  /** A row of the old table under the new headings. @param {Engine} one @param {(string | undefined)[]} [fresh] */
  const renewed = (one, fresh = []) => {
    const line = old.find((line) => isRowOf(one, line))
    const before = line === undefined ? [] : cellsOf(line)
    return head.map(
      (heading, i) => fresh[i] ?? before[columns.indexOf(heading)] ?? titleOf(one)[i] ?? 'not run: not compared yet',
    )
  }
  const rows = engines.map((one) => line(renewed(one, one === engine ? row : [])))
  const table = [line(head), `|${'---|'.repeat(head.length)}`, ...rows].join('\n')
  await writeFile(page, text.replace(/(<!-- table -->\n)[\s\S]*(<!-- end -->)/, `$1\n${table}\n\n$2`))
}

const { values } = parseArgs({ options: { only: { type: 'string' }, cases: { type: 'string' } } })
const only = values.only?.split(',')
const wanted = values.cases?.split(',') ?? compared
if (!(await setUp())) process.exit(1)
await ensureModule('scalar')
const consumer = await makeConsumer()
try {
  for (const experiment of new Set(wanted.map((name) => cases[name]?.experiment ?? '')))
    await copyPictures(experiment, join(consumer.folder, 'pictures'))
  for (const engine of engines) {
    const names = [engine.name, `${engine.name} ${engine.processor}`]
    if (only !== undefined && !names.some((name) => only.includes(name))) continue
    const cells = await rowOf(engine, consumer.folder, wanted)
    if (cells.some((cell) => cell === 'failed' || cell?.startsWith('differs'))) process.exitCode = 1
    await write(engine, cells)
  }
} finally {
  await consumer.remove()
}
