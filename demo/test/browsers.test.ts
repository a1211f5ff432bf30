// Every scene in Chromium, Firefox and WebKitGTK: it runs, its knobs act, its link gives the same hash in all three, and it works on
// when the server is gone.
import { createEngine } from 'langevin-rnn'
import { reproduceDoublePeak } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Site } from '../../test/engines/site.mjs'
import { SCENES } from '../src/scenes/index.ts'
import { type Driver, drivable } from './drivers.ts'
import { serveSite } from './site.ts'

interface Visit {
  /** Settings of the link. */
  readonly settings: string
  /** Hashes that the scene shows. */
  readonly circuits: number
  /** Numbers, one after the other: each changes the draws of some circuit. */
  readonly knobs: Readonly<Record<string, string>>
}

const VISITS: Readonly<Record<string, Visit>> = {
  'The double peak': {
    settings: 'chains=1000',
    circuits: 3,
    knobs: { seed: '5', chains: '500', dt: '0.1', units: '16', noise: '0.1' },
  },
  'Draw your own': {
    settings: 'scene=draw&chains=1000',
    circuits: 2,
    knobs: { seed: '5', chains: '500', dt: '0.05', units: '32', noise: '0.2' },
  },
  Acceleration: {
    settings: 'scene=laplace&chains=1000',
    circuits: 2,
    knobs: { seed: '5', chains: '500', dt: '0.01', turn: '1' },
  },
  'Inside the circuit': { settings: 'scene=inside', circuits: 1, knobs: { seed: '5', dt: '0.05' } },
  'Bayesian brain': {
    settings: 'scene=brain&chains=1000',
    circuits: 1,
    knobs: { seed: '5', chains: '500', dt: '0.02' },
  },
  Digits: {
    settings: 'scene=digits&chains=12',
    circuits: 1,
    knobs: { seed: '5', chains: '8', dt: '0.02', temperature: '0.3' },
  },
}

/** By scene: the hashes of its link, and of the link after the knob, in the first browser. */
const first = new Map<string, readonly string[]>()

const HASHES = `[...document.querySelectorAll('[data-figure="hash"][title]')].map((node) => node.title)`

/** Of all circuits, once there are some that weren't there before. */
async function hashes(driver: Driver, circuits: number, before: readonly string[] = []): Promise<string[]> {
  let found: string[] = []
  await expect
    .poll(
      async () => {
        found = await driver.read<string[]>(HASHES)
        return found.length === circuits && found.some((hash) => !before.includes(hash))
      },
      { timeout: 90_000, interval: 100 },
    )
    .toBe(true)
  return found
}

const press = (driver: Driver, name: string) =>
  driver.read(`[...document.querySelectorAll('button')].find(({ innerText }) => innerText === '${name}').click()`)
const shownStep = (driver: Driver) =>
  driver.read<string>(`document.querySelector('[data-figure="step"]').innerText`).then(Number)

test('every scene is visited', () => {
  expect(Object.keys(VISITS)).toEqual(SCENES.map(({ title }) => title))
})

describe.each(drivable)('the page in $name', ({ binary, start }) => {
  let site: Site
  let driver: Driver
  beforeAll(async () => {
    if (binary === undefined) return
    site = await serveSite()
    driver = await start()
  })
  afterAll(async () => {
    await driver?.end()
    site?.close()
  })
  const alerts = () =>
    driver.read<string[]>(`[...document.querySelectorAll('[role="alert"]')].map((node) => node.innerText)`)

  test.skipIf(binary === undefined).each(SCENES.map(({ title }) => title))('%s', async (title) => {
    const { settings, circuits, knobs } = VISITS[title]!
    await driver.open(`${site.address}?${settings}&pace=20`)
    const before = await hashes(driver, circuits)
    expect(await driver.read('document.querySelector("#scene-title").innerText')).toBeTypeOf('string')
    expect(await alerts()).toEqual([])

    const all = [...before]
    for (const [name, value] of Object.entries(knobs)) {
      await driver.fill(`#control-${name}`, value)
      await expect.poll(() => driver.read(`new URL(location).searchParams.get('${name}')`)).toBe(value)
      all.push(...(await hashes(driver, circuits, all)))
    }
    await driver.read(`(() => {
      const field = document.querySelector('#control-integrator')
      field.value = 'euler-maruyama'
      field.dispatchEvent(new Event('change', { bubbles: true }))
    })()`)
    const after = await hashes(driver, circuits, all)
    all.push(...after)

    const link = await driver.read<string>('location.href')
    await driver.open('about:blank')
    await driver.open(link)
    expect(await hashes(driver, circuits)).toEqual(after)
    expect(all).toEqual(first.get(title) ?? all)
    first.set(title, all)

    await press(driver, 'Reset')
    await expect.poll(() => shownStep(driver), { interval: 20 }).toBeLessThan(400)
    await press(driver, 'Pause')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const paused = await shownStep(driver)
    await press(driver, 'Step')
    await expect.poll(() => shownStep(driver)).toBe(paused + 1)
    await press(driver, 'Run')
    await expect.poll(() => shownStep(driver), { timeout: 30_000 }).toBeGreaterThan(paused + 1)
  })

  test.skipIf(binary === undefined)('gives the bits that Node gives, and goes on when the server is gone', async () => {
    await using engine = await createEngine({ workers: 1 })
    const expected = async (seed: number) => {
      const { manifest } = await reproduceDoublePeak(engine, { preset: 'quick', seed })
      return Object.entries(manifest.arrays).flatMap(([array, { sha256 }]) =>
        array.endsWith('/draws') ? [sha256] : [],
      )
    }
    await driver.open(`${site.address}?pace=20`)
    expect(await hashes(driver, 3)).toEqual(await expected(1))
    await expect
      .poll(() => driver.read(`document.querySelector('[data-offline]').dataset.offline`), { timeout: 60_000 })
      .toBe('true')
    const { address } = site
    site.close()
    await driver.fill('#control-seed', '2')
    const second = await expected(2)
    await expect.poll(() => driver.read<string[]>(HASHES), { timeout: 60_000 }).toEqual(second)
    await driver.open(`${address}?seed=2&pace=20`)
    expect(await hashes(driver, 3)).toEqual(second)
    await driver.open(`${address}?scene=laplace&pace=20&chains=1000`)
    const shown = await hashes(driver, 2)
    expect(shown).toEqual(first.get('Acceleration')?.slice(0, 2) ?? shown)
  })
})
