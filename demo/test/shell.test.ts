// The frame around the scenes in Chromium: navigation, links, frames in other pages, files to save, and how much is transferred.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { drawsFromNpz, networkFromSafetensors } from 'langevin-rnn'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SCENES } from '../src/scenes/index.ts'
import { axeEverywhere, click, executablePath, hashesOf, Pages } from './pages.ts'

/** Compressed bytes that a first visit to the first scene may cost. */
const MOST_TRANSFERRED = 400_000

describe.skipIf(executablePath === undefined)('the frame around the scenes', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  const heading = (page: Page) => page.locator('#scene-title').innerText()
  const scene = (page: Page, name: string) => page.getByRole('link', { name, exact: true })

  /** Saves the first circuit's file of a name. */
  async function saved(page: Page, name: string): Promise<Buffer> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-architecture="reservoir-sampler"]').getByRole('button', { name, exact: true }).click(),
    ])
    expect(download.suggestedFilename()).toBe(`reservoir-sampler-${name}`)
    return readFileSync(await download.path())
  }

  test('the first scene transfers less than its budget, and no other scene', async () => {
    const bodies = new Map<string, Promise<Buffer>>()
    const page = await pages.open('?pace=20', { serviceWorkers: 'block' }, async (opening) => {
      opening.context().on('response', (response) => bodies.set(response.url(), response.body()))
    })
    await hashesOf(page, 3)
    // The figures to save come after the first picture.
    const figures = () => [...bodies.keys()].some((url) => url.includes('figures-'))
    await expect.poll(figures, { timeout: 20_000 }).toBe(true)
    const names = [...bodies.keys()]
    expect(names.some((url) => url.endsWith('.wasm'))).toBe(true)
    expect(names.filter((url) => url.includes('DrawYourOwn'))).toEqual([])
    const sizes = await Promise.all([...bodies.values()].map(async (body) => gzipSync(await body, { level: 9 }).length))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    console.log(`first scene: ${total} bytes gzipped in ${sizes.length} files`)
    expect(total).toBeLessThanOrEqual(MOST_TRANSFERRED)
  })

  test.each([
    [1280, 900],
    [768, 1024],
  ])('nothing that shows moves while a scene is made, %i × %i', async (width, height) => {
    for (const { name } of SCENES) {
      const query = `?${new URLSearchParams({ ...(name && { scene: name }), pace: '20' })}`
      const page = await pages.open(query, { viewport: { width, height } }, (opening) =>
        opening.addInitScript(`{
          globalThis.moved = 0
          const add = (list) => list.getEntries().forEach(({ value }) => { moved += value })
          new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true })
        }`),
      )
      const step = page.locator('[data-figure="step"]')
      await expect.poll(async () => Number(await step.innerText()), { timeout: 20_000 }).toBeGreaterThan(0)
      // A card whose place had not been kept moved 0.03 and more.
      expect(await page.evaluate('moved'), name ?? 'double peak').toBeLessThan(0.01)
    }
  })

  test('scenes by link, by address, and by the browser’s buttons', async () => {
    const page = await pages.open('?pace=20')
    expect(await heading(page)).toBe('The double peak')
    expect(await scene(page, 'The double peak').getAttribute('aria-current')).toBe('page')
    const first = await hashesOf(page, 3)
    await scene(page, 'Draw your own').focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => heading(page)).toBe('Draw your own')
    expect(await page.title()).toBe('Draw your own · langevin-rnn')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('scene')
    expect(new URL(page.url()).searchParams.get('scene')).toBe('draw')
    await hashesOf(page, 2)
    await page.goBack()
    await expect.poll(() => heading(page)).toBe('The double peak')
    expect(await hashesOf(page, 3)).toEqual(first)
    await page.goForward()
    await expect.poll(() => heading(page)).toBe('Draw your own')
    await hashesOf(page, 2)
    expect(pages.complaints).toEqual([])
  })

  test('a scene that is not there is named', async () => {
    const page = await pages.open('?scene=nowhere')
    expect(await page.getByRole('alert').innerText()).toContain('nowhere')
    await scene(page, 'The double peak').click()
    await expect.poll(() => heading(page)).toBe('The double peak')
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('in a frame of another page: figures and controls alone, the link to the whole, the same bits', async () => {
    const query = 'seed=3&chains=1000&dt=0.05&integrator=leimkuhler-matthews&pace=20&units=32&noise=0.1'
    let page = await pages.open(`?embed&${query}`)
    const hashes = await hashesOf(page, 3)
    expect(await page.locator('header.top, footer, .prose, .exact').count()).toBe(0)
    await axeEverywhere(page)
    expect(new URL(page.url()).search).toBe(`?embed&${query}`)
    const whole = await page.getByRole('link', { name: 'Open in a page of its own' }).getAttribute('href')
    expect(whole).toBe(`${pages.site.address}?${query}`)
    page = await pages.open(`?${query}`)
    expect(await hashesOf(page, 3)).toEqual(hashes)
    expect(await page.getByLabel('Link to this picture, to the bit', { exact: true }).inputValue()).toBe(whole)
    expect(await page.getByLabel('To put it into another page', { exact: true }).inputValue()).toContain(
      '?embed&amp;seed=3&amp;',
    )
    await click(page, 'Copy: Link to this picture, to the bit')
    await expect.poll(() => page.locator('.share [role="status"]').innerText()).toMatch(/Copied|selected/)
    expect(pages.complaints).toEqual([])
  })

  test('saves the figure, the draws and the network', async () => {
    const page = await pages.open('?pace=20&chains=1000')
    await hashesOf(page, 3)
    await click(page, 'Pause')
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    const svg = (await saved(page, 'figure.svg')).toString()
    expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(svg).not.toContain('class=')
    expect(svg.match(/stroke-width/g)!.length).toBeGreaterThan(20)
    // The bars, which lie in a layer of their own on the page.
    expect(svg).toContain('fill="rgb(159, 211, 242)"')
    const png = await saved(page, 'figure.png')
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.length).toBeGreaterThan(20_000)

    const draws = drawsFromNpz(await saved(page, 'draws.npz'))
    expect(draws.shape).toEqual([1000, 1, 1])
    const network = networkFromSafetensors(await saved(page, 'network.safetensors'))
    expect(network.provenance?.seed).toBe(1)
    const trained = await pages.engine.train({
      target: 'double-peak',
      seed: 1,
      ...(await import('langevin-rnn/experiments')).doublePeakPreset('quick', 'reservoir-sampler').train,
    })
    expect(network.tensors).toEqual(trained.tensors)
    expect(pages.complaints).toEqual([])
  })
})
