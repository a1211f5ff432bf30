// The committed manifests, on this engine: any number of workers, with SIMD and without.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createEngine } from 'langevin-rnn'
import { reproduceDoublePeak } from 'langevin-rnn/experiments'
import { describe, expect, test } from 'vitest'
import { cases } from '../golden/cases.mjs'

const scalar = new URL('../../ts/library/wasm-scalar/langevin_rnn_wasm_bg.wasm', import.meta.url)

async function manifestOf(name: string, engineOptions: Parameters<typeof createEngine>[0]) {
  await using engine = await createEngine(engineOptions)
  const options = cases[name]
  if (options === undefined) throw new Error(`no case ${name}`)
  return { simd: engine.simd, manifest: (await reproduceDoublePeak(engine, options)).manifest }
}

async function committed(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'))
}

// The paper preset takes ten seconds with SIMD and minutes without: LONG_TESTS=1 adds it.
const names = Object.keys(cases).filter((name) => process.env['LONG_TESTS'] || !name.endsWith('-paper'))

describe.each(names)('%s', (name) => {
  test.each([1, 2, 3])('with %i workers', async (workers) => {
    const { simd, manifest } = await manifestOf(name, { workers })
    expect(simd).toBe(true)
    expect(manifest).toEqual(await committed(name))
  })

  test.skipIf(!existsSync(scalar) && !process.env['CI'])('without SIMD', { timeout: 600_000 }, async () => {
    const { simd, manifest } = await manifestOf(name, { workers: 2, wasm: await readFile(scalar) })
    expect(simd).toBe(false)
    expect(manifest).toEqual(await committed(name))
  })
})

test('the piecewise-linear evaluator has its own bits', async () => {
  await using engine = await createEngine({ workers: 2 })
  const network = await engine.train({ target: 'double-peak', units: 32, points: 20_000, levels: 2, seed: 1 })
  const draws = await engine.sample(network, {
    chains: 100,
    steps: 400,
    dt: 0.05,
    recordEvery: 100,
    seed: 3,
    evaluator: 'piecewise-linear',
  })
  // The same literal as in crates/core/tests/golden.rs.
  expect(draws.hash).toBe('3ca0a0583e11d508cf50a2d08795d78634741db8a6cc9a576fa3a796a73875ff')
})

describe('blocks', () => {
  test('of any size give one hash', async () => {
    await using engine = await createEngine({ workers: 2 })
    const network = await engine.train({ target: 'double-peak', units: 32, points: 5000, levels: 1 })
    const run = { chains: 150, steps: 90, dt: 0.05, recordEvery: 7, burnIn: 3, seed: 5 }
    const { hash, states } = await engine.sample(network, run)
    for (const [blockChains, blockSteps] of [
      [1, 90],
      [33, 1],
      [64, 13],
      [150, 89],
      [7, 4],
    ] as const) {
      const other = await engine.sample(network, { ...run, blockChains, blockSteps })
      expect(other.hash).toBe(hash)
      expect(other.states).toEqual(states)
    }
  })
})
