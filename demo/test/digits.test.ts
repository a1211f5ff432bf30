// The scene of the digits in Chromium: its chains have the bits that Node gives, knobs act, pictures are what the network decodes to.
import { readFileSync } from 'node:fs'
import { drawsFromNpz, networkFromSafetensors } from 'langevin-rnn'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { denoise, digitsNetwork, SIDE, START } from '../src/scenes/digits/network.ts'
import { DEFAULTS, fromAddress, LAST_STEP } from '../src/scenes/digits/settings.ts'
import { axeEverywhere, click, executablePath, hashesOf, Pages } from './pages.ts'

const file = (name: string) => readFileSync(new URL(`../public/${name}.safetensors`, import.meta.url))
const digits = digitsNetwork(file('digits'), file('digits-components'))

test('settings of a link, and those that make no sense', () => {
  const { settings, refused } = fromAddress('?chains=12&temperature=0&shown=draws&pace=5')
  expect(settings).toEqual({ ...DEFAULTS, chains: 12, temperature: 0, shown: 'draws', pace: 5 })
  expect(refused).toEqual([])
  expect(fromAddress('?chains=1000&temperature=-1&shown=all')).toEqual({
    settings: DEFAULTS,
    refused: ['chains = 1000', 'temperature = -1', 'shown = all'],
  })
})

describe.skipIf(executablePath === undefined)('the digits in Chromium', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  /** The unbroken run of an address. */
  function inNode(address: string) {
    const { seed, chains, dt, integrator, temperature } = fromAddress(new URL(address).search).settings
    const run = { seed, chains, dt, integrator, temperature, start: START, steps: LAST_STEP }
    return pages.engine.sample(digits.network, run)
  }

  /** The sheet's opacity, summed. */
  const ink = (page: Page) =>
    page.locator('canvas.sheet').evaluate((node) => {
      const { width, height } = node as HTMLCanvasElement
      const { data } = (node as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
      return data.reduce((sum, value, at) => (at % 4 === 3 ? sum + value : sum), 0)
    })

  async function saved(page: Page, name: string): Promise<Buffer> {
    const [download] = await Promise.all([page.waitForEvent('download'), click(page, name)])
    expect(download.suggestedFilename()).toBe(`digits-${name}`)
    return readFileSync(await download.path())
  }

  test('chains have the bits of Node, whatever the pace; a link restores them', async () => {
    let page = await pages.open('?scene=digits&pace=20')
    const hashes = await hashesOf(page, 1)
    const { hash, data } = await inNode(page.url())
    expect(hashes).toEqual([hash])
    const link = page.url()
    page = await pages.open(new URL(link).search.replace('pace=20', 'pace=5'), { reducedMotion: 'reduce' })
    expect(await hashesOf(page, 1)).toEqual([hash])
    // With less motion it rests at the step of the hash.
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    expect(await page.locator('[data-figure="step"]').innerText()).toBe(String(LAST_STEP))

    // The picture is what the network decodes to: brighter than 0.17 is full ink.
    const { shape, dimension } = { shape: [DEFAULTS.chains, 50], dimension: SIDE ** 2 }
    const total = async (y: { shape: number[]; data: Float32Array }) => {
      const pictures = await pages.engine.reconstruct(y, digits.basis)
      expect(pictures.shape).toEqual([DEFAULTS.chains, dimension])
      return pictures.data.reduce((sum, value) => sum + Math.round(255 * Math.min(1, Math.max(0, value / 0.17))), 0)
    }
    const noisy = { shape, data }
    const clean = await denoise(pages.engine, digits, noisy)
    const near = async (expected: number) => Math.abs((await ink(page)) / expected - 1) < 1e-3
    await expect.poll(async () => near(await total(clean as typeof noisy))).toBe(true)
    await page.getByRole('checkbox', { name: 'Denoised' }).uncheck()
    expect(new URL(page.url()).searchParams.get('shown')).toBe('draws')
    await expect.poll(async () => near(await total(noisy))).toBe(true)

    expect(drawsFromNpz(await saved(page, 'draws.npz')).data).toEqual(data)
    expect(networkFromSafetensors(await saved(page, 'network.safetensors')).tensors).toEqual(digits.network.tensors)
    expect((await saved(page, 'figure.png')).length).toBeGreaterThan(20_000)
    expect(pages.complaints).toEqual([])
  })

  test('temperature and chains are the visitor’s; the sheet is as clear to everyone', async () => {
    const page = await pages.open('?scene=digits&pace=20&chains=24')
    const [warm] = await hashesOf(page, 1)
    await page.getByLabel('Temperature T').fill('0')
    await page.keyboard.press('Tab')
    const hash = async () => (await hashesOf(page, 1))[0]
    await expect.poll(hash, { timeout: 60_000 }).not.toBe(warm)
    expect(await hash()).toBe((await inNode(page.url())).hash)
    expect(await page.getByRole('img', { name: 'Contact sheet of 24' }).count()).toBe(1)
    await page.getByLabel('Chains', { exact: true }).fill('1000')
    await page.keyboard.press('Tab')
    expect(await page.locator('#refused-chains').innerText()).toContain('from 1 to 240')
    await click(page, 'Pause')
    await axeEverywhere(page)
    expect(pages.complaints).toEqual([])
  })

  test('works when the network is gone after a visit to another scene', async () => {
    const page = await pages.open('?pace=20&chains=1000')
    await expect.poll(() => page.locator('[data-offline="true"]').count(), { timeout: 60_000 }).toBe(1)
    await pages.setOffline(true)
    await page.getByRole('link', { name: 'Digits', exact: true }).click()
    await page.getByLabel('Steps a frame').selectOption('20')
    expect(await hashesOf(page, 1)).toEqual([(await inNode(page.url())).hash])
    expect(pages.complaints).toEqual([])
  })
})
