// Measured values against what was varied, a line with dots for each series: W1 over time, error by units, W1 by step.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { type Axis, type FigureOptions, plot, setUp } from './panel.js'

export interface Curve {
  /** Which of the figure's series it belongs to, from 0. */
  readonly series: number
  readonly x: ArrayLike<number>
  /** Values that are not above zero, or not finite, leave a gap. */
  readonly y: ArrayLike<number | null>
}

export interface CurvesPanel {
  readonly title: string
  readonly subtitle: string
  readonly xLabel: string
  /** Of the panel, where it isn't the figure's. */
  readonly yLabel?: string
  readonly curves: readonly Curve[]
  /** A level to compare with, drawn dashed. */
  readonly level?: number
}

export interface CurvesFigureData {
  /** Of the figure, for its ids. */
  readonly name: string
  readonly series: readonly string[]
  /** What the dashed level is. */
  readonly level?: string
  readonly yLabel: string
  readonly xType?: 'log'
  /** Dots at each value; for many values, lines alone. */
  readonly dots: boolean
  readonly panels: readonly CurvesPanel[]
}

const DASHES = ['', '7,3', '2,3'] as const

/** Panels of curves on a common logarithmic y axis; colour and dashes both tell series apart. */
export function curvesFigure(data: CurvesFigureData, options: FigureOptions): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const values = data.panels.flatMap(({ curves, level }) => [
    ...curves.flatMap((curve) => Array.from(curve.y)),
    level ?? null,
  ])
  const y: Axis = { domain: decimalRange(values), label: data.yLabel, type: 'log' }
  const panels = data.panels.map((panel): Panel => {
    const xs = panel.curves.flatMap((curve) => Array.from(curve.x))
    const range: [number, number] = [Math.min(...xs), Math.max(...xs)]
    const x: Axis = data.xType
      ? { domain: [range[0] / 1.25, range[1] * 1.25], label: panel.xLabel, type: data.xType }
      : { domain: [0, range[1]], label: panel.xLabel }
    const rows = panel.curves.map((curve) => ({ series: curve.series, points: usable(curve) }))
    return {
      title: panel.title,
      subtitle: panel.subtitle,
      draw: (size) =>
        plot(context, size, x, { ...y, label: panel.yLabel ?? y.label }, [
          panel.level === undefined
            ? null
            : Plot.ruleY([panel.level], { stroke: palette.text, strokeWidth: 1.25, strokeDasharray: '3,3' }),
          ...rows.flatMap(({ series, points }) => {
            const stroke = palette.series[series % palette.series.length]!
            return [
              Plot.line(points, {
                x: 'x',
                y: 'y',
                stroke,
                // Where series coincide, the first shows on both sides of the others.
                strokeWidth: series === 0 && !data.dots ? 4.5 : 2.25,
                strokeDasharray: DASHES[series % DASHES.length]!,
                clip: true,
              }),
              data.dots ? Plot.dot(points, { x: 'x', y: 'y', fill: stroke, r: 3.25 }) : null,
            ]
          }),
        ]),
    }
  })
  const legend = data.series.map(
    (label, i): LegendItem => ({
      kind: i % DASHES.length === 0 ? 'line' : 'dashed',
      label,
      colour: palette.series[i % palette.series.length]!,
      ...(i % DASHES.length > 0 && { dashes: DASHES[i % DASHES.length]! }),
    }),
  )
  if (data.level) legend.push({ kind: 'dashed', label: data.level, colour: palette.text, dashes: '3,3' })
  return compose({ ...context, name: data.name, title: options.title ?? data.name, legend, panels })
}

function usable({ x, y }: Curve): { x: number; y: number }[] {
  return Array.from(x, (at, i) => ({ x: at, y: y[i] ?? Number.NaN })).filter((point) => point.y > 0)
}

/** From a little below the least value to a little above the largest. */
function decimalRange(values: readonly (number | null)[]): [number, number] {
  const positive = values.filter((value): value is number => value !== null && Number.isFinite(value) && value > 0)
  return positive.length === 0 ? [0.1, 10] : [Math.min(...positive) / 1.3, Math.max(...positive) * 1.3]
}
