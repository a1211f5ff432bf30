// How good the built page is on this machine: Lighthouse, time to the first samples, frame times, memory over a long run, scene by
// scene in Chromium. Prints tables, asserts nothing: times are the machine's, and its load stands beside them.
//
//     node demo/test/measure.mjs [--only lighthouse,pictures,memory] [--scenes NAME,…] [--runs COUNT] [--frames COUNT]
//                                [--blocks COUNT] [--chains COUNT] [--dist FOLDER] [--trace FILE.json]
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import lighthouse, { desktopConfig } from 'lighthouse'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../../test/engines/browsers.mjs'
import { serveFolder } from '../../test/engines/site.mjs'
import { drawn, held, speedUp } from './long_run.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'lighthouse,pictures,memory' },
    scenes: { type: 'string', default: scenes().join(',') },
    // Of Lighthouse and of pictures: the median counts.
    runs: { type: 'string', default: '3' },
    // Ten seconds of pictures at 60 a second.
    frames: { type: 'string', default: '600' },
    // Two hours at 60 a second, which is the most that a page draws, are 432000.
    blocks: { type: 'string', default: '10000' },
    // Of a long run; few, where it isn't said.
    chains: { type: 'string' },
    dist: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), '../dist') },
    // Of the first scene's pictures, for a browser's own viewer.
    trace: { type: 'string' },
  },
})

/** Names in the address, as src/scenes/list.ts has them; the first scene's is empty. */
function scenes() {
  const source = readFileSync(new URL('../src/scenes/list.ts', import.meta.url), 'utf8')
  return [...source.matchAll(/name: (?:null|'([a-z-]+)')/g)].map(([, name]) => name ?? '')
}

const site = await serveFolder(options.dist, { compressed: true })
const browser = await puppeteer.launch({
  executablePath: findChromium(),
  headless: true,
  args: [...chromiumFlags],
  // A long run is longer than any answer.
  protocolTimeout: 0,
})

/** Of a long run, after each of which what is held is told. */
const PARTS = 20

/** @param {string} scene @param {Record<string, string>} [settings] */
const address = (scene, settings = {}) =>
  `${site.address}?${new URLSearchParams({ ...(scene && { scene }), ...settings })}`

/** @param {number[]} values @param {number} share */
const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0

/** @param {number[][]} rows */
const medians = (rows) =>
  (rows[0] ?? []).map((_, column) =>
    quantile(
      rows.map((row) => row[column] ?? 0),
      0.5,
    ),
  )

const step = `Number(document.querySelector('[data-figure="step"]')?.innerText ?? 0)`

/** Scores of Lighthouse out of 100, on a phone or on a desk as it simulates them. @param {string} scene @param {boolean} desk */
async function scores(scene, desk) {
  const page = await browser.newPage()
  const result = await lighthouse(address(scene), { logLevel: 'error' }, desk ? desktopConfig : undefined, page)
  await page.close()
  return Object.values(result?.lhr.categories ?? {}).map(({ score }) => Math.round((score ?? 0) * 100))
}

/**
 * Milliseconds from navigation to the first step of all chains, and between the frames after it: their median, their 95th centile, and the
 * pictures drawn a second.
 *
 * @param {string} scene
 */
async function pictures(scene) {
  const page = await browser.newPage()
  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(address(scene), { waitUntil: 'domcontentloaded' })
  const first = await page.evaluate(`new Promise((resolve) => {
    const look = () => (${step} > 0 ? resolve(performance.now()) : setTimeout(look, 5))
    look()
  })`)
  if (options.trace && scene === '') await page.tracing.start({ path: options.trace })
  const { intervals, drawn } = /** @type {{ intervals: number[], drawn: number }} */ (
    await page.evaluate(`new Promise((resolve) => {
      const times = []
      let [drawn, last] = [0, 0]
      const note = (now) => {
        times.push(now)
        if (${step} !== last) drawn += 1
        last = ${step}
        const intervals = times.slice(1).map((time, k) => time - times[k])
        if (times.length > ${Number(options.frames)}) resolve({ intervals, drawn })
        else requestAnimationFrame(note)
      }
      requestAnimationFrame(note)
    })`)
  )
  if (options.trace && scene === '') await page.tracing.stop()
  await page.close()
  const seconds = intervals.reduce((sum, interval) => sum + interval, 0) / 1000
  return [Number(first), quantile(intervals, 0.5), quantile(intervals, 0.95), drawn / seconds]
}

/** What page and workers hold, warm and after the blocks. @param {string} scene */
async function memory(scene) {
  const warm = 2000
  const page = await browser.newPage()
  await speedUp(page)
  await page.goto(address(scene, { pace: '1', chains: options.chains ?? (scene === 'digits' ? '1' : '100') }))
  await page.waitForNetworkIdle({ idleTime: 3000 })
  await drawn(page, warm)
  const before = await held(page)
  const blocks = Number(options.blocks)
  let after = before
  // What a run that is cut short had come to is known, too.
  for (let part = 1; part <= PARTS; part++) {
    const reached = Math.round((blocks * part) / PARTS)
    await drawn(page, reached - Math.round((blocks * (part - 1)) / PARTS))
    after = await held(page)
    console.error(
      `${new Date().toISOString()} ${scene || 'double peak'} after ${reached}: ${mebibytes(after).join(' / ')}`,
    )
  }
  await page.close()
  return [before, after].flatMap(mebibytes)
}

/** @param {import('./long_run.mjs').Held} held */
const mebibytes = ({ heap, workerHeap, wasm }) => [heap, workerHeap, wasm].map((bytes) => (bytes / 2 ** 20).toFixed(2))

/** @param {string[]} heads @param {(scene: string) => Promise<(string | number)[]>} row */
async function table(heads, row) {
  const line = (/** @type {(string | number)[]} */ cells) => console.log(`| ${cells.join(' | ')} |`)
  line(['scene', ...heads, 'load'])
  console.log(`|${'---|'.repeat(heads.length + 2)}`)
  for (const scene of options.scenes.split(',')) {
    line([scene || 'double peak', ...(await row(scene)), (loadavg()[0] ?? 0).toFixed(1)])
  }
}

const runs = Array.from({ length: Number(options.runs) })
const short = (/** @type {number} */ value) => value.toFixed(value < 100 ? 1 : 0)
console.log(await browser.version())
const parts = options.only.split(',')
if (parts.includes('lighthouse')) {
  console.log('\nLighthouse: performance / accessibility / best practices / search, medians')
  await table(['phone', 'desk'], async (scene) => {
    const cells = []
    for (const desk of [false, true]) {
      const rows = []
      for (const _ of runs) rows.push(await scores(scene, desk))
      cells.push(medians(rows).join(' / '))
    }
    return cells
  })
}
if (parts.includes('pictures')) {
  console.log('\nMilliseconds, medians of runs')
  await table(['first samples', 'a frame: median', '95 %', 'pictures a second'], async (scene) => {
    const rows = []
    for (const _ of runs) rows.push(await pictures(scene))
    return medians(rows).map(short)
  })
}
if (parts.includes('memory')) {
  console.log(`\nMiB in use, warm and ${options.blocks} blocks later`)
  const kinds = ['page', 'workers’ JavaScript', 'largest wasm']
  const heads = [...kinds.map((kind) => `${kind}, warm`), ...kinds.map((kind) => `${kind}, later`)]
  await table(heads, async (scene) => memory(scene))
}
await browser.close()
site.close()
