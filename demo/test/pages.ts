// What the tests of every scene need: the built page in Chromium, what it complains of, its hashes, and axe.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createEngine, type Engine } from 'langevin-rnn'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { chromiumFlags, findChromium } from '../../test/engines/browsers.mjs'
import type { Site } from '../../test/engines/site.mjs'
import { serveSite } from './site.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const executablePath = findChromium()
if (executablePath === undefined) {
  const reason = 'no Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM'
  if (process.env['CI']) throw new Error(reason)
  console.warn(`The demo is not tested: ${reason}`)
}

export class Pages {
  /** Errors in the console, violations of the content policy, and requests that leave the origin, of the page opened last. */
  complaints: string[] = []
  engine!: Engine
  site!: Site
  #browser!: Browser
  #context: BrowserContext | undefined

  async start(): Promise<void> {
    ;[this.site, this.engine, this.#browser] = await Promise.all([
      serveSite(),
      createEngine({ workers: 1 }),
      chromium.launch({
        executablePath: executablePath!,
        args: chromiumFlags,
      }),
    ])
  }

  async stop(): Promise<void> {
    this.site?.close()
    await this.engine?.dispose()
    await this.#browser?.close()
  }

  /** @param query of the address; @param prepare before the page is loaded */
  async open(
    query = '',
    options: BrowserContextOptions = {},
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<Page> {
    await this.close()
    this.#context = await this.#browser.newContext(options)
    const page = await this.#context.newPage()
    this.complaints = []
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (protocol !== 'blob:' && origin !== new URL(this.site.address).origin) {
        this.complaints.push(`request to ${request.url()}`)
      }
    })
    await prepare?.(page)
    await page.goto(this.site.address + query)
    return page
  }

  setOffline(offline: boolean): Promise<void> {
    return this.#context!.setOffline(offline)
  }

  /** For good. */
  cutServer(): void {
    this.site.close()
  }

  async close(): Promise<void> {
    await this.#context?.close()
    this.#context = undefined
  }
}

export const click = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Waits until all circuits of the run that shows now have a hash, and gives them in order. */
export async function hashesOf(page: Page, circuits: number): Promise<string[]> {
  const hashes = page.locator('[data-figure="hash"][title]')
  await expect.poll(() => hashes.count(), { timeout: 60_000 }).toBe(circuits)
  return hashes.evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title))
}

export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }
    interface Violation {
      id: string
      nodes: { html: string; failureSummary: string }[]
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
  })
}

/** No violation and nothing beyond the edge, light and dark, wide and narrow. */
export async function axeEverywhere(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      expect(await axeViolations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  }
}
