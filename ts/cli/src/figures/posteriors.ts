// Figures of the posterior experiment: C2ST by simulations beside the benchmark's, draws over reference draws, cues over time.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { type Axis, type FigureOptions, padded, plot, setUp } from './panel.js'

export interface C2stFigureData {
  readonly panels: readonly {
    readonly title: string
    /** Mean over observations by number of simulations, and that of each observation. */
    readonly means: readonly { readonly simulations: number; readonly c2st: number }[]
    readonly each: readonly { readonly simulations: number; readonly c2st: number }[]
    /** What the benchmark published after 100,000 simulations. */
    readonly published: { readonly method: string; readonly c2st: number }
  }[]
}

const PUBLISHED_AT = 1e5

/** A panel a task, from ½ (nobody can tell the draws) to 1 (anybody can). */
export function c2stFigure(data: C2stFigureData, options: FigureOptions): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const [own, other] = palette.series as readonly [string, string]
  // Of few draws an observation's may be well under ½.
  const least = Math.min(
    0.5,
    ...data.panels.flatMap(({ each }) => each.map(({ c2st }) => c2st)).filter(Number.isFinite),
  )
  const y: Axis = { domain: [least - 0.02, 1.02], label: 'C2ST', ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 1] }
  const simulations = data.panels.flatMap(({ means }) => means.map((point) => point.simulations))
  const domain = [Math.min(1e3, ...simulations) * 0.6, Math.max(PUBLISHED_AT, ...simulations) * 1.7] as const
  const x: Axis = { domain, label: 'simulations', type: 'log', format: power }
  const panels = data.panels.map(({ title, means, each, published }): Panel => {
    const dots = { x: 'simulations', y: 'c2st' } as const
    const last = means.at(-1)
    return {
      title,
      subtitle: last ? `mean ${last.c2st.toFixed(3)}; published ${published.method} ${published.c2st.toFixed(3)}` : '',
      draw: (size) =>
        plot(context, size, x, y, [
          Plot.ruleY([0.5], { stroke: palette.muted, strokeWidth: 1.25, strokeDasharray: '3,3' }),
          Plot.dot(each, { ...dots, stroke: own, strokeWidth: 1, r: 2.5 }),
          Plot.line(means, { ...dots, sort: 'simulations', stroke: own, strokeWidth: 2.25 }),
          Plot.dot(means, { ...dots, fill: own, r: 4 }),
          Plot.dot([{ simulations: PUBLISHED_AT, c2st: published.c2st }], {
            ...dots,
            symbol: 'diamond',
            fill: other,
            stroke: palette.background,
            r: 5.5,
          }),
        ]),
    }
  })
  const legend: LegendItem[] = [
    { kind: 'line', label: 'mean of the observations', colour: own },
    { kind: 'ring', label: 'each of them', colour: own },
    { kind: 'diamond', label: 'published (NPE, for slcp NLE)', colour: other },
    { kind: 'dashed', label: 'not to be told apart', colour: palette.muted, dashes: '3,3' },
  ]
  return compose({ ...context, name: 'c2st', title: options.title ?? 'C2ST', legend, panels })
}

const power = (value: number): string =>
  `10${String(Math.round(Math.log10(value))).replace(/\d/g, (d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(d)]!)}`

export interface ScatterFigureData {
  readonly name: string
  /** Of both axes of all panels: the prior's box. */
  readonly domain: readonly [number, number]
  readonly yLabel: string
  readonly panels: readonly {
    readonly title: string
    readonly subtitle: string
    readonly xLabel: string
    /** [x, y] of each draw. */
    readonly draws: readonly (readonly [number, number])[]
    readonly reference: readonly (readonly [number, number])[] | null
  }[]
}

/** A row of reference draws, where there are any, and below it the network's, all in the same axes. */
export function scatterFigure(data: ScatterFigureData, options: FigureOptions): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const y: Axis = { domain: data.domain, label: data.yLabel }
  const row = (of: 'reference' | 'draws', fill: string) =>
    data.panels.map(
      (panel): Panel => ({
        title: panel.title,
        subtitle: of === 'reference' ? 'reference' : panel.subtitle,
        draw: (size) =>
          plot(context, size, { domain: data.domain, label: panel.xLabel }, y, [
            Plot.dot(panel[of] ?? [], { x: '0', y: '1', fill, fillOpacity: 0.6, r: 1 }),
          ]),
      }),
    )
  const compared = data.panels.some(({ reference }) => reference !== null)
  const reference: LegendItem = { kind: 'dot', label: 'reference draws', colour: palette.muted }
  const own: LegendItem = { kind: 'dot', label: 'draws of the network', colour: palette.barEdge }
  const legend = compared ? [reference, own] : [own]
  const panels = [...(compared ? row('reference', palette.muted) : []), ...row('draws', palette.barEdge)]
  const title = options.title ?? data.name
  return compose({ ...context, name: data.name, title, legend, panels, columns: data.panels.length })
}

export interface CueFigureData {
  /** Times of the records, in τ. */
  readonly times: ArrayLike<number>
  /** The cues as they change: from `start` on, each with the deviation that it is known to have. */
  readonly cues: readonly {
    readonly name: string
    readonly segments: readonly {
      readonly start: number
      readonly end: number
      readonly cue: number
      readonly deviation: number
    }[]
  }[]
  /** Mean and deviation over the chains, and of the exact posterior. */
  readonly draws: { readonly mean: ArrayLike<number>; readonly deviation: ArrayLike<number> }
  readonly exact: { readonly mean: ArrayLike<number>; readonly deviation: ArrayLike<number> }
  readonly wasserstein: ArrayLike<number>
  /** W1 of as many exact draws. */
  readonly exactWasserstein: number
}

/** Cues with their reliabilities, the draws' band over the posterior's, and W1, one above another over time. */
export function cueFigure(data: CueFigureData, options: FigureOptions): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const [first, second, third] = palette.series as readonly [string, string, string]
  const times = Array.from(data.times)
  const x: Axis = { domain: [0, times.at(-1)!], label: 'time (τ)' }
  const band = ({ mean, deviation }: CueFigureData['draws']) =>
    times.map((t, i) => ({ t, mean: mean[i]!, low: mean[i]! - deviation[i]!, high: mean[i]! + deviation[i]! }))
  const [draws, exact] = [band(data.draws), band(data.exact)]
  const segments = data.cues.flatMap(({ segments }) => segments)
  const range = padded(segments.flatMap(({ cue, deviation }) => [cue - deviation, cue + deviation]))
  const stimulus = data.cues.flatMap(({ segments }, i) => {
    const colour = [second, third][i % 2]!
    return [
      Plot.rect(segments, {
        x1: 'start',
        x2: 'end',
        y1: (of: (typeof segments)[number]) => of.cue - of.deviation,
        y2: (of: (typeof segments)[number]) => of.cue + of.deviation,
        fill: colour,
        fillOpacity: 0.22,
      }),
      Plot.ruleY(segments, {
        x1: 'start',
        x2: 'end',
        y: 'cue',
        stroke: colour,
        strokeWidth: 2.5,
        strokeDasharray: ['', '7,3'][i % 2]!,
      }),
    ]
  })
  const panels: Panel[] = [
    {
      title: 'Stimulus',
      subtitle: 'each cue ± its deviation',
      draw: (size) => plot(context, size, x, { domain: range, label: 'cue' }, stimulus),
    },
    {
      title: 'Circuit',
      subtitle: 'draws and posterior, mean ± deviation',
      draw: (size) =>
        plot(context, size, x, { domain: range, label: 'x' }, [
          Plot.areaY(draws, { x: 't', y1: 'low', y2: 'high', fill: first, fillOpacity: 0.3 }),
          Plot.line(draws, { x: 't', y: 'mean', stroke: first, strokeWidth: 2.5 }),
          ...(['mean', 'low', 'high'] as const).map((y) =>
            Plot.line(exact, {
              x: 't',
              y,
              stroke: palette.text,
              strokeWidth: y === 'mean' ? 1.75 : 1,
              strokeDasharray: '5,3',
            }),
          ),
        ]),
    },
    {
      title: 'Distance to the posterior',
      subtitle: `W₁; as many exact draws have ${data.exactWasserstein.toPrecision(2)}`,
      draw: (size) => {
        const points = times.map((t, i) => ({ t, w: data.wasserstein[i]! }))
        const values = points.map(({ w }) => w)
        const y: Axis = {
          domain: [Math.min(...values) / 1.3, Math.max(...values) * 1.3],
          label: 'W₁ (units of x)',
          type: 'log',
        }
        return plot(context, size, x, y, [
          Plot.ruleY([data.exactWasserstein], { stroke: palette.text, strokeWidth: 1.25, strokeDasharray: '3,3' }),
          Plot.line(points, { x: 't', y: 'w', stroke: first, strokeWidth: 1.75 }),
        ])
      },
    },
  ]
  const legend: LegendItem[] = [
    ...data.cues.map(
      ({ name }, i): LegendItem => ({
        kind: i === 0 ? 'line' : 'dashed',
        label: name,
        colour: [second, third][i % 2]!,
        dashes: '7,3',
      }),
    ),
    { kind: 'bar', label: 'draws', colour: first },
    { kind: 'dashed', label: 'exact posterior', colour: palette.text, dashes: '5,3' },
  ]
  const title = options.title ?? 'Cue combination'
  return compose({ ...context, name: 'cues', title, legend, panels, columns: 1 })
}
