// docs/content-security-policy.md, line by line, in Chromium: what the policy's parts are for, and where the wasm may come from.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumFlags, findChromium } from '../engines/browsers.mjs'
import { makeConsumer } from '../engines/consumer.mjs'
import { type Site, serveFolder } from '../engines/site.mjs'
import { allowingImportMap, documentedPolicy } from './policy.ts'

const executablePath = findChromium()

/** Makes an engine as the query asks, and says what became of it. */
const program = `
import { createEngine } from 'langevin-rnn'

const address = new URL('/node_modules/langevin-rnn/wasm/langevin_rnn_wasm_bg.wasm', location.href)
const bytes = async () => (await import('./bytes.mjs')).bytes
const ways = {
  default: async () => undefined,
  url: async () => address,
  string: async () => address.pathname,
  bytes,
  module: async () => WebAssembly.compile(await bytes()),
}
try {
  const wasm = await ways[new URLSearchParams(location.search).get('wasm')]()
  const engine = await createEngine({ workers: 1, ...(wasm && { wasm }) })
  const network = await engine.train({ target: 'double-peak', units: 8, points: 1000, levels: 1 })
  const { shape } = await engine.sample(network, { chains: 10, steps: 2, dt: 0.05 })
  document.body.textContent = 'sampled ' + shape.join(' × ')
} catch (error) {
  document.body.textContent = error.name + ': ' + error.message
}
`

describe.skipIf(executablePath === undefined && !process.env['CI'])('in Chromium', () => {
  let consumer: Awaited<ReturnType<typeof makeConsumer>>
  let browser: Browser
  let policy: string
  beforeAll(async () => {
    consumer = await makeConsumer()
    browser = await chromium.launch({ executablePath: executablePath!, args: chromiumFlags })
    const page = await readFile(join(consumer.folder, 'page.html'), 'utf8')
    const html = page.replace('page.mjs', 'program.mjs').replace(/<body>.*<\/body>/, '<body></body>')
    policy = allowingImportMap(await documentedPolicy(), html)
    const wasm = await readFile(join(consumer.folder, 'node_modules/langevin-rnn/wasm/langevin_rnn_wasm_bg.wasm'))
    const bytes = `export const bytes = Uint8Array.from(atob('${wasm.toString('base64')}'), (c) => c.charCodeAt(0))\n`
    await writeFile(join(consumer.folder, 'program.html'), html)
    await writeFile(join(consumer.folder, 'program.mjs'), program)
    await writeFile(join(consumer.folder, 'bytes.mjs'), bytes)
  })
  afterAll(async () => {
    await browser?.close()
    await consumer?.remove()
  })

  async function textOf(site: Site, path: string): Promise<string | null> {
    const page = await browser.newPage()
    try {
      await page.goto(site.address + path)
      await page.waitForFunction(() => document.body?.textContent?.trim() !== '', undefined, { timeout: 20_000 })
      return await page.textContent('body')
    } finally {
      await page.close()
      site.close()
    }
  }

  const under = async (wanted: string, wasm = 'default') =>
    textOf(
      await serveFolder(consumer.folder, { headers: { 'content-security-policy': wanted } }),
      `program.html?wasm=${wasm}`,
    )
  const without = (directive: string) => policy.replace(new RegExp(`${directive}[^;]*; `), '')

  test.each(['default', 'url', 'string', 'bytes', 'module'])('under the policy, the wasm by %s', async (wasm) => {
    expect(await under(policy, wasm)).toBe('sampled 10 × 1 × 1')
  })

  test("without 'wasm-unsafe-eval' the engine says so", async () => {
    const less = policy.replace(" 'wasm-unsafe-eval'", '')
    expect(less).not.toBe(policy)
    expect(await under(less)).toMatch(/^WorkerError: the wasm could not be loaded: .*Content Security Policy/)
  })

  test('without connect-src the wasm has to be given', async () => {
    const less = without('connect-src')
    expect(less).not.toBe(policy)
    expect(await under(less)).toMatch(/^WorkerError: the wasm could not be loaded: /)
    expect(await under(less, 'bytes')).toBe('sampled 10 × 1 × 1')
    expect(await under(less, 'module')).toBe('sampled 10 × 1 × 1')
  })

  test("with worker-src 'none' the engine says so; with 'self' it works", async () => {
    expect(await under(`${policy}; worker-src 'none'`)).toMatch(/^WorkerError: a worker could not start: /)
    expect(await under(`${policy}; worker-src 'self'`)).toBe('sampled 10 × 1 × 1')
  })

  test('the program for Vite', async () => {
    const text = await readFile(new URL('../../docs/content-security-policy.md', import.meta.url), 'utf8')
    const code = text.match(/^```javascript\n([\s\S]*?)^```$/m)?.[1]
    const root = join(consumer.folder, 'documented')
    await mkdir(root)
    await writeFile(join(root, 'main.js'), code!)
    await writeFile(join(root, 'index.html'), '<script type="module" src="main.js"></script>')
    await build({ root, configFile: false, logLevel: 'error' })
    expect(await textOf(await serveFolder(join(root, 'dist')), '')).toBe('true')
  })
})
