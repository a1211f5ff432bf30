// A run in Chromium that goes on for thousands of pictures holds no more in the end than at the start, page and workers alike.
import { describe, expect, test } from 'vitest'
import { SCENES } from '../src/scenes/index.ts'
import { servedToChrome } from './chrome.ts'
import { drawn, held, speedUp } from './long_run.mjs'
import { executablePath } from './pages.ts'

/** Until code is compiled and caches are full. */
const WARM = 2000
const BLOCKS = 3000
/** Bytes of the page's heap: a float kept of each of 100 chains, picture by picture, would be more. */
const NOISE = 300_000

/** In the page: from now on the states of a hundred chains are kept with each picture. */
function leak(): void {
  const kept: Float32Array[] = []
  const original = globalThis.requestAnimationFrame
  globalThis.requestAnimationFrame = (callback) => {
    kept.push(new Float32Array(100))
    return original(callback)
  }
}

describe.skipIf(executablePath === undefined)('a long run', () => {
  const chrome = servedToChrome()

  async function growth(name: string | null, blocks: number, leaking = false) {
    const page = await chrome.browser.newPage()
    await speedUp(page)
    const chains = name === 'digits' ? 1 : 100
    await page.goto(`${chrome.site.address}?pace=1&chains=${chains}${name === null ? '' : `&scene=${name}`}`)
    // All that a page fetches of itself has come.
    await page.waitForNetworkIdle({ idleTime: 3000 })
    await drawn(page, WARM)
    const before = await held(page)
    if (leaking) await page.evaluate(leak)
    await drawn(page, blocks)
    const after = await held(page)
    await page.close()
    console.log(name, before, after)
    return { before, after }
  }

  test.each(SCENES.map(({ name }) => name))('of scene %s needs no more memory at its end', async (name) => {
    const { before, after } = await growth(name, BLOCKS)
    expect(before.wasm).toBeGreaterThan(0)
    expect(after.wasm).toBe(before.wasm)
    expect(after.heap - before.heap).toBeLessThan(NOISE)
    expect(after.workerHeap - before.workerHeap).toBeLessThan(NOISE)
    expect(after.nodes - before.nodes).toBeLessThan(100)
  })

  test('that keeps something of each picture is found out', async () => {
    const { before, after } = await growth(null, BLOCKS, true)
    expect(after.heap - before.heap).toBeGreaterThan(NOISE)
  })
})
