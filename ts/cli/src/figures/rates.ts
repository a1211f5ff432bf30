// Firing rates: the outputs over time, a raster of units by preferred output, each on its own scale, and some of them as lines.
import type * as Plot from '@observablehq/plot'
import { line, range, type TimeUnit } from './diagnostics.js'
import { compose, type LegendItem, type Panel } from './layout.js'
import { type Axis, type Context, coordinateName, type FigureOptions, type Numbers, plot, setUp } from './panel.js'

export interface UnitRates {
  /** Its number in the reservoir. */
  readonly unit: number
  /** r at each time. */
  readonly rates: Numbers
}

export interface RatesData {
  readonly unit: TimeUnit
  /** Time of each point, evenly spaced. */
  readonly time: Numbers
  /** Each output at those times. */
  readonly outputs: readonly Numbers[]
  /** Whether units are ordered by the direction of their preferred output, not by the output itself. */
  readonly direction: boolean
  /** The raster's, from bottom to top. */
  readonly rows: readonly UnitRates[]
  /** Units to draw as lines, one a colour of the palette. */
  readonly lines: readonly UnitRates[]
  /** What is left out, for the legend; empty when nothing is. */
  readonly note: string
}

/** Shades of the raster. */
const SHADES = 12

/** Outputs, raster and lines, one below the other over the same time. */
export function ratesFigure(data: RatesData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const { time, outputs, rows, lines } = data
  const step = time.length > 1 ? time[1]! - time[0]! : 1
  const x: Axis = { domain: [time[0]! - step / 2, time[time.length - 1]! + step / 2], label: `time (${data.unit})` }
  const curves = (title: string, label: string, values: readonly Numbers[]): Panel => ({
    title,
    subtitle: '',
    draw: (size) =>
      plot(
        context,
        size,
        x,
        { domain: range(values), label },
        values.map((one, i) => line(time, one, palette.series[i]!, 1.5)),
      ),
  })
  const every = Math.ceil(rows.length / 8)
  const ticks = rows.flatMap((_, i) => (i % every === 0 ? [i + 0.5] : []))
  const y: Axis = {
    domain: [0, rows.length],
    label: 'reservoir unit',
    ticks,
    format: (at) => String(rows[Math.floor(at)]!.unit),
  }
  const by = data.direction ? 'by the direction of their preferred output' : 'by preferred output'
  const panels: Panel[] = [
    curves('Outputs', 'x', outputs),
    {
      title: `Rates of ${rows.length} units, ${by}`,
      subtitle: '',
      draw: (size) => plot(context, size, x, y, [raster(rows, time, step, context)]),
    },
    curves(
      'Rates of some of them',
      'rate r',
      lines.map((one) => one.rates),
    ),
  ]
  const series = (label: string, i: number): LegendItem => ({ kind: 'line', label, colour: palette.series[i]! })
  const legend: LegendItem[] = [
    { kind: 'bar', label: 'least rate of a unit', colour: palette.heat(0) },
    { kind: 'bar', label: 'largest', colour: palette.heat(1) },
    ...(outputs.length > 1 ? outputs.map((_, d) => series(coordinateName(d, outputs.length), d)) : []),
    ...lines.map(({ unit }, i) => series(`unit ${unit}`, i)),
    ...(data.note === '' ? [] : [{ kind: 'text', label: data.note, colour: palette.muted } as const]),
  ]
  return compose({ ...context, name: 'rates', title: options.title ?? 'Firing rates', legend, panels, columns: 1 })
}

/** A path for each shade: neighbours of one shade are one rectangle. */
function raster(rows: readonly UnitRates[], time: Numbers, step: number, { palette, document }: Context): Plot.Markish {
  return (_index, scales) => {
    const paths = Array.from({ length: SHADES }, () => '')
    const px = (at: number) => Number(scales.x!(at)!.toFixed(2))
    const py = (at: number) => Number(scales.y!(at)!.toFixed(2))
    rows.forEach(({ rates }, row) => {
      const [low, high] = range([rates], 0)
      const shade = (i: number) => Math.min(SHADES - 1, Math.floor((SHADES * (rates[i]! - low)) / (high - low || 1)))
      for (let from = 0, to = 1; from < time.length; from = to++) {
        while (to < time.length && shade(to) === shade(from)) to += 1
        const [left, right] = [px(time[from]! - step / 2), px(time[to - 1]! + step / 2)]
        paths[shade(from)] += `M${left},${py(row)}V${py(row + 1)}H${right}V${py(row)}Z`
      }
    })
    const group = document.createElementNS('http://www.w3.org/2000/svg', 'g') as SVGGElement
    paths.forEach((d, shade) => {
      if (d === '') return
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
      path.setAttribute('d', d)
      path.setAttribute('fill', palette.heat((shade + 0.5) / SHADES))
      group.append(path)
    })
    return group
  }
}
