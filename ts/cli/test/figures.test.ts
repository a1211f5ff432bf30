// The figures: well-formed, the same text and pixels wherever they are made, legible in every size and theme.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { drawsFigure, type FigureOptions, lossFigure, scoreFigure } from '../src/figures/plots.js'
import { createDocument, toPng, toSvg } from '../src/figures/render.js'
import { fakeReport } from './fake_report.js'

const report = fakeReport(['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current'])
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

  test('narrow pages get the panels below one another', () => {
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
