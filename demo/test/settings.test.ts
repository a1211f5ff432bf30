// Settings of the double-peak scene: a link and back, and what is refused; and the paths that figures are made of.
import { doublePeakPreset } from 'langevin-rnn/experiments'
import { expect, test } from 'vitest'
import { barsPath, histogram, linear, linePath, significant, ticks } from '../src/figures/paths.ts'
import { DEFAULTS, experiment, fromAddress, isPreset, toAddress } from '../src/scenes/double_peak/settings.ts'
import { LIMITS, readWithin } from '../src/scenes/shared/settings.ts'

test('settings come back from their link', () => {
  const settings = {
    seed: 12,
    chains: 700,
    dt: 0.02,
    integrator: 'euler-maruyama',
    pace: 5,
    units: 32,
    noise: 0.1,
  } as const
  expect(fromAddress(toAddress(settings))).toEqual({ settings, refused: [] })
  expect(fromAddress('')).toEqual({ settings: DEFAULTS, refused: [] })
})

test('the defaults are the quick preset', () => {
  const { chains, dt, integrator } = doublePeakPreset('quick', 'reservoir-sampler').sample
  expect(DEFAULTS).toMatchObject({ chains, dt, integrator })
  expect(isPreset({ ...DEFAULTS, seed: 9, pace: 20 })).toBe(true)
  for (const other of [{ dt: 0.1 }, { units: 32 }, { noise: 0.1 }]) {
    expect(isPreset({ ...DEFAULTS, ...other })).toBe(false)
  }
  for (const { architecture } of experiment.circuits) {
    const { train } = doublePeakPreset('quick', architecture)
    // Of the closed form the last level alone, which has the preset's bits.
    const alone = train.method === 'closed-form' ? { solveLevels: 'last' } : {}
    expect(experiment.plan(DEFAULTS, 0)?.training(architecture)).toEqual({ ...train, ...alone })
  }
})

test('units are the reservoir’s, noise is everyone’s; a large reservoir learns from fewer points', () => {
  const { training } = experiment.plan({ ...DEFAULTS, units: 256, noise: 0.1 }, 0)!
  expect(training('reservoir-sampler')).toMatchObject({ units: 256, noiseMin: 0.1, points: 50_000 })
  expect(training('sampler-only-rate')).toMatchObject({ noiseMin: 0.1 })
  expect(training('sampler-only-rate')).not.toHaveProperty('units')
})

test('what makes no sense is named, and its default used', () => {
  const { settings, refused } = fromAddress(
    '?seed=-1&chains=1e9&dt=fast&integrator=heun&pace=3&units=1&noise=1&other=1',
  )
  expect(settings).toEqual(DEFAULTS)
  expect(refused).toEqual([
    'seed = -1',
    'chains = 1e9',
    'dt = fast',
    'integrator = heun',
    'pace = 3',
    'units = 1',
    'noise = 1',
  ])
  expect(readWithin(LIMITS.seed, '')).toBeNull()
  expect(readWithin(LIMITS.seed, '1.5')).toBeNull()
  expect(readWithin(LIMITS.seed, String(2 ** 53))).toBeNull()
  expect(readWithin(LIMITS.dt, '0.05')).toBe(0.05)
})

test('a histogram is a density, and values outside count in the total', () => {
  const { density } = histogram(Float32Array.of(-1, 0.25, 0.25, 9), [-2, 2], 4)
  expect([...density]).toEqual([0, 0.25, 0.5, 0])
})

test('paths', () => {
  const x = linear([0, 1], 0, 100)
  const y = linear([0, 1], 50, 0)
  expect(linePath([0, 0.5, 0.75, 1], [0, 1, Number.NaN, 0.5], x, y)).toBe('M0,50L50,0M100,25')
  expect(barsPath({ range: [0, 1], density: Float64Array.of(0, 0.5) }, x, y)).toBe('M50,50V25H100V50Z')
  expect(ticks([-3, 3], 7)).toEqual([-3, -2, -1, 0, 1, 2, 3])
  expect(ticks([0, 0.55], 6)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5])
  expect(significant(-0.012345)).toBe('−0.0123')
})
