// The scene of the Laplace mixture in Chromium: the rotated flow gets to the law sooner, knobs act, links restore the bits.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { experiment, fromAddress } from '../src/scenes/laplace/settings.ts'
import { axeEverywhere, click, executablePath, hashesOf, Pages } from './pages.ts'

describe.skipIf(executablePath === undefined)('the Laplace mixture in Chromium', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  /** What Node makes of an address: the hashes of its draws after the last step. */
  async function hashesInNode(address: string): Promise<string[]> {
    const { seed, chains, dt, integrator, turn } = fromAddress(new URL(address).search).settings
    const plan = experiment.plan(fromAddress(new URL(address).search).settings, 0)!
    const network = await pages.engine.train({ target: plan.target, seed, ...plan.training('reservoir-sampler') })
    const { start } = plan
    const options = { seed, chains, dt, integrator, start, steps: experiment.lastStep }
    const irreversible = [
      [0, -turn],
      [turn, 0],
    ]
    const plain = await pages.engine.sample(network, options)
    const turned = await pages.engine.sample(network, { ...options, irreversible })
    return [plain.hash, turned.hash]
  }

  test('the turned flow is sooner at the law; both have the bits that Node has, which a link restores', async () => {
    let page = await pages.open('?scene=laplace&chains=2000&pace=20')
    const hashes = await hashesOf(page, 2)
    await click(page, 'Pause')
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    const distance = (name: string) =>
      page.locator(`[data-architecture="${name}"] [data-figure="wasserstein"]`).innerText().then(Number)
    const [plain, turned] = await Promise.all([distance('reversible'), distance('irreversible')])
    expect(turned).toBeGreaterThan(0)
    expect(turned).toBeLessThan(plain)
    expect(await page.locator('path.irreversible[d^="M"]').count()).toBe(2)
    expect(hashes).toEqual(await hashesInNode(page.url()))
    const link = page.url()
    page = await pages.open(new URL(link).search)
    expect(await hashesOf(page, 2)).toEqual(hashes)
    expect(page.url()).toBe(link)
    await axeEverywhere(page)
    expect(pages.complaints).toEqual([])
  })

  test('without a rotation both are the same; its knob acts at once', async () => {
    const page = await pages.open('?scene=laplace&chains=1000&pace=20&turn=0')
    const [plain, turned] = await hashesOf(page, 2)
    expect(turned).toBe(plain)
    await page.getByLabel('Rotation q').fill('2')
    await page.keyboard.press('Tab')
    expect(new URL(page.url()).searchParams.get('turn')).toBe('2')
    await expect.poll(async () => (await hashesOf(page, 2))[1], { timeout: 60_000 }).not.toBe(plain)
    expect((await hashesOf(page, 2))[0]).toBe(plain)
    await page.getByLabel('Rotation q').fill('60')
    await page.keyboard.press('Tab')
    expect(await page.locator('#refused-turn').innerText()).toContain('from 0 to 6')
    expect(pages.complaints).toEqual([])
  })
})
