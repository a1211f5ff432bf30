// The built page in a Chromium that is driven by its own protocol, for what measures it.
import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, beforeAll } from 'vitest'
import { chromiumFlags } from '../../test/engines/browsers.mjs'
import type { Site } from '../../test/engines/site.mjs'
import { executablePath } from './pages.ts'
import { serveSite } from './site.ts'

/** To be called in a `describe`: site and browser are there for its tests. */
export function servedToChrome(): { site: Site; browser: Browser } {
  const served = {} as { site: Site; browser: Browser }
  beforeAll(async () => {
    served.site = await serveSite()
    const options = { executablePath: executablePath!, headless: true, args: [...chromiumFlags] }
    served.browser = await puppeteer.launch(options)
  })
  afterAll(async () => {
    await served.browser?.close()
    served.site?.close()
  })
  return served
}
