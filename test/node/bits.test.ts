// The committed manifests, on this engine: any number of workers, with SIMD and without.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createEngine } from 'langevin-rnn'
import { experiments } from 'langevin-rnn/experiments'
import { describe, expect, test } from 'vitest'
import { cases } from '../golden/cases.mjs'
import { localPictures } from '../golden/local_pictures.mjs'

const scalar = new URL('../../ts/library/wasm-scalar/langevin_rnn_wasm_bg.wasm', import.meta.url)

async function manifestOf(name: string, engineOptions: Parameters<typeof createEngine>[0]) {
  await using engine = await createEngine(engineOptions)
  const found = cases[name]
  if (found === undefined) throw new Error(`no case ${name}`)
  const { experiment, ...options } = found
  const pictures = await localPictures(experiment)
  const report = await experiments[experiment](engine, { ...options, ...(pictures && { pictures }) })
  return { simd: engine.simd, manifest: report.manifest }
}

async function committed(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'))
}

// Ten seconds and more with SIMD, minutes without, or 55 MB to fetch: LONG_TESTS=1 adds them.
const long = /-paper$|^(laplace-mixture|integrators|capacity|posterior|cifar)-quick$|^mnist/
const names = Object.keys(cases).filter((name) => process.env['LONG_TESTS'] || !long.test(name))

describe.each(names)('%s', (name) => {
  // One experiment shows what workers and SIMD do to bits; the others' bits are compared once, unless there is time; those that take
  // minutes with SIMD always once.
  const thorough = name.startsWith('double-peak') || (process.env['LONG_TESTS'] && name !== 'mnist-quick')
  test.each(thorough ? [1, 2, 3] : [2])('with %i workers', { timeout: 1_200_000 }, async (workers) => {
    const { simd, manifest } = await manifestOf(name, { workers })
    expect(simd).toBe(true)
    expect(manifest).toEqual(await committed(name))
  })

  test.skipIf(!thorough || (!existsSync(scalar) && !process.env['CI']))(
    'without SIMD',
    { timeout: 600_000 },
    async () => {
      const { simd, manifest } = await manifestOf(name, { workers: 2, wasm: await readFile(scalar) })
      expect(simd).toBe(false)
      expect(manifest).toEqual(await committed(name))
    },
  )
})

// The same literals as in crates/core/tests/golden.rs.
test.each([
  ['double-peak', '3ca0a0583e11d508cf50a2d08795d78634741db8a6cc9a576fa3a796a73875ff'],
  ['ring', '9287b4aa4ed9571d114b82df665874f8734e9f3d678f2b59150d04b8a5ff0273'],
] as const)('the piecewise-linear evaluator has its own bits: %s', async (target, hash) => {
  await using engine = await createEngine({ workers: 2 })
  const network = await engine.train({ target, units: 32, points: 20_000, levels: 2, seed: 1 })
  const draws = await engine.sample(network, {
    chains: 100,
    steps: 400,
    dt: 0.05,
    recordEvery: 100,
    seed: 3,
    evaluator: 'piecewise-linear',
  })
  expect(draws.hash).toBe(hash)
})

// The same literals as in crates/core/tests/golden.rs.
describe('bits of their own', () => {
  const run = { chains: 9, steps: 40, dt: 0.05, recordEvery: 8 }

  test('irreversible, by Adam and in the circuit', async () => {
    await using engine = await createEngine({ workers: 2 })
    const settings = { method: 'adam', units: 16, points: 200, epochs: 4, levels: 2, learningRate: 0.01 } as const
    const network = await engine.train({ target: 'laplace-mixture', ...settings, irreversibleScale: 0.5 })
    const draws = await engine.sample(network, { ...run, dynamics: 'recurrent' })
    expect(draws.hash).toBe('cf5a91dd6b8bae1b14b485a70f0427f5d69ccfe5fe5454f54dcf3157c3699a5a')
  })

  test('noise levels as an input, in closed form', async () => {
    await using engine = await createEngine({ workers: 2 })
    const settings = { units: 40, points: 2000, noiseInput: true, noiseMin: 0.1, noiseMax: 2 }
    const network = await engine.train({ target: 'laplace-mixture', ...settings })
    const draws = await engine.sample(network, {
      ...run,
      noise: 2,
      irreversible: [
        [0, 0.5],
        [-0.5, 0],
      ],
      changes: [
        { step: 10, noise: 0.5 },
        { step: 25, noise: 0.1, dt: 0.02 },
      ],
    })
    expect(draws.hash).toBe('3264309fe10e2f4b722703d47600faa88f7bdc9b70512e9540c65cafd892975b')
  })

  test('stimuli, and units of the data', async () => {
    await using engine = await createEngine({ workers: 2 })
    const { data } = await engine.targetDraws('laplace-mixture', 600, 5)
    const column = (d: number, scale: number) => ({
      shape: [600, 1],
      data: data.filter((_, i) => i % 2 === d).map((v) => scale * v),
    })
    const network = await engine.train({ data: column(0, 1000), stimuli: column(1, 1), units: 40, levels: 2 })
    expect(network.scaling?.x).toBeDefined()
    const draws = await engine.sample(network, { ...run, stimulus: [0.5], changes: [{ step: 20, stimulus: [-1] }] })
    expect(draws.hash).toBe('3a91fb34c17bd8c9e841751adc7fac7e243bcac1a04f9d883f4d01301378daa9')
  })
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
