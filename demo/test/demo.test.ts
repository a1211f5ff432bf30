// The built page's first scene in Chromium: it trains, samples, gives the bits that Node gives, obeys its controls, and works offline.
import { readFileSync } from 'node:fs'
import type { Architecture } from 'langevin-rnn'
import { doublePeakPreset, reproduceDoublePeak } from 'langevin-rnn/experiments'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { axeEverywhere, axeViolations, click, executablePath, hashesOf, Pages } from './pages.ts'

const ARCHITECTURES: readonly Architecture[] = ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']

describe.skipIf(executablePath === undefined)('the double peak in Chromium', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  const card = (page: Page, architecture: Architecture) => page.locator(`[data-architecture="${architecture}"]`)
  const shown = (page: Page, architecture: Architecture, figure: string) =>
    card(page, architecture).locator(`[data-figure="${figure}"]`).innerText()
  const step = async (page: Page) => Number(await page.locator('[data-figure="step"]').innerText())
  const hashesAtLastStep = (page: Page) => hashesOf(page, 3)

  /** The hashes of the draws that the button gives. */
  async function exactHashes(page: Page): Promise<(string | null)[]> {
    await click(page, 'Run the quick preset exactly')
    await page.locator('[data-hash]').nth(2).waitFor({ timeout: 60_000 })
    return Promise.all(ARCHITECTURES.map((name) => page.locator(`[data-hash="${name}"]`).textContent()))
  }

  async function hashesInNode(seed: number): Promise<(string | undefined)[]> {
    const { manifest } = await reproduceDoublePeak(pages.engine, { preset: 'quick', seed })
    return ARCHITECTURES.map((name) => manifest.arrays[`${name}/draws`]?.sha256)
  }

  test('trains, samples, and judges: two peaks with a reservoir, one without', async () => {
    const page = await pages.open('?pace=5')
    await hashesAtLastStep(page)
    await click(page, 'Pause')
    await expect.poll(() => page.getByRole('status').first().innerText()).toBe('Paused.')
    expect(await Promise.all(ARCHITECTURES.map((name) => shown(page, name, 'modes')))).toEqual(['2', '1', '1'])
    expect(await shown(page, 'reservoir-sampler', 'confined')).toBe('yes')
    const [reservoir, rate, current] = await Promise.all(
      ARCHITECTURES.map(async (name) => Number(await shown(page, name, 'wasserstein'))),
    )
    expect(reservoir).toBeGreaterThan(0)
    expect(reservoir).toBeLessThan(0.06)
    expect(rate).toBeGreaterThan(0.15)
    expect(current).toBeGreaterThan(0.15)
    expect(Number(await shown(page, 'reservoir-sampler', 'fisher'))).toBeLessThan(0.02)
    for (const name of ARCHITECTURES) {
      expect(await card(page, name).locator('figure path.bars').getAttribute('d')).toMatch(/^M.*Z$/)
      expect(await card(page, name).locator('figure path.score').count()).toBe(1)
      expect(await card(page, name).locator('figure path.truth').count()).toBe(2)
    }
    expect(pages.complaints).toEqual([])
  })

  test('gives the very bits that Node gives, live and by the button', async () => {
    const expected = await hashesInNode(1)
    const page = await pages.open('?seed=1&pace=20')
    expect(await hashesAtLastStep(page)).toEqual(expected)
    expect(await exactHashes(page)).toEqual(expected)
    expect(await page.locator('.exact td', { hasText: /^equal$/ }).count()).toBe(3)

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'manifest.json' }).click(),
    ])
    const { manifest } = await reproduceDoublePeak(pages.engine, { preset: 'quick', seed: 1 })
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(JSON.parse(JSON.stringify(manifest)))
    expect(await page.getByRole('link', { name: 'draws.svg' }).count()).toBe(1)
    expect(pages.complaints).toEqual([])
  })

  test('a link restores its settings, to the bit', async () => {
    const query = '?seed=7&chains=1000&dt=0.1&integrator=euler-maruyama&pace=20'
    const page = await pages.open(query)
    expect(await page.getByLabel('Seed').inputValue()).toBe('7')
    expect(await page.getByLabel('Chains', { exact: true }).inputValue()).toBe('1000')
    expect(await page.getByLabel('Time step').inputValue()).toBe('0.1')
    expect(await page.getByLabel('Integrator').inputValue()).toBe('euler-maruyama')
    const { train, sample } = doublePeakPreset('quick', 'reservoir-sampler')
    const network = await pages.engine.train({ target: 'double-peak', seed: 7, ...train })
    const draws = await pages.engine.sample(network, {
      ...sample,
      seed: 7,
      chains: 1000,
      dt: 0.1,
      integrator: 'euler-maruyama',
    })
    expect((await hashesAtLastStep(page))[0]).toBe(draws.hash)

    await page.getByLabel('Chains', { exact: true }).fill('2000')
    await page.keyboard.press('Tab')
    // What a link leaves out has its default.
    expect(new URL(page.url()).search).toBe(`${query.replace('1000', '2000')}&units=64&noise=0.05`)
    await page.getByLabel('Integrator').selectOption('exponential-euler')
    expect(new URL(page.url()).searchParams.get('integrator')).toBe('exponential-euler')
    const again = await pages.engine.sample(network, {
      ...sample,
      seed: 7,
      chains: 2000,
      dt: 0.1,
      integrator: 'exponential-euler',
    })
    expect((await hashesAtLastStep(page))[0]).toBe(again.hash)
    expect(pages.complaints).toEqual([])
  })

  test('units and noise are the visitor’s: the networks are trained anew', async () => {
    const page = await pages.open('?pace=20&chains=1000')
    await hashesAtLastStep(page)
    await page.getByLabel('Units m').fill('8')
    await page.keyboard.press('Tab')
    await page.getByLabel('Noise σ').fill('0.2')
    await page.keyboard.press('Tab')
    const expected: string[] = []
    for (const architecture of ARCHITECTURES) {
      const { train, sample } = doublePeakPreset('quick', architecture)
      const own = { ...train, noiseMin: 0.2, ...(architecture === 'reservoir-sampler' && { units: 8 }) }
      const network = await pages.engine.train({ target: 'double-peak', architecture, seed: 1, ...own })
      expected.push((await pages.engine.sample(network, { ...sample, seed: 1, chains: 1000 })).hash)
    }
    await expect.poll(() => hashesAtLastStep(page), { timeout: 60_000 }).toEqual(expected)
    expect(await card(page, 'reservoir-sampler').locator('.about').innerText()).toContain('8 reservoir units')
    const link = page.url()
    expect(new URL(link).search).toContain('&units=8&noise=0.2')
    const again = await pages.open(new URL(link).search)
    expect(await hashesAtLastStep(again)).toEqual(expected)
    expect(pages.complaints).toEqual([])
  })

  test('pause, step, reset and run act; the same seed gives the same run', async () => {
    const page = await pages.open('?pace=20')
    const first = await hashesAtLastStep(page)
    await click(page, 'Pause')
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    await page.waitForTimeout(300)
    const paused = await step(page)
    await click(page, 'Step')
    await expect.poll(() => step(page)).toBe(paused + 1)
    await page.waitForTimeout(300)
    expect(await step(page)).toBe(paused + 1)
    await click(page, 'Reset')
    await expect.poll(() => step(page)).toBe(0)
    // By keyboard.
    await page.getByRole('button', { name: 'Run', exact: true }).focus()
    await page.keyboard.press('Enter')
    expect(await hashesAtLastStep(page)).toEqual(first)
    await click(page, 'Next seed')
    await expect.poll(() => page.getByLabel('Seed').inputValue()).toBe('2')
    expect(await hashesAtLastStep(page)).toEqual(await hashesInNode(2))
    expect(pages.complaints).toEqual([])
  })

  test('a number out of bounds is named and not taken; so is a senseless address', async () => {
    const page = await pages.open('?chains=many&pace=20')
    expect(await page.getByRole('alert').innerText()).toContain('chains = many')
    await hashesAtLastStep(page)
    const dt = page.getByLabel('Time step')
    await dt.fill('-1')
    await page.keyboard.press('Tab')
    expect(await page.locator('#refused-dt').innerText()).toContain('from 0.001 to 1')
    expect(await dt.getAttribute('aria-invalid')).toBe('true')
    expect(new URL(page.url()).searchParams.get('dt')).toBe('0.05')
    await dt.fill('0.1')
    await page.keyboard.press('Tab')
    await expect.poll(() => page.locator('#refused-dt').count()).toBe(0)
    await hashesAtLastStep(page)
    expect(pages.complaints).toEqual([])
  })

  test('axe finds nothing, light or dark, wide or narrow', async () => {
    const page = await pages.open('?pace=20')
    await hashesAtLastStep(page)
    await exactHashes(page)
    await click(page, 'Pause')
    await axeEverywhere(page)
  })

  test('less motion: few pictures, and a rest at the last step', async () => {
    const page = await pages.open('?pace=20', { reducedMotion: 'reduce' })
    await hashesAtLastStep(page)
    await expect.poll(() => page.getByRole('status').first().innerText()).toContain('Paused to save power')
    expect(await step(page)).toBe(400)
    await click(page, 'Next seed')
    expect(await hashesAtLastStep(page)).toEqual(await hashesInNode(2))
  })

  test('works with the network cut after load, without a service worker', async () => {
    const page = await pages.open('?pace=20', { serviceWorkers: 'block' })
    await hashesAtLastStep(page)
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /figures-/.test(name)))
    await pages.setOffline(true)
    await click(page, 'Next seed')
    const expected = await hashesInNode(2)
    expect(await hashesAtLastStep(page)).toEqual(expected)
    expect(await exactHashes(page)).toEqual(expected)
    await page.getByRole('link', { name: 'score.svg' }).waitFor()
    await click(page, 'Reset')
    expect(await hashesAtLastStep(page)).toEqual(expected)
  })

  test('what goes wrong is said in the page, with what to do', async () => {
    let page = await pages.open('', {}, (p) => p.addInitScript(() => Reflect.deleteProperty(globalThis, 'Worker')))
    expect(await page.getByRole('alert').innerText()).toContain('no web workers')
    await pages.close()
    page = await pages.open('', {}, (p) => p.addInitScript(() => Object.assign(WebAssembly, { validate: () => false })))
    expect(await page.getByRole('alert').innerText()).toContain('no SIMD')
    expect(await axeViolations(page)).toEqual([])
    await pages.close()
    page = await pages.open('?pace=20', { serviceWorkers: 'block' }, (p) =>
      p.route('**/*.wasm', (route) => route.abort()),
    )
    expect(await page.getByRole('alert').innerText()).toContain('The engine could not work')
    await page.unroute('**/*.wasm')
    await click(page, 'Try again')
    await hashesAtLastStep(page)
  })

  // Last, since it takes the server away.
  test('works with the network and the server gone: another seed, a reload, the preset', async () => {
    const page = await pages.open('?pace=20')
    await hashesAtLastStep(page)
    await page.locator('[data-offline="true"]').waitFor({ timeout: 60_000 })
    await pages.setOffline(true)
    pages.cutServer()
    await click(page, 'Next seed')
    const expected = await hashesInNode(2)
    expect(await hashesAtLastStep(page)).toEqual(expected)
    await page.reload()
    expect(await page.getByLabel('Seed').inputValue()).toBe('2')
    expect(await hashesAtLastStep(page)).toEqual(expected)
    expect(await exactHashes(page)).toEqual(expected)
    await page.getByRole('link', { name: 'draws.svg' }).waitFor()
    expect(pages.complaints).toEqual([])
  })
})
