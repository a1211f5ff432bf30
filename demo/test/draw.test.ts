// The scene of one's own density in Chromium: drawn by mouse, touch and keyboard, read from a file, learned, restored by a link.
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lawOf } from '../src/scenes/draw/drawing.ts'
import { experiment, fromAddress } from '../src/scenes/draw/settings.ts'
import { axeEverywhere, click, executablePath, hashesOf, Pages } from './pages.ts'

const PATIENCE = { timeout: 60_000 }

describe.skipIf(executablePath === undefined)('draw your own in Chromium', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  const open = (query = '', options = {}) => pages.open(`?scene=draw&pace=20${query}`, options)
  const settings = (page: Page) => fromAddress(new URL(page.url()).search).settings
  const shown = async (page: Page, architecture: string, figure: string) =>
    page.locator(`[data-architecture="${architecture}"] [data-figure="${figure}"]`).innerText()

  /** What Node makes of an address: the hashes of its draws after the last step. */
  async function hashesInNode(address: string): Promise<string[]> {
    const { settings } = fromAddress(new URL(address).search)
    const plan = experiment.plan(settings, 0)!
    const { seed, chains, dt, integrator } = settings
    const hashes: string[] = []
    for (const { architecture } of experiment.circuits) {
      const training = plan.training(architecture)
      const network = await pages.engine.train({ target: plan.target, architecture, seed, ...training })
      const { start, antithetic } = plan
      const steps = experiment.lastStep
      const draws = await pages.engine.sample(network, { seed, chains, dt, integrator, start, antithetic, steps })
      hashes.push(draws.hash)
    }
    return hashes
  }

  /** A share of the pad's width and height. */
  type Share = readonly [across: number, down: number]

  /** From shares of the pad to the window, the pad in sight. */
  async function placer(page: Page) {
    await page.locator('.pad').scrollIntoViewIfNeeded()
    const box = (await page.locator('.pad .paper').boundingBox())!
    return ([across, down]: Share) => [box.x + across * box.width, box.y + down * box.height] as const
  }

  async function tap(page: Page, share: Share): Promise<void> {
    const at = await placer(page)
    await page.touchscreen.tap(...at(share))
  }

  async function drag(page: Page, from: Share, to: Share): Promise<void> {
    const at = await placer(page)
    await page.mouse.move(...at(from))
    await page.mouse.down()
    await page.mouse.move(...at(to), { steps: 6 })
    await page.mouse.up()
  }

  /** The hashes of the run that follows a change: not those that showed before it. */
  async function hashesAfter(page: Page, before: readonly string[]): Promise<string[]> {
    await expect.poll(async () => (await hashesOf(page, 2))[0], PATIENCE).not.toBe(before[0])
    return hashesOf(page, 2)
  }

  test('a curve: learned with a reservoir, missed without; the bits that Node has', async () => {
    const page = await open()
    const hashes = await hashesOf(page, 2)
    expect(await shown(page, 'reservoir-sampler', 'modes')).toBe('3')
    expect(await shown(page, 'sampler-only-rate', 'modes')).toBe('1')
    expect(await shown(page, 'reservoir-sampler', 'confined')).toBe('yes')
    expect(Number(await shown(page, 'reservoir-sampler', 'law-wasserstein'))).toBeLessThan(0.06)
    expect(Number(await shown(page, 'sampler-only-rate', 'law-wasserstein'))).toBeGreaterThan(0.2)
    expect(hashes).toEqual(await hashesInNode(page.url()))
    expect(pages.complaints).toEqual([])
  })

  test('drawn by mouse and by keyboard; a link restores drawing and bits', async () => {
    let page = await open('&chains=1000')
    const first = await hashesOf(page, 2)
    await click(page, 'Clear')
    await expect.poll(() => page.getByRole('status').first().innerText()).toContain('Nothing is drawn')
    expect(lawOf(settings(page).drawing)).toBeNull()
    await drag(page, [0.2, 0.3], [0.45, 0.9])
    await hashesAfter(page, first)
    const drawn = settings(page).drawing.heights
    // The stroke went from the left and high to the middle and low.
    expect(Math.max(...drawn)).toBe(drawn[3])
    expect(drawn[3]).toBeGreaterThan(drawn[8]!)
    expect(drawn.slice(13).every((height) => height === 0)).toBe(true)

    const slider = page.getByRole('slider', { name: 'Height at x = 0.0' })
    await slider.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('PageUp')
    expect(await slider.getAttribute('aria-valuenow')).toBe('63')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Height at x = 0.2')
    await expect.poll(() => settings(page).drawing.heights[12]).toBe(63)
    await expect.poll(() => settings(page).drawing.heights[13]).toBe(drawn[13]! + 12)
    await page.waitForTimeout(500)
    const hashes = await hashesOf(page, 2)
    const link = page.url()
    page = await pages.open(new URL(link).search)
    expect(await hashesOf(page, 2)).toEqual(hashes)
    expect(page.url()).toBe(link)
    expect(hashes).toEqual(await hashesInNode(link))
    expect(pages.complaints).toEqual([])
  })

  test('painted by touch and by keyboard, in two dimensions', async () => {
    const page = await open('&chains=1000', { hasTouch: true, viewport: { width: 360, height: 800 } })
    const first = await hashesOf(page, 2)
    await page.getByLabel('Painting, two outputs').check()
    const ring = await hashesAfter(page, first)
    expect(await page.getByLabel('Units m').inputValue()).toBe('256')
    expect(Number(await shown(page, 'reservoir-sampler', 'fisher'))).toBeLessThan(4)
    expect(Number(await shown(page, 'sampler-only-rate', 'fisher'))).toBeGreaterThan(8)
    expect(ring).toEqual(await hashesInNode(page.url()))

    await click(page, 'Clear')
    await expect.poll(() => lawOf(settings(page).drawing)).toBeNull()
    await tap(page, [0.25, 0.25])
    await expect.poll(() => settings(page).drawing.heights.some((height) => height === 7)).toBe(true)
    const painted = settings(page).drawing.heights
    const highest = painted.indexOf(7)
    expect(highest % 20).toBeLessThan(8)
    expect(Math.floor(highest / 20)).toBeGreaterThan(11)
    await page.locator('.pad').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('5')
    await expect.poll(() => settings(page).drawing.heights[11 * 20 + 11]).toBe(5)
    await page.keyboard.press('Delete')
    await expect.poll(() => settings(page).drawing.heights[11 * 20 + 11]).toBe(0)
    await click(page, 'Eraser')
    await tap(page, [0.25, 0.25])
    await expect.poll(() => settings(page).drawing.heights.every((height) => height < 7)).toBe(true)
    expect(pages.complaints).toEqual([])
  })

  test('in another dimension nothing shows of the law before: figures change before the new network is learned', async () => {
    const page = await open('&chains=1000')
    let before = await hashesOf(page, 2)
    for (const [label, plane] of [
      ['Painting, two outputs', true],
      ['Curve, one output', false],
    ] as const) {
      // What each task of the change leaves on the page.
      await page.evaluate(() => {
        const seen: { phase: string | undefined; plane: boolean }[] = []
        const card = document.querySelector<HTMLElement>('[data-architecture="reservoir-sampler"]')!
        new MutationObserver(() => {
          seen.push({ phase: card.dataset.phase, plane: card.querySelector('.square') !== null })
        }).observe(card, { attributes: true, childList: true, subtree: true })
        Object.assign(globalThis, { seen })
      })
      await page.getByLabel(label).check()
      before = await hashesAfter(page, before)
      const seen = (await page.evaluate('seen')) as { phase: string; plane: boolean }[]
      const begun = seen.findIndex(({ phase }) => phase === 'training')
      expect(begun).toBeGreaterThanOrEqual(0)
      expect(seen.slice(begun).map((one) => one.plane)).toEqual(seen.slice(begun).map(() => plane))
    }
    expect(pages.complaints).toEqual([])
  })

  test('the columns of a file become the drawing; a file that can’t be is refused by name', async () => {
    const page = await open('&chains=1000')
    const first = await hashesOf(page, 2)
    const file = page.locator('input[type="file"]')
    const give = (name: string, text: string) =>
      file.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    // Two heaps of different sizes.
    const rows = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 10 + (i % 7) / 7 : 20 + (i % 11) / 11))
    await give('heaps.csv', `weight\n${rows.join('\n')}\n`)
    await hashesAfter(page, first)
    expect(await page.locator('.drawing').innerText()).toContain('heaps.csv: 300 rows became this drawing')
    expect(await shown(page, 'reservoir-sampler', 'modes')).toBe('2')
    await give('wide.csv', '1,2,3\n4,5,6\n')
    await expect.poll(() => page.locator('.drawing [role="alert"]').innerText()).toContain('wide.csv')
    expect(await page.locator('.drawing [role="alert"]').innerText()).toContain('3 columns')
    await give('words.csv', '1\nmany\n')
    await expect.poll(() => page.locator('.drawing [role="alert"]').innerText()).toContain("'many' is no number")
    // A file that is dropped.
    const dropped = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      data.items.add(new File(['x\n-1\n-1.1\n-0.9\n2\n'], 'dropped.csv', { type: 'text/csv' }))
      return data
    })
    await page.dispatchEvent('.drawing', 'drop', { dataTransfer: dropped })
    await expect.poll(() => page.locator('.drawing').innerText()).toContain('dropped.csv: 4 rows became this drawing')
    expect(await page.locator('.drawing [role="alert"]').count()).toBe(0)
    expect(pages.complaints).toEqual([])
  })

  test('knobs act: units and noise train anew, the rest samples anew', async () => {
    const page = await open('&chains=1000')
    let hashes = await hashesOf(page, 2)
    for (const [label, value, name] of [
      ['Units m', '16', 'units'],
      ['Noise σ', '0.3', 'noise'],
      ['Time step (τ)', '0.05', 'dt'],
    ] as const) {
      await page.getByLabel(label).fill(value)
      await page.keyboard.press('Tab')
      expect(new URL(page.url()).searchParams.get(name)).toBe(value)
      hashes = await hashesAfter(page, hashes)
    }
    expect(hashes).toEqual(await hashesInNode(page.url()))
    await page.getByLabel('Units m').fill('4096')
    await page.keyboard.press('Tab')
    expect(await page.locator('#refused-units').innerText()).toContain('from 8 to 512')
    await click(page, 'Pause')
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    expect(pages.complaints).toEqual([])
  })

  test('a senseless drawing in the address is named', async () => {
    const page = await open('&curve=short')
    expect(await page.getByRole('alert').innerText()).toContain('curve = short')
    await hashesOf(page, 2)
  })

  test('axe finds nothing in either kind, light or dark, wide or narrow', async () => {
    const page = await open('&chains=1000')
    const first = await hashesOf(page, 2)
    await axeEverywhere(page)
    await page.getByLabel('Painting, two outputs').check()
    await hashesAfter(page, first)
    await page.locator('.pad').focus()
    await axeEverywhere(page)
  })

  test('less motion: a rest at the last step', async () => {
    const page = await open('&chains=1000', { reducedMotion: 'reduce' })
    await hashesOf(page, 2)
    await expect.poll(() => page.getByRole('status').first().innerText()).toContain('Paused to save power')
  })

  // Last, since it takes the server away.
  test('after one visit to another scene it works with network and server gone', async () => {
    const page = await pages.open('?pace=20&chains=1000')
    await hashesOf(page, 3)
    await page.locator('[data-offline="true"]').waitFor(PATIENCE)
    await pages.setOffline(true)
    pages.cutServer()
    await page.getByRole('link', { name: 'Draw your own' }).click()
    await page.getByLabel('Painting, two outputs').check()
    await expect.poll(() => new URL(page.url()).searchParams.has('paint')).toBe(true)
    const hashes = await hashesOf(page, 2)
    expect(hashes).toEqual(await hashesInNode(page.url()))
    await page.reload()
    expect(await hashesOf(page, 2)).toEqual(hashes)
    expect(pages.complaints).toEqual([])
  })
})
