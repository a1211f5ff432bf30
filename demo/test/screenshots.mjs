// Pictures of every scene at the step of its hash, wide and narrow, light and dark, from Chromium. Those that the README shows go to
// docs/images/demo; with --all whole pages of all kinds go to a folder, to be looked at.
//
//     node demo/test/screenshots.mjs [--all FOLDER] [--scenes NAME,…]
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../../test/engines/browsers.mjs'
import { serveFolder } from '../../test/engines/site.mjs'

const { values: options } = parseArgs({
  options: { all: { type: 'string' }, scenes: { type: 'string', default: ',draw,laplace,inside,brain,digits' } },
})
const here = dirname(fileURLToPath(import.meta.url))
const folder = options.all ?? join(here, '../../docs/images/demo')
mkdirSync(folder, { recursive: true })

const SIZES = { wide: { width: 1280, height: 1000 }, narrow: { width: 390, height: 844 } }
const kinds = /** @type {const} */ (['wide', 'narrow']).flatMap((size) =>
  /** @type {const} */ (['light', 'dark']).map((scheme) => ({ size, scheme })),
)
const shown = options.all ? kinds : kinds.filter(({ size, scheme }) => (size === 'wide') === (scheme === 'light'))

const site = await serveFolder(join(here, '../dist'))
const browser = await puppeteer.launch({ executablePath: findChromium(), headless: true, args: [...chromiumFlags] })
for (const scene of options.scenes.split(',')) {
  for (const { size, scheme } of shown) {
    const page = await browser.newPage()
    await page.setViewport({ ...SIZES[size], deviceScaleFactor: 1 })
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      // The run rests at the step of its hash.
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ])
    await page.goto(
      `${site.address}?${new URLSearchParams({ ...(scene && { scene }), pace: scene === 'laplace' ? '2' : '20' })}`,
    )
    await page.waitForFunction(
      `document.querySelector('[data-figure="hash"][title]') &&
        [...document.querySelectorAll('button')].some((button) => button.innerText === 'Run' && !button.disabled)`,
    )
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const path = join(folder, `${scene || 'double-peak'}-${size}-${scheme}.webp`)
    if (options.all) {
      await page.screenshot({ path: path.replace('.webp', '.png'), fullPage: true })
    } else {
      if (size === 'narrow') await page.evaluate(`document.querySelector('.card').scrollIntoView()`)
      await page.screenshot({ path: /** @type {`${string}.webp`} */ (path), type: 'webp', quality: 70 })
    }
    await page.close()
  }
}
await browser.close()
site.close()
