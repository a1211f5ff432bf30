// What the library finds and says in a browser is what it does in Node: every number of a diagnosis, and the class and text of every error.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumFlags, findChromium } from '../engines/browsers.mjs'
import { makeConsumer } from '../engines/consumer.mjs'
import { output } from '../engines/run.mjs'
import { type Site, serveFolder } from '../engines/site.mjs'

const executablePath = findChromium()

/** A module that both platforms run: what it gives is plain JSON. */
const program = `
import { createEngine, readCsv, readIdx, readNpz, networkFromSafetensors } from 'langevin-rnn'

export async function everything() {
  const engine = await createEngine({ workers: 2 })
  const network = await engine.train({ target: 'ring', units: 40, points: 4000, seed: 1 })
  const draws = await engine.sample(network, { chains: 4, steps: 800, dt: 0.05, recordEvery: 4, seed: 2 })
  const reference = await engine.targetDraws('ring', 500, 3)
  const found = await engine.diagnose(draws, { reference, network, c2st: true, c2stPoints: 200, folds: 2 })
  const diagnoses = JSON.parse(JSON.stringify(found, (key, value) => (ArrayBuffer.isView(value) ? [...value] : value)))

  const short = { chains: 2, steps: 2, dt: 0.1 }
  const far = { kind: 'uniform', low: 1e30, high: 2e30 }
  const calls = {
    dt: () => engine.sample(network, { ...short, dt: -1 }),
    chains: () => engine.sample(network, { ...short, chains: 1.5 }),
    unknown: () => engine.sample(network, { ...short, step: 3 }),
    stimulus: () => engine.sample(network, { ...short, stimulus: [1] }),
    start: () => engine.sample(network, { ...short, start: { kind: 'states', states: { shape: [3, 2], data: new Float32Array(6) } } }),
    memory: () => engine.sample(network, { ...short, chains: 2 ** 31 }),
    diverged: () => engine.sample(network, { ...short, steps: 100, dt: 1, start: far, irreversible: [[0, 9], [-9, 0]] }),
    aborted: () => engine.sample(network, { ...short, signal: AbortSignal.abort() }),
    target: () => engine.train({ target: 'rings' }),
    nothing: () => engine.train({}),
    data: () => engine.train({ data: { shape: [3, 1], data: Float32Array.of(1, NaN, 2) } }),
    units: () => engine.train({ target: 'ring', units: 0 }),
    unsupported: () => engine.train({ target: 'ring', architecture: 'reservoir-sampler-current' }),
    closed: () => engine.train({ target: 'ring', architecture: 'sampler-only-rate', method: 'closed-form' }),
    score: () => engine.score(network, { shape: [1, 3], data: new Float32Array(3) }),
    hash: () => engine.hash(null),
    task: () => engine.simulate('three-moons', 1),
    csv: () => readCsv(new TextEncoder().encode('1,2\\n3,x\\n')),
    idx: () => readIdx(new Uint8Array(3)),
    npz: () => readNpz(new Uint8Array(30)),
    safetensors: () => networkFromSafetensors(new Uint8Array(9)),
  }
  const errors = {}
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call()
      errors[name] = 'none'
    } catch ({ name: type, message, code, argument, value, expected }) {
      errors[name] = { type, message, code, argument, value, expected }
    }
  }
  await engine.dispose()
  return { diagnoses, errors }
}
`

interface Everything {
  readonly diagnoses: {
    readonly coordinates: readonly Record<string, unknown>[]
    readonly reference: Record<string, unknown>
    readonly stein: Record<string, unknown>
  }
  readonly errors: Readonly<Record<string, { readonly type: string; readonly message: string; readonly code: string }>>
}

describe.skipIf(executablePath === undefined && !process.env['CI'])('Chromium and Node', () => {
  let consumer: Awaited<ReturnType<typeof makeConsumer>>
  let browser: Browser
  let site: Site
  let [inNode, inChromium]: [Everything?, Everything?] = []
  beforeAll(async () => {
    consumer = await makeConsumer()
    await writeFile(join(consumer.folder, 'everything.mjs'), program)
    const script = "import('./everything.mjs').then(async (m) => console.log(JSON.stringify(await m.everything())))"
    inNode = JSON.parse(await output([process.execPath, '-e', script], { cwd: consumer.folder }))
    browser = await chromium.launch({ executablePath: executablePath!, args: chromiumFlags })
    site = await serveFolder(consumer.folder)
    const page = await browser.newPage()
    // The example's page has the import map.
    await page.goto(`${site.address}page.html`)
    const call = "import('/everything.mjs').then(async (m) => JSON.stringify(await m.everything()))"
    inChromium = JSON.parse((await page.evaluate(call)) as string)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    site?.close()
    await consumer?.remove()
  })

  test('have the same ESS, R̂, errors, autocorrelations and spectra, to the bit', () => {
    const { coordinates } = inNode!.diagnoses
    expect(coordinates).toHaveLength(2)
    for (const name of ['essBulk', 'essTail', 'rHat', 'mcseMean']) expect(coordinates[0]![name]).toBeGreaterThan(0)
    expect(inChromium!.diagnoses.coordinates).toEqual(coordinates)
  })

  test('have the same C2ST, MMD, Wasserstein and energy distances and Stein discrepancy, to the bit', () => {
    const { reference, stein } = inNode!.diagnoses
    expect(reference).toMatchObject({ c2st: { accuracy: expect.any(Number) }, mmdSquared: expect.any(Number) })
    expect(stein).toMatchObject({ vStatistic: expect.any(Number) })
    expect(inChromium!.diagnoses).toEqual(inNode!.diagnoses)
  })

  test('have errors of the same class, code, argument, value and text', () => {
    const { errors } = inNode!
    const codes = new Set(Object.values(errors).map(({ code }) => code))
    expect([...codes].sort()).toEqual([
      'aborted',
      'diverged',
      'format',
      'invalid-argument',
      'memory-budget',
      'unsupported',
    ])
    expect(inChromium!.errors).toEqual(errors)
  })
})
