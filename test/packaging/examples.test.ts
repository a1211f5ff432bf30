// Each example as a new user runs it, beside nothing but the installed tarballs: first samples in under ten lines, one hash.
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumFlags, findChromium } from '../engines/browsers.mjs'
import { makeConsumer } from '../engines/consumer.mjs'
import { output } from '../engines/run.mjs'
import { type Site, serveFolder } from '../engines/site.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const executablePath = findChromium()
const noBrowser = executablePath === undefined && !process.env['CI']

let consumer: Awaited<ReturnType<typeof makeConsumer>>
let browser: Browser | undefined
/** What the example in Node prints last. */
let hash: string | undefined
beforeAll(async () => {
  consumer = await makeConsumer()
  await cp(join(root, 'examples'), join(consumer.folder, 'examples'), { recursive: true })
  const printed = await output([process.execPath, 'examples/node.mjs'], { cwd: consumer.folder })
  hash = printed.trim().split(' ').at(-1)
  if (!noBrowser) browser = await chromium.launch({ executablePath: executablePath!, args: chromiumFlags })
})
afterAll(async () => {
  await browser?.close()
  await consumer?.remove()
})

/** What the page says once it has its draws. */
async function textOf(site: Site, path: string): Promise<string | null> {
  const page = await browser!.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  try {
    await page.goto(site.address + path)
    await page.waitForFunction(() => !document.body.textContent?.startsWith('Training'))
    expect(complaints).toEqual([])
    return await page.textContent('body')
  } finally {
    await page.close()
    site.close()
  }
}

test('the script in Node', () => {
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
})

test.skipIf(noBrowser)('the page without a bundler', async () => {
  const text = await textOf(await serveFolder(consumer.folder), 'examples/page/index.html')
  expect(text).toBe(`5000 × 1 × 1 draws, ${hash}`)
})

test.skipIf(noBrowser)('the Vite app, by the command that its users call', async () => {
  const cwd = join(consumer.folder, 'examples/vite')
  await output([process.execPath, join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd })
  expect(await textOf(await serveFolder(join(cwd, 'dist')), '')).toBe(`5000 × 1 × 1 draws, ${hash}`)
})

/** What the example's notebook needs besides Vite and the packed tarball. */
async function installNotebook(cwd: string): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'))
  const names = Object.keys(dependencies).filter((name) => name !== 'langevin-rnn')
  const wanted = names.map((name) => `${name}@${dependencies[name]}`)
  // Set-up has left them in npm's cache.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--prefer-offline']
  await output(['npm', 'install', ...flags, ...wanted], { cwd: consumer.folder })
}

test.skipIf(noBrowser)('the notebook page: cells follow their inputs', async () => {
  const cwd = join(consumer.folder, 'examples/notebook')
  await installNotebook(cwd)
  await output([process.execPath, join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd })
  const site = await serveFolder(join(cwd, 'dist'))
  const page = await browser!.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  /** The hash, once it is there and another than `old`. */
  const hashAfter = async (old: string | undefined) => {
    const found = await page.waitForFunction((before) => {
      const text = document.querySelector('#result code')?.textContent
      return text !== before && /^[0-9a-f]{64}$/.test(text ?? '') ? text : undefined
    }, old)
    return (await found.jsonValue()) as string
  }
  const set = (name: string, value: string) => page.locator(`[id="viewof ${name}"] input[type=range]`).fill(value)
  try {
    await page.goto(site.address)
    expect(await hashAfter(undefined)).toBe(hash)
    const network = await page.textContent('#network')
    const bars = () => page.locator('#histogram g[aria-label=rect] rect').count()
    expect(await bars()).toBeGreaterThan(30)
    expect(await page.locator('#score g[aria-label=line] path').count()).toBe(2)
    await set('seed', '3')
    const other = await hashAfter(hash)
    // The network doesn't depend on the seed of its draws.
    expect(await page.textContent('#network')).toBe(network)
    await set('chains', '300')
    const fewer = await hashAfter(other)
    await set('dt', '0.1')
    const coarser = await hashAfter(fewer)
    await set('units', '8')
    await hashAfter(coarser)
    expect(await page.textContent('#network')).toContain('units: 8')
    expect(await page.textContent('#histogram')).toContain('t = 20.0 τ')
    expect(await page.locator('.observablehq--error').count()).toBe(0)
    expect(complaints).toEqual([])
  } finally {
    await page.close()
    site.close()
  }
})

test.each(['node.mjs', 'page/index.html', 'vite/main.js'])(
  '%s comes to its samples in under ten lines',
  async (name) => {
    const text = await readFile(join(root, 'examples', name), 'utf8')
    const code = text.match(/<script type="module">([\s\S]*?)<\/script>/)?.[1] ?? text
    const lines = code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//'))
    expect(lines.findIndex((line) => line.includes('engine.sample('))).toBeGreaterThan(0)
    expect(lines.length).toBeLessThan(10)
  },
)

test('the examples ask for the versions of this checkout', async () => {
  const json = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'))
  for (const name of ['vite', 'notebook']) {
    const example = await json(`examples/${name}/package.json`)
    expect(example.dependencies['langevin-rnn']).toBe((await json('ts/library/package.json')).version)
    expect(example.devDependencies.vite).toBe((await json('demo/package.json')).devDependencies.vite)
  }
  const notebook = (await json('examples/notebook/package.json')).dependencies
  const [ours, command] = [await json('package.json'), await json('ts/cli/package.json')]
  for (const [name, version] of Object.entries(notebook).filter(([name]) => name !== 'langevin-rnn')) {
    expect({ ...ours.devDependencies, ...command.dependencies }[name], name).toBe(version)
  }
})

test("the package's read-me has the example's import map", async () => {
  const mapOf = async (path: string) => {
    const text = await readFile(join(root, path), 'utf8')
    return JSON.parse(text.match(/<script type="importmap">([\s\S]*?)<\/script>/)![1]!)
  }
  expect(await mapOf('ts/library/README.md')).toEqual(await mapOf('examples/page/index.html'))
})
