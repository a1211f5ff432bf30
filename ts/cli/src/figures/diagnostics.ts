// The figures of a diagnosis, from plain numbers, a panel for each coordinate: trace, ranks, histogram, autocorrelation, spectrum.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { bars, outline } from './marks.js'
import { type Axis, type Context, type FigureOptions, type Numbers, plot, setUp } from './panel.js'

/** What all figures of a diagnosis say of a coordinate. */
export interface CoordinatePanel {
  readonly title: string
  readonly subtitle: string
}

/** The unit of time: τ, or draws where nothing tells the time between them. */
export type TimeUnit = 'τ' | 'draws'

export interface TraceData {
  readonly unit: TimeUnit
  /** Time of each point shown. */
  readonly time: Numbers
  /** Values of each chain shown at those times. */
  readonly panels: readonly (CoordinatePanel & { readonly chains: readonly Numbers[] })[]
  /** What is left out, for the legend; empty when nothing is. */
  readonly note: string
}

export interface RankData {
  /** Counts by bin of each chain shown, and the count that is expected where chains agree. */
  readonly panels: readonly (CoordinatePanel & { readonly chains: readonly Numbers[]; readonly expected: number })[]
  readonly note: string
}

export interface HistogramData {
  /** bins + 1 edges, density of the draws in each bin, and of reference draws where there are any. */
  readonly panels: readonly (CoordinatePanel & {
    readonly edges: Numbers
    readonly density: Numbers
    readonly reference?: Numbers
  })[]
  readonly note: string
}

export interface CurveData {
  readonly unit: TimeUnit
  readonly panels: readonly (CoordinatePanel & { readonly x: Numbers; readonly y: Numbers })[]
  readonly note: string
}

/** Draws of the first chains over time. */
export function traceFigure(data: TraceData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const x: Axis = { domain: range([data.time], 0), label: `time (${data.unit})` }
  const y: Axis = { domain: range(data.panels.flatMap((panel) => panel.chains)), label: 'draw' }
  const panels = data.panels.map((panel) =>
    drawn(panel, context, x, y, () =>
      panel.chains.map((chain, c) => line(data.time, chain, context.palette.series[c]!, 1)),
    ),
  )
  return composed('trace', 'Traces of the chains', context, options, chainLegend(data, context), panels)
}

/** Ranks of each chain's draws among all draws: even, up to chance, where the chains agree. */
export function rankFigure(data: RankData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const top = largest(data.panels.flatMap((panel) => [...panel.chains, [panel.expected]]))
  const panels = data.panels.map((panel) =>
    drawn(
      panel,
      context,
      { domain: [0, 1], label: 'rank among all draws' },
      { domain: [0, 1.08 * top], label: 'draws' },
      () => [
        Plot.ruleY([panel.expected], { stroke: context.palette.text, strokeDasharray: '6,4', strokeWidth: 1.5 }),
        ...panel.chains.map((counts, c) => steps(counts, context.palette.series[c]!)),
      ],
    ),
  )
  const expected: LegendItem = { kind: 'dashed', label: 'even', colour: context.palette.text }
  return composed('ranks', 'Ranks of the chains', context, options, [expected, ...chainLegend(data, context)], panels)
}

/** Histogram of all draws, with that of the reference over it. */
export function histogramFigure(data: HistogramData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const x: Axis = {
    domain: range(
      data.panels.map((panel) => panel.edges),
      0,
    ),
    label: 'draw',
  }
  const top = largest(data.panels.flatMap((panel) => [panel.density, panel.reference ?? []]))
  const panels = data.panels.map((panel) =>
    drawn(panel, context, x, { domain: [0, 1.06 * top], label: 'probability density' }, () => [
      Plot.rect(bars(panel.edges, panel.density), {
        x1: 'left',
        x2: 'right',
        y1: 0,
        y2: 'density',
        fill: palette.bar,
        stroke: palette.barEdge,
        strokeWidth: 0.5,
      }),
      Plot.ruleY([0], { stroke: palette.muted }),
      panel.reference ? outline(panel.edges, panel.reference, palette.text) : null,
    ]),
  )
  const legend: LegendItem[] = [{ kind: 'bar', label: 'draws', colour: palette.bar }]
  if (data.panels.some((panel) => panel.reference))
    legend.push({ kind: 'line', label: 'reference', colour: palette.text })
  return composed(
    'histogram',
    'Histograms of the draws',
    context,
    options,
    [...legend, ...noted(data, context)],
    panels,
  )
}

/** ρ over time, mean over chains. */
export function autocorrelationFigure(data: CurveData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const x: Axis = { domain: [0, largest(data.panels.map((panel) => panel.x))], label: `lag (${data.unit})` }
  const [low] = range(data.panels.map((panel) => panel.y))
  const y: Axis = { domain: [Math.min(low, -0.1), 1.05], label: 'autocorrelation' }
  const panels = data.panels.map((panel) =>
    drawn(panel, context, x, y, () => [
      Plot.ruleY([0], { stroke: palette.muted }),
      line(panel.x, panel.y, palette.series[0]!, 2),
    ]),
  )
  return composed('autocorrelation', 'Autocorrelation', context, options, noted(data, context), panels)
}

/** Power by frequency on a logarithmic scale, Welch's estimate, mean over chains. */
export function spectrumFigure(data: CurveData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const x: Axis = {
    domain: [0, largest(data.panels.map((panel) => panel.x))],
    label: data.unit === 'τ' ? 'frequency (1/τ)' : 'frequency (cycles a draw)',
  }
  const powers = data.panels.flatMap((panel) => Array.from(panel.y)).filter((power) => power > 0)
  // A coordinate that stands still has no power anywhere, and the frame is drawn all the same.
  const domain: [number, number] =
    powers.length === 0 ? [0.1, 10] : [Math.min(...powers) / 1.5, Math.max(...powers) * 1.5]
  const y: Axis = { domain, label: data.unit === 'τ' ? 'power (x² τ)' : 'power (x²)', type: 'log' }
  const panels = data.panels.map((panel) =>
    drawn(panel, context, x, y, () => [
      line(
        panel.x,
        Array.from(panel.y, (power) => (power > 0 ? power : Number.NaN)),
        context.palette.series[0]!,
        2,
      ),
    ]),
  )
  return composed('spectrum', 'Power spectrum', context, options, noted(data, context), panels)
}

function drawn(
  { title, subtitle }: CoordinatePanel,
  context: Context,
  x: Axis,
  y: Axis,
  marks: () => Plot.Markish[],
): Panel {
  return { title, subtitle, draw: (size) => plot(context, size, x, y, marks()) }
}

function composed(
  name: string,
  title: string,
  context: Context,
  options: FigureOptions,
  legend: LegendItem[],
  panels: Panel[],
): SVGSVGElement {
  return compose({ ...context, name, title: options.title ?? title, legend, panels })
}

function chainLegend(data: TraceData | RankData, context: Context): LegendItem[] {
  const count = data.panels[0]?.chains.length ?? 0
  const chains = context.palette.series
    .slice(0, count)
    .map((colour, c): LegendItem => ({ kind: 'line', label: `chain ${c + 1}`, colour }))
  return [...chains, ...noted(data, context)]
}

function noted({ note }: { readonly note: string }, { palette }: Context): LegendItem[] {
  return note === '' ? [] : [{ kind: 'text', label: note, colour: palette.muted }]
}

export function line(x: Numbers, y: Numbers, stroke: string, strokeWidth: number): Plot.Markish {
  const points = Array.from(x, (at, i) => ({ x: at, y: y[i]! }))
  return Plot.line(points, { x: 'x', y: 'y', stroke, strokeWidth, clip: true })
}

/** Counts by bin of 0 … 1 as a line of steps. */
function steps(counts: Numbers, stroke: string): Plot.Markish {
  const corners = Array.from(counts, (y, i) => [
    { x: i / counts.length, y },
    { x: (i + 1) / counts.length, y },
  ])
  return Plot.line(corners.flat(), { x: 'x', y: 'y', stroke, strokeWidth: 2 })
}

export function range(rows: readonly Numbers[], margin = 0.06): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      low = Math.min(low, row[i]!)
      high = Math.max(high, row[i]!)
    }
  }
  if (low > high) return [0, 1]
  const width = high - low || 1
  return margin === 0 && high > low ? [low, high] : [low - margin * width, high + margin * width]
}

function largest(rows: readonly Numbers[]): number {
  const top = range(rows, 0)[1]
  return top > 0 ? top : 1
}
