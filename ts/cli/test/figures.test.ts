// The figures: well-formed, the same text and pixels wherever they are made, legible in every size and theme.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { drawsFigure, type FigureOptions, lossFigure, scoreFigure } from '../src/figures/plots.js'
import { ratesFigure } from '../src/figures/rates.js'
import { createDocument, toPng, toSvg } from '../src/figures/render.js'
import { ratesOf } from '../src/rates.js'
import { fakeReport } from './fake_report.js'

const report = fakeReport(['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current'])
const activity = report.activities[0]!.draws
const { grid: x, trueDensity, trueScore } = report
const figures = {
  score: (options: FigureOptions) =>
    scoreFigure(
      {
        x,
        trueDensity,
        trueScore,
        panels: report.architectures.map(({ architecture, scoreCurves }) => ({ architecture, curves: scoreCurves })),
      },
      options,
    ),
  draws: (options: FigureOptions) =>
    drawsFigure(
      {
        x,
        trueDensity,
        panels: report.architectures.map(({ architecture, histogram }) => ({ architecture, ...histogram })),
      },
      options,
    ),
  loss: (options: FigureOptions) =>
    lossFigure(
      {
        panels: report.architectures.map(({ architecture, network }) => ({
          architecture,
          losses: network.losses,
          noises: network.levels.map((level) => level.noise),
        })),
      },
      options,
    ),
  rates: (options: FigureOptions) => ratesFigure(ratesOf(activity, 0.05)!.data, options),
}

describe.each(Object.entries(figures))('%s', (name, draw) => {
  test.each(['light', 'dark'] as const)('%s: the text does not depend on what was drawn before', (theme) => {
    const once = toSvg(draw({ document: createDocument(), theme }))
    expect(toSvg(draw({ document: createDocument(), theme }))).toBe(once)
    expect(once).toContain(`${name === 'score' ? 'Reservoir-sampler network' : ''}`)
    expect(once).not.toMatch(/NaN|undefined|<style|plot-/)
  })

  test('no text is smaller than 11 pixels, every id is its own', () => {
    const figure = draw({ document: createDocument() })
    for (const node of figure.querySelectorAll('[font-size]'))
      expect(Number.parseFloat(node.getAttribute('font-size')!)).toBeGreaterThanOrEqual(11)
    const ids = [...figure.querySelectorAll('[id]')].map((node) => node.getAttribute('id'))
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(new RegExp(`^${name}-`))
  })

  // The rates' panels share their time, one below the other, in pages of any width.
  test.skipIf(name === 'rates')('narrow pages get the panels below one another', () => {
    const height = (width: number) => Number(draw({ document: createDocument(), width }).getAttribute('height'))
    expect(height(380)).toBeGreaterThan(2 * height(960))
  })
})

test('a live page may draw before there is anything', () => {
  const options = { document: createDocument() }
  const [architecture, none] = ['reservoir-sampler', [] as number[]]
  const panels = { panels: [{ architecture, curves: [], edges: none, density: none, losses: none, noises: none }] }
  for (const figure of [
    scoreFigure({ x, trueDensity, trueScore, ...panels }, options),
    drawsFigure({ x, trueDensity, ...panels }, options),
    lossFigure(panels, options),
    scoreFigure({ x, trueDensity, trueScore, panels: [] }, options),
  ]) {
    expect(toSvg(figure)).not.toMatch(/NaN|Infinity/)
  }
})

test('the pixels are the same on every machine', async () => {
  // Whole numbers only, so that nothing hangs on a machine's own functions.
  const figure = drawsFigure(
    {
      x: [-2, -1, 0, 1, 2],
      trueDensity: [0, 1, 2, 1, 0],
      panels: [{ architecture: 'reservoir-sampler', edges: [-2, 0, 2], density: [1, 2] }],
    },
    { document: createDocument(), width: 320 },
  )
  const png = await toPng(toSvg(figure))
  expect(createHash('sha256').update(png).digest('hex')).toBe(
    '94281c6a51dac6a83a16b5305cd4ad9a7702b517b1b93204eaafff1d176ae686',
  )
})

describe('rates', () => {
  const { data, csv } = ratesOf(activity, 0.05)!

  test('units are in the order of the outputs that they peak at', () => {
    expect(data.rows.map(({ unit }) => unit)).toEqual([11, 60, 4])
    expect(csv.split('\n').slice(0, 2)).toEqual(['time,x0,r11,r60,r4', expect.stringMatching(/^0.05,0,/)])
  })

  test('two outputs give units by direction, which goes round', () => {
    const { data: x, rates } = activity
    const turning = Float32Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0 ? Math.cos((Math.floor(i / 2) * Math.PI) / 5) : Math.sin((Math.floor(i / 2) * Math.PI) / 5),
    )
    const plane = ratesOf({ ...activity, data: turning, shape: [1, 10, 2], rates }, null)!.data
    expect(x).toHaveLength(10)
    expect(plane).toMatchObject({ direction: true, unit: 'draws' })
    // Peaks at 8, 2 and 5 tenths of a turn: −72°, 72°, 180°.
    expect(plane.rows.map(({ unit }) => unit).slice(0, 2)).toEqual([4, 11])
  })

  test('there is nothing to draw without rates or without time', () => {
    expect(ratesOf({ ...activity, rates: null }, 1)).toBeNull()
    expect(ratesOf({ ...activity, shape: [10, 1, 1] }, 1)).toBeNull()
  })
})
