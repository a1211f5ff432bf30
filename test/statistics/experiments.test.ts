// What the quick presets of the Laplace mixture, the integrators and the capacity experiment promise.
import { createEngine, type Engine } from 'langevin-rnn'
import { reproduceCapacity, reproduceIntegrators, reproduceLaplaceMixture } from 'langevin-rnn/experiments'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

const seeds = process.env['LONG_TESTS'] ? [1, 2, 3] : [1]

test.each(seeds)('Laplace mixture, seed %i', { timeout: 600_000 }, async (seed) => {
  const { exact, architectures } = await reproduceLaplaceMixture(engine, { preset: 'quick', seed })
  const [rsn, ...samplerOnly] = architectures
  const { wasserstein, excessKurtosis } = rsn!.figures
  wasserstein.forEach((w1, axis) => {
    expect(w1).toBeLessThanOrEqual(1.3 * exact.wasserstein[axis]!)
  })
  for (const kurtosis of excessKurtosis) expect(Math.abs(kurtosis - 3)).toBeLessThanOrEqual(0.3)
  expect(rsn!.long).toMatchObject({ steps: 1_000_000 })
  // The data's own radius: a chain that left it would not come back from where the drift points outward.
  expect(rsn!.long!.farthest).toBeLessThan(2 * rsn!.network.confinement!.radius)

  const [plain, authors, large] = rsn!.races
  const time = (race: typeof plain, line: number) => race!.reached.find(({ wasserstein: w }) => w === line)!.time!
  for (const line of [0.4, 0.1]) {
    expect(time(large, line)).toBeLessThanOrEqual(0.5 * time(plain, line))
    expect(time(authors, line)).toBeGreaterThan(0.9 * time(plain, line))
  }
  // The same law in the end: both within what 10,000 exact draws vary by.
  for (const race of [plain, large]) expect(race!.wasserstein.at(-1)).toBeLessThan(0.03)
  for (const { axes, wasserstein: both } of rsn!.races) {
    expect(axes.map(({ length }) => length)).toEqual([both.length, both.length])
    both.forEach((w1, i) => {
      expect((axes[0][i]! + axes[1][i]!) / 2).toBeCloseTo(w1, 12)
    })
    // The far start is so in either axis.
    for (const axis of axes) expect(axis[0]).toBeGreaterThan(1)
  }

  expect(samplerOnly).toHaveLength(2)
  for (const { figures } of samplerOnly) {
    for (const w1 of figures.wasserstein) expect(w1).toBeGreaterThan(5 * exact.wasserstein[0])
    for (const kurtosis of figures.excessKurtosis) expect(kurtosis).toBeLessThan(1)
  }
})

// Half a minute and more on two idle cores.
test.skipIf(!process.env['LONG_TESTS'])('integrators: orders', { timeout: 600_000 }, async () => {
  const { curves } = await reproduceIntegrators(engine, { preset: 'quick', seed: 1 })
  const order = (integrator: string) =>
    curves.find((curve) => curve.target === 'double-peak' && curve.integrator === integrator)!.order!
  expect(order('euler-maruyama')).toBeCloseTo(1, 0)
  expect(order('exponential-euler')).toBeCloseTo(1, 0)
  expect(order('leimkuhler-matthews')).toBeCloseTo(2, 0)
  for (const { wasserstein, integrator, target } of curves) {
    const euler = curves.find((curve) => curve.target === target && curve.integrator === 'euler-maruyama')!
    if (integrator === 'leimkuhler-matthews') {
      expect(wasserstein.at(-1)).toBeLessThan(euler.wasserstein.at(-1) ?? Number.POSITIVE_INFINITY)
    }
  }
})

test.skipIf(!process.env['LONG_TESTS'])(
  'capacity: only the reservoir-sampler gains',
  { timeout: 600_000 },
  async () => {
    const { curves } = await reproduceCapacity(engine, { preset: 'quick', seed: 1 })
    expect(curves).toHaveLength(12)
    for (const { architecture, slope, points } of curves) {
      const errors = points.map(({ fisherDivergence }) => fisherDivergence)
      if (architecture === 'reservoir-sampler') {
        expect(slope).toBeLessThan(-0.3)
        expect(Math.min(...errors)).toBeLessThan(0.1 * errors[0]!)
      } else {
        expect(Math.abs(slope)).toBeLessThan(0.1)
        expect(Math.min(...errors)).toBeGreaterThan(0.5 * errors[0]!)
      }
    }
  },
)
