// What Lighthouse says of each scene, but for its times, which are the machine's: measure.mjs prints those.
import lighthouse from 'lighthouse'
import { describe, expect, test } from 'vitest'
import { SCENES } from '../src/scenes/index.ts'
import { servedToChrome } from './chrome.ts'
import { executablePath } from './pages.ts'

describe.skipIf(executablePath === undefined)('Lighthouse', () => {
  const chrome = servedToChrome()

  test.each(SCENES.map(({ name }) => name))('scene %s: 95 or more for access, practice and search', async (name) => {
    const page = await chrome.browser.newPage()
    const onlyCategories = ['accessibility', 'best-practices', 'seo']
    const query = name === null ? '' : `?scene=${name}`
    const result = await lighthouse(chrome.site.address + query, { logLevel: 'error', onlyCategories }, undefined, page)
    await page.close()
    const scores = Object.fromEntries(
      Object.entries(result!.lhr.categories).map(([category, { score }]) => [category, score ?? 0]),
    )
    expect(Object.keys(scores).sort()).toEqual(onlyCategories)
    for (const score of Object.values(scores)) expect(score).toBeGreaterThanOrEqual(0.95)
  })
})
