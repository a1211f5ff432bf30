// The scene of the Bayesian brain in Chromium: draws follow the posterior as cues move, and a link plays the moves again, to the bit.
import { type Cues, cuePosterior } from 'langevin-rnn/experiments'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { cuesAt, DEFAULTS, experiment, fromAddress, LAST_STEP, moved, toAddress } from '../src/scenes/brain/settings.ts'
import { axeEverywhere, click, executablePath, hashesOf, Pages } from './pages.ts'

describe('cues by step', () => {
  const other: Cues = [-1, 2, 0.5, 12]

  test('come back from their link', () => {
    const moments = moved(moved(DEFAULTS.moments, 7, other), 93, [0.05, -2.5, 1.25, 3])
    const settings = { ...DEFAULTS, moments }
    expect(fromAddress(toAddress(settings))).toEqual({ settings, refused: [] })
    expect(moments.map(({ step }) => step)).toEqual([0, 10, 100])
    expect(cuesAt(moments, 9)).toEqual(DEFAULTS.moments[0]!.cues)
    expect(cuesAt(moments, 10)).toEqual(other)
  })

  test.each(['10.1.1.4.4', '0.1.1.4.4_0.1.1.4.4', '0.99.1.4.4', '0.1.1.1.4', '0.1.1', ''])('%j is refused', (shown) => {
    const { settings, refused } = fromAddress(new URLSearchParams({ shown }))
    expect(settings).toEqual(DEFAULTS)
    expect(refused).toEqual([`shown = ${shown}`])
  })

  test('beyond the step of the hash only the newest move is kept', () => {
    let { moments } = DEFAULTS
    for (let step = 380; step < 1000; step += 50) moments = moved(moments, step, other)
    expect(moments.map(({ step }) => step)).toEqual([0, 380, 980])
    expect(moments.filter(({ step }) => step > LAST_STEP)).toHaveLength(1)
  })

  test('a move takes the place of those that were to come', () => {
    const late = moved(DEFAULTS.moments, 200, other)
    expect(moved(late, 100, other).map(({ step }) => step)).toEqual([0, 100])
  })
})

describe.skipIf(executablePath === undefined)('the Bayesian brain in Chromium', () => {
  const pages = new Pages()
  beforeAll(() => pages.start())
  afterAll(() => pages.stop())
  afterEach(() => pages.close())

  /** What Node makes of an address. */
  async function hashInNode(address: string): Promise<string> {
    const { settings } = fromAddress(new URL(address).search)
    const { seed, chains, dt, integrator } = settings
    const { pairs, training, start, shown } = experiment.plan(settings, 0)!
    const network = await pages.engine.train({
      ...(await pairs!(pages.engine, seed)),
      architecture: 'reservoir-sampler',
      seed,
      ...training('reservoir-sampler'),
    })
    const [first, ...changes] = shown!
    const run = { seed, chains, dt, integrator, start, steps: LAST_STEP, stimulus: first!.stimulus, changes }
    return (await pages.engine.sample(network, run)).hash
  }

  test('a cue that moves takes the belief with it; its link has the same bits', async () => {
    let page = await pages.open('?scene=brain&chains=2000&pace=1')
    const figure = (name: string) => page.locator(`[data-figure="${name}"]`).innerText()
    await expect.poll(async () => Number(await figure('step')), { timeout: 60_000 }).toBeGreaterThan(20)
    await page.getByLabel('Cue seen', { exact: true }).focus()
    for (let k = 0; k < 20; k++) await page.keyboard.press('ArrowLeft')
    const { moments } = fromAddress(new URL(page.url()).search).settings
    expect(moments.length).toBeGreaterThan(1)
    expect(moments.at(-1)!.cues).toEqual([0.5, -0.5, 6, 2])
    const { mean, deviation } = cuePosterior(moments.at(-1)!.cues)
    expect(await figure('posterior')).toBe(`${mean.toPrecision(3)} ± ${deviation.toPrecision(3)}`)
    await page.getByLabel('Steps a frame').selectOption('20')
    const hashes = await hashesOf(page, 1)
    // The belief is at the new posterior: nearer than it was wide.
    await expect.poll(async () => Number(await figure('wasserstein'))).toBeLessThan(0.1)
    expect(hashes).toEqual([await hashInNode(page.url())])
    const link = page.url()
    page = await pages.open(new URL(link).search)
    expect(await hashesOf(page, 1)).toEqual(hashes)
    expect(page.url()).toBe(link)
    await click(page, 'Start with these cues')
    await expect.poll(() => new URL(page.url()).searchParams.get('shown')).toBe('0.10.-10.24.8')
    expect(await hashesOf(page, 1)).toEqual([await hashInNode(page.url())])
    await axeEverywhere(page)
    expect(pages.complaints).toEqual([])
  })

  test('by pointer: across for the cue, up for its reliability', async () => {
    const page = await pages.open('?scene=brain&chains=500&pace=20')
    await hashesOf(page, 1)
    await page.locator('.pad .paper').scrollIntoViewIfNeeded()
    const pad = (await page.locator('.pad .paper').boundingBox())!
    const at = (x: number, r: number) =>
      [pad.x + ((x + 3) / 6) * pad.width, pad.y + (1 - r / 12.5) * pad.height] as const
    await page.mouse.move(...at(-0.5, 2))
    await page.mouse.down()
    await page.mouse.move(...at(-2, 8), { steps: 4 })
    await page.mouse.up()
    const [visual, haptic, r, s] = fromAddress(new URL(page.url()).search).settings.moments.at(-1)!.cues
    expect([visual, r]).toEqual([1.5, 6])
    expect(haptic).toBeCloseTo(-2, 1)
    expect(s).toBeCloseTo(8, 0)
    await expect
      .poll(async () => Number(await page.locator('[data-figure="wasserstein"]').innerText()), { timeout: 60_000 })
      .toBeLessThan(0.15)
    expect(pages.complaints).toEqual([])
  })
})
