// How good the built page is on this machine: Lighthouse, time to the first samples, frame times, memory over a long run, scene by
// scene in Chromium. Prints a table, asserts nothing: times are the machine's.
//
//     node demo/test/measure.mjs [--frames COUNT] [--blocks COUNT] [--trace FILE.json] [--scenes NAME,…]
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import lighthouse, { desktopConfig } from 'lighthouse'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../../test/engines/browsers.mjs'
import { serveFolder } from '../../test/engines/site.mjs'

const { values: options } = parseArgs({
  options: {
    // Ten seconds of pictures at 60 a second.
    frames: { type: 'string', default: '600' },
    // Two hours at 60 a second would be 432000.
    blocks: { type: 'string', default: '3000' },
    trace: { type: 'string' },
    scenes: { type: 'string', default: scenes().join(',') },
  },
})

/** Names in the address, as src/scenes/list.ts has them; the first scene's is empty. */
function scenes() {
  const source = readFileSync(new URL('../src/scenes/list.ts', import.meta.url), 'utf8')
  return [...source.matchAll(/name: (?:null|'([a-z-]+)')/g)].map(([, name]) => name ?? '')
}

/** Of a long run: where memory is looked at. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 1]

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist')
const site = await serveFolder(dist, { compressed: true })
const browser = await puppeteer.launch({ executablePath: findChromium(), headless: true, args: [...chromiumFlags] })

/** @param {string} scene @param {Record<string, string>} [settings] */
const address = (scene, settings = {}) =>
  `${site.address}?${new URLSearchParams({ ...(scene && { scene }), ...settings })}`

/** @param {number[]} values @param {number} share */
const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0

const step = `Number(document.querySelector('[data-figure="step"]')?.innerText ?? 0)`

/** Scores of Lighthouse out of 100, on a phone and on a desk as it simulates them. @param {string} scene */
async function scores(scene) {
  const page = await browser.newPage()
  const all = []
  for (const config of [undefined, desktopConfig]) {
    const result = await lighthouse(address(scene), { logLevel: 'error' }, config, page)
    const categories = Object.values(result?.lhr.categories ?? {})
    all.push(categories.map(({ score }) => Math.round((score ?? 0) * 100)).join(' / '))
  }
  await page.close()
  return { phone: all[0], desk: all[1] }
}

/** Milliseconds from navigation to the first step of all chains; intervals between pictures after it. @param {string} scene */
async function pictures(scene) {
  const page = await browser.newPage()
  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(address(scene), { waitUntil: 'domcontentloaded' })
  const first = await page.evaluate(`new Promise((resolve) => {
    const look = () => (${step} > 0 ? resolve(performance.now()) : setTimeout(look, 5))
    look()
  })`)
  if (options.trace && scene === '') await page.tracing.start({ path: options.trace })
  const intervals = /** @type {number[]} */ (
    await page.evaluate(`new Promise((resolve) => {
      const times = []
      const note = (now) => {
        times.push(now)
        if (times.length > ${Number(options.frames)}) resolve(times.slice(1).map((time, k) => time - times[k]))
        else requestAnimationFrame(note)
      }
      requestAnimationFrame(note)
    })`)
  )
  if (options.trace && scene === '') await page.tracing.stop()
  await page.close()
  return { first: Number(first), median: quantile(intervals, 0.5), most: quantile(intervals, 0.95) }
}

/** MiB that the page's process, workers included, holds, at SHARES of the blocks. @param {string} scene */
async function memory(scene) {
  const page = await browser.newPage()
  // Pictures as fast as they can be made: a speeded clock.
  await page.evaluateOnNewDocument(() => {
    const { port1, port2 } = new MessageChannel()
    /** @type {FrameRequestCallback[]} */
    let waiting = []
    port1.onmessage = () => {
      const now = waiting
      waiting = []
      for (const callback of now) callback(performance.now())
    }
    globalThis.requestAnimationFrame = (callback) => {
      port2.postMessage(null)
      return waiting.push(callback)
    }
  })
  await page.goto(address(scene, { pace: '1', chains: '1000' }))
  const session = await page.createCDPSession()
  const blocks = Number(options.blocks)
  /** A page rests after a while; whoever stays presses Run. @param {number} to */
  const reach = (to) =>
    page.waitForFunction(
      `(() => {
        const run = [...document.querySelectorAll('button')].find((button) => button.innerText === 'Run')
        run?.click()
        return ${step} >= ${to}
      })()`,
      { timeout: 0, polling: 200 },
    )
  const held = async () => {
    await session.send('HeapProfiler.collectGarbage')
    const { processInfo } = await (await browser.target().createCDPSession()).send('SystemInfo.getProcessInfo')
    const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id))
    return Math.max(...sizes) / 2 ** 20
  }
  const sizes = []
  for (const share of SHARES) {
    await reach(blocks * share)
    sizes.push(await held())
  }
  await page.close()
  return sizes
}

/** @param {number} id of a process */
function residentBytes(id) {
  if (!readdirSync('/proc').includes(String(id))) return 0
  const pages = Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1])
  return pages * 4096
}

console.log(`${await browser.version()}; Lighthouse: performance / accessibility / best practices / search`)
const held = SHARES.map((share) => `MiB after ${Math.round(share * Number(options.blocks))} blocks`)
const heads = ['scene', 'Lighthouse, phone', 'desk', 'first samples, ms', 'a picture, ms: median', '95 %', ...held]
console.log(`| ${heads.join(' | ')} |`)
console.log(`|${'---|'.repeat(heads.length)}`)
for (const scene of options.scenes.split(',')) {
  const { phone, desk } = await scores(scene)
  const { first, median, most } = await pictures(scene)
  const sizes = await memory(scene)
  const numbers = [first, median, most, ...sizes].map((value) => value.toFixed(value < 100 ? 1 : 0))
  console.log(`| ${[scene || 'double peak', phone, desk, ...numbers].join(' | ')} |`)
}
await browser.close()
site.close()
