// The example page without a bundler, in Chromium: it samples, and gives the bits of the example in Node.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { findChromium, serveFolder } from '../../demo/test/site.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const executablePath = findChromium()

test.skipIf(executablePath === undefined && !process.env['CI'])(
  'a plain page gives the draws that Node gives',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-page-'))
    const site = await serveFolder(root, '/')
    const browser = await chromium.launch({
      executablePath: executablePath!,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(`${site.address}examples/page/index.html`)
      await page.waitForFunction(() => !document.querySelector('#result')?.textContent?.startsWith('Training'))
      const shown = await page.textContent('#result')
      const node = await promisify(execFile)(process.execPath, [
        join(root, 'examples/node.mjs'),
        join(folder, 'draws.npz'),
      ])
      const hash = node.stdout.trim().split(' ').at(-1)
      expect(complaints).toEqual([])
      expect(shown).toBe(`5000 × 1 × 1 draws, ${hash}`)
    } finally {
      await browser.close()
      site.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
)
