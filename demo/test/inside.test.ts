// The scene inside the circuit in Chromium: the rates have the bits that Node gives, units are looked at by pointer and keyboard.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { linear, shadePaths } from '../src/figures/paths.ts'
import { DEFAULTS, fromAddress, LAST_STEP, runOf, TRAIN, UNITS } from '../src/scenes/inside/settings.ts'
import { tuning, unitsOf, weight } from '../src/scenes/inside/wiring.ts'
import { axeEverywhere, click, executablePath, hashesOf, Pages } from './pages.ts'

test('settings of a link, and those that make no sense', () => {
  const { settings, refused } = fromAddress('?seed=3&dt=0.05&unit=7&chains=5000&integrator=euler-maruyama&pace=5')
  expect(settings).toEqual({ seed: 3, chains: 8, dt: 0.05, unit: 7, integrator: 'euler-maruyama', pace: 5 })
  expect(refused).toEqual([])
  expect(fromAddress('?unit=64')).toEqual({ settings: DEFAULTS, refused: ['unit = 64'] })
})

test('the wiring is that of the network', () => {
  const tensor = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) })
  const network = {
    architecture: 'reservoir-sampler',
    activation: 'relu',
    dimension: 1,
    units: 3,
    tensors: { 'W1.weight': tensor(2, -1, 1), 'W2.weight': tensor(1, -1, 1), 'W2.bias': tensor(-1, 0.5, 2) },
    confinement: null,
    provenance: null,
  } as const
  const units = unitsOf(network)
  // One that likes low outputs, then by kinks at −2 and 1.
  expect(units.map(({ unit }) => unit)).toEqual([1, 2, 0])
  expect(units.reduce((sum, { noise, output }) => sum + noise * output, 0)).toBeCloseTo(1, 6)
  expect(weight(units[0]!, units[2]!)).toBe(-2)
  expect(tuning(units[0]!, -1)).toBe(1.5)
  expect(tuning(units[0]!, 1)).toBe(0)
})

test('cells of one shade beside each other are one rectangle', () => {
  const same = (value: number) => value
  const shades = [
    [0, 0, 1],
    [1, 1, 1],
  ]
  const paths = shadePaths(2, 3, 2, (row, column) => shades[row]![column]!, same, linear([0, 2], 2, 0))
  expect(paths).toEqual(['M0,2V1H2V2Z', 'M2,2V1H3V2ZM0,1V0H3V1Z'])
})

describe.skipIf(executablePath === undefined)('inside the circuit in Chromium', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  async function hashesInNode(address: string): Promise<(string | null)[]> {
    const { settings } = fromAddress(new URL(address).search)
    const { seed } = settings
    const network = await pages.engine.train({ target: 'double-peak', seed, ...TRAIN })
    const { hash, ratesHash } = await pages.engine.sample(network, runOf(settings))
    return [hash, ratesHash]
  }

  test('rates and outputs have the bits of Node, which a link restores', async () => {
    let page = await pages.open('?scene=inside&pace=20&seed=2')
    const both = async () => [
      ...(await hashesOf(page, 1)),
      await page.locator('[data-figure="rates-hash"]').getAttribute('title'),
    ]
    const step = () => page.locator('[data-figure="step"]').innerText().then(Number)
    const hashes = await both()
    expect(hashes).toEqual(await hashesInNode(page.url()))
    await expect.poll(step, { timeout: 60_000 }).toBe(LAST_STEP)
    expect(await page.locator('path.heat-7[d^="M"]').count()).toBeGreaterThanOrEqual(2)
    const link = page.url()
    page = await pages.open(new URL(link).search)
    expect(await both()).toEqual(hashes)
    expect(page.url()).toBe(link)
    await click(page, 'Pause')
    const before = await step()
    await click(page, 'Step')
    expect(await step()).toBe(before + 1)
    await page.getByLabel('Time step').fill('0.05')
    await page.keyboard.press('Tab')
    await expect.poll(async () => (await both())[0], { timeout: 60_000 }).not.toBe(hashes[0])
    expect(await both()).toEqual(await hashesInNode(page.url()))
    await axeEverywhere(page)
    expect(pages.complaints).toEqual([])
  })

  test('a unit is looked at by pointer, by slider, by number', async () => {
    const page = await pages.open('?scene=inside&pace=20', { reducedMotion: 'reduce' })
    await hashesOf(page, 1)
    // Without motion the whole run shows at once.
    await expect.poll(() => page.locator('[data-figure="step"]').innerText()).toBe(String(LAST_STEP))
    const caption = () => page.locator('figcaption', { hasText: 'tuning' }).innerText()
    expect(await caption()).toContain(`Unit ${DEFAULTS.unit}:`)
    const raster = page.locator('.pick')
    await raster.scrollIntoViewIfNeeded()
    await raster.hover({ position: { x: 100, y: 5 } })
    const hovered = await caption()
    expect(hovered).not.toContain(`Unit ${DEFAULTS.unit}:`)
    expect(new URL(page.url()).searchParams.get('unit')).toBe(String(DEFAULTS.unit))
    await raster.click({ position: { x: 100, y: 5 } })
    const unit = new URL(page.url()).searchParams.get('unit')
    expect(hovered).toContain(`Unit ${unit}:`)
    await page.getByLabel('By what it likes').focus()
    await page.keyboard.press('ArrowLeft')
    expect(new URL(page.url()).searchParams.get('unit')).not.toBe(unit)
    await page.getByLabel('Unit', { exact: true }).fill('5')
    await page.keyboard.press('Tab')
    await expect.poll(caption).toContain('Unit 5:')
    await page.getByLabel('Unit', { exact: true }).fill(String(UNITS))
    await page.keyboard.press('Tab')
    expect(await page.locator('#refused-unit').innerText()).toContain(`from 0 to ${UNITS - 1}`)
    expect(pages.complaints).toEqual([])
  })
})
