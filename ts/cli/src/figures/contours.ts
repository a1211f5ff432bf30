// Two-dimensional densities side by side as filled contours, and bars of a number for each axis beside the law's.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { type FigureOptions, type Numbers, plot, setUp } from './panel.js'

export interface ContourFigureData {
  /** Edges of the squares along either axis. */
  readonly edges: Numbers
  readonly panels: readonly { readonly title: string; readonly subtitle: string; readonly density: Numbers }[]
}

/** Contours at these densities: a factor of about three each. */
const LEVELS: readonly number[] = [0.01, 0.03, 0.1, 0.3]

/** One panel a law, the same contours and colours in each. */
export function contourFigure(data: ContourFigureData, options: FigureOptions): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const squares = data.edges.length - 1
  const domain = [data.edges[0]!, data.edges[squares]!] as const
  const colour = (level: number) => palette.noise(LEVELS.indexOf(level) / (LEVELS.length - 1))
  const panels = data.panels.map(
    (panel): Panel => ({
      title: panel.title,
      subtitle: panel.subtitle,
      draw: (size) =>
        plot(context, size, { domain, label: 'x₁' }, { domain, label: 'x₂' }, [
          ...LEVELS.map((level) =>
            Plot.contour(Array.from(panel.density), {
              width: squares,
              height: squares,
              x1: domain[0],
              y1: domain[0],
              x2: domain[1],
              y2: domain[1],
              thresholds: [level],
              blur: 0.75,
              fill: colour(level),
              stroke: 'none',
              clip: true,
            }),
          ),
        ]),
    }),
  )
  const legend: LegendItem[] = [
    { kind: 'text', label: 'density above', colour: palette.text },
    ...LEVELS.map((level): LegendItem => ({ kind: 'bar', label: String(level), colour: colour(level) })),
  ]
  return compose({ ...context, name: 'density', title: options.title ?? 'Densities', legend, panels })
}

export interface BarsFigureData {
  /** What the bars are of. */
  readonly label: string
  /** The law's value, and what it is called. */
  readonly law: number
  readonly lawLabel: string
  readonly panels: readonly { readonly title: string; readonly values: readonly number[] }[]
}

const HALF = 0.3

/** A bar for each axis, one panel a circuit, with the law's value as a rule. */
export function barsFigure(data: BarsFigureData, options: FigureOptions): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const all = data.panels.flatMap(({ values }) => values)
  const domain = [Math.min(0, ...all) - 0.1, Math.max(data.law, ...all) * 1.15] as const
  const panels = data.panels.map(({ title, values }): Panel => {
    const bars = values.map((value, axis) => ({ left: axis + 1 - HALF, right: axis + 1 + HALF, at: axis + 1, value }))
    return {
      title,
      subtitle: values.map((value) => value.toFixed(2).replace('-', '−')).join(', '),
      draw: (size) =>
        plot(
          context,
          size,
          {
            domain: [0.4, values.length + 0.6],
            label: 'axis',
            ticks: bars.map(({ at }) => at),
            format: (at) => `x${'₁₂₃₄₅₆₇₈₉'[at - 1] ?? at}`,
          },
          { domain, label: data.label },
          [
            Plot.rect(bars, {
              x1: 'left',
              x2: 'right',
              y1: 0,
              y2: 'value',
              fill: palette.bar,
              stroke: palette.barEdge,
            }),
            Plot.ruleY([0], { stroke: palette.muted }),
            Plot.ruleY([data.law], { stroke: palette.text, strokeWidth: 1.75, strokeDasharray: '6,4' }),
          ],
        ),
    }
  })
  const legend: LegendItem[] = [
    { kind: 'bar', label: 'draws', colour: palette.bar },
    { kind: 'dashed', label: data.lawLabel, colour: palette.text },
  ]
  return compose({ ...context, name: 'bars', title: options.title ?? data.label, legend, panels })
}
