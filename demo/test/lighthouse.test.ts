// What Lighthouse says of each scene, but for its times, which are the machine's: measure.mjs prints those.
import lighthouse from 'lighthouse'
import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumFlags } from '../../test/engines/browsers.mjs'
import type { Site } from '../../test/engines/site.mjs'
import { SCENES } from '../src/scenes/index.ts'
import { executablePath } from './pages.ts'
import { serveSite } from './site.ts'

describe.skipIf(executablePath === undefined)('Lighthouse', () => {
  let site: Site
  let browser: Browser
  beforeAll(async () => {
    site = await serveSite()
    browser = await puppeteer.launch({ executablePath: executablePath!, headless: true, args: [...chromiumFlags] })
  })
  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  test.each(SCENES.map(({ name }) => name))('scene %s: 95 or more for access, practice and search', async (name) => {
    const page = await browser.newPage()
    const onlyCategories = ['accessibility', 'best-practices', 'seo']
    const query = name === null ? '' : `?scene=${name}`
    const result = await lighthouse(site.address + query, { logLevel: 'error', onlyCategories }, undefined, page)
    await page.close()
    const scores = Object.fromEntries(
      Object.entries(result!.lhr.categories).map(([category, { score }]) => [category, score ?? 0]),
    )
    expect(Object.keys(scores).sort()).toEqual(onlyCategories)
    for (const score of Object.values(scores)) expect(score).toBeGreaterThanOrEqual(0.95)
  })
})
