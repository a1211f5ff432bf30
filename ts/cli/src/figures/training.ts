// The figures of a network beside what it was trained on, from plain numbers: density and score in one dimension, densities and the score
// as arrows in two, and a corner plot of more.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { bars, outline } from './marks.js'
import {
  type Axis,
  type Context,
  coordinateName,
  type FigureOptions,
  type Numbers,
  padded,
  plot,
  points,
  setUp,
} from './panel.js'

export interface LineFigureData {
  /** Histogram of the training points. */
  readonly edges: Numbers
  readonly density: Numbers
  /** Grid of x, and on it the network's score and the density that its circuit samples in the end, p∞ ∝ exp ∫ s. */
  readonly x: Numbers
  readonly score: Numbers
  readonly law: Numbers
  /** Density and score of a target that is known. */
  readonly truth?: { readonly density: Numbers; readonly score: Numbers }
}

/** One dimension: histogram of the data with the density learned, and the score learned. */
export function lineFigure(data: LineFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const learned = palette.series[1]!
  const domain: [number, number] = [data.edges[0]!, data.edges[data.edges.length - 1]!]
  const x: Axis = { domain, label: 'x' }
  const curve = (values: Numbers, stroke: string, dash?: string) =>
    Plot.line(points(data.x, values, domain), {
      x: 'x',
      y: 'y',
      stroke,
      strokeWidth: 2,
      clip: true,
      ...(dash && { strokeDasharray: dash }),
    })
  const shown = (values: Numbers) => points(data.x, values, domain).map((point) => point.y)
  const top = Math.max(
    ...Array.from(data.density),
    ...shown(data.law),
    ...(data.truth ? shown(data.truth.density) : []),
  )
  const panels: Panel[] = [
    {
      title: 'Density',
      subtitle: 'of the data, and of the law that the network samples',
      draw: (size) =>
        plot(context, size, x, { domain: [0, 1.06 * top], label: 'probability density' }, [
          Plot.rect(bars(data.edges, data.density), {
            x1: 'left',
            x2: 'right',
            y1: 0,
            y2: 'density',
            fill: palette.bar,
            stroke: palette.barEdge,
            strokeWidth: 0.5,
            clip: true,
          }),
          Plot.ruleY([0], { stroke: palette.muted }),
          curve(data.law, learned),
          data.truth ? curve(data.truth.density, palette.text, '6,4') : null,
        ]),
    },
    {
      title: 'Score',
      subtitle: 'as the network has it',
      draw: (size) =>
        plot(context, size, x, { domain: padded(shown(data.score)), label: 'score s(x)' }, [
          Plot.ruleY([0], { stroke: palette.muted, strokeWidth: 0.75 }),
          curve(data.score, learned),
          data.truth ? curve(data.truth.score, palette.text, '6,4') : null,
        ]),
    },
  ]
  const legend: LegendItem[] = [
    { kind: 'bar', label: 'training data', colour: palette.bar },
    { kind: 'line', label: 'network', colour: learned },
    ...(data.truth ? [{ kind: 'dashed', label: 'target', colour: palette.text } as const] : []),
  ]
  // Below one another: each has a y axis of its own.
  return compose({
    ...context,
    name: 'density',
    title: options.title ?? 'What the network learned',
    legend,
    panels,
    columns: 1,
  })
}

export interface PlaneFigureData {
  /** Edges of the bins along either axis. */
  readonly xEdges: Numbers
  readonly yEdges: Numbers
  /** Density in each bin, row by row from the lowest y, of the training data and of the network's draws. */
  readonly data: Numbers
  readonly draws: Numbers
  /** Where the score is known, and the score there, [point, 2]. */
  readonly places: Numbers
  readonly score: Numbers
}

/** Two dimensions: densities of data and draws, and the score as arrows. */
export function planeFigure(data: PlaneFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const ends = (edges: Numbers): [number, number] => [edges[0]!, edges[edges.length - 1]!]
  const x: Axis = { domain: ends(data.xEdges), label: coordinateName(0, 2) }
  const y: Axis = { domain: ends(data.yEdges), label: coordinateName(1, 2) }
  const top = Math.max(...Array.from(data.data))
  const cells = (density: Numbers) => heat(data, density, top, context)
  const panels: Panel[] = [
    { title: 'Data', subtitle: 'density', draw: (size) => plot(context, size, x, y, [cells(data.data)]) },
    {
      title: 'Network',
      subtitle: 'density of its draws',
      draw: (size) => plot(context, size, x, y, [cells(data.draws)]),
    },
    {
      title: 'Score',
      subtitle: 'as the network has it',
      draw: (size) => plot(context, size, x, y, [arrows(data, x, y, context)]),
    },
  ]
  return compose({
    ...context,
    name: 'density',
    title: options.title ?? 'What the network learned',
    legend: [],
    panels,
  })
}

/** Bins as rectangles, the denser the fuller: by the square root, so that thin regions still show. */
function heat(data: PlaneFigureData, density: Numbers, top: number, { palette }: Context): Plot.Markish {
  const columns = data.xEdges.length - 1
  const cells = Array.from(density, (value, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)]
    return {
      x1: data.xEdges[column]!,
      x2: data.xEdges[column + 1]!,
      y1: data.yEdges[row]!,
      y2: data.yEdges[row + 1]!,
      part: Number(Math.sqrt(Math.min(1, value / top)).toFixed(2)),
    }
  }).filter(({ part }) => part > 0)
  return Plot.rect(cells, {
    x1: 'x1',
    x2: 'x2',
    y1: 'y1',
    y2: 'y2',
    fill: palette.barEdge,
    fillOpacity: 'part',
    inset: 0,
    shapeRendering: 'crispEdges',
    clip: true,
  })
}

/** Arrows of at most a grid's step; longer ones would cover one another, so from the upper decile on all are alike. */
function arrows({ places, score }: PlaneFigureData, x: Axis, y: Axis, { palette }: Context): Plot.Markish {
  const lengths = Array.from({ length: score.length / 2 }, (_, i) => Math.hypot(score[2 * i]!, score[2 * i + 1]!))
  const longest = lengths.slice().sort((a, b) => a - b)[Math.floor(0.9 * lengths.length)] || 1
  const side = Math.sqrt(lengths.length)
  const step = [x, y].map(({ domain }) => (domain[1] - domain[0]) / side)
  const lines = lengths.map((length, i) => {
    const part = (axis: number) => (score[2 * i + axis]! / Math.max(length, longest)) * step[axis]! * 0.9
    return {
      x1: places[2 * i]! - part(0) / 2,
      y1: places[2 * i + 1]! - part(1) / 2,
      x2: places[2 * i]! + part(0) / 2,
      y2: places[2 * i + 1]! + part(1) / 2,
    }
  })
  return Plot.arrow(lines, {
    x1: 'x1',
    y1: 'y1',
    x2: 'x2',
    y2: 'y2',
    stroke: palette.barEdge,
    strokeWidth: 1.25,
    headLength: 5,
    clip: true,
  })
}

export interface CornerFigureData {
  /** Names of the coordinates shown. */
  readonly names: readonly string[]
  /** Edges of each coordinate's bins, and the density in them of data and draws. */
  readonly edges: readonly Numbers[]
  readonly data: readonly Numbers[]
  readonly draws: readonly Numbers[]
  /** Some points of the data and of the draws, [point, coordinate]. */
  readonly dataPoints: Numbers
  readonly drawPoints: Numbers
  /** What is left out, for the legend; empty when nothing is. */
  readonly note: string
}

/** Many dimensions: each coordinate by itself on the diagonal, each pair below it, data and draws over one another. */
export function cornerFigure(data: CornerFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const n = data.names.length
  const [ours, theirs] = [palette.series[0]!, palette.series[1]!]
  const axis = (d: number, label: boolean): Axis => ({
    domain: [data.edges[d]![0]!, data.edges[d]![data.edges[d]!.length - 1]!],
    label: label ? data.names[d]! : '',
  })
  const scatter = (values: Numbers, i: number, j: number, colour: string) =>
    Plot.dot(
      Array.from({ length: values.length / n }, (_, k) => ({ x: values[k * n + j]!, y: values[k * n + i]! })),
      { x: 'x', y: 'y', r: 1.1, fill: colour, fillOpacity: 0.55, stroke: 'none', clip: true },
    )
  const panels = Array.from({ length: n * n }, (_, place): Panel | null => {
    const [i, j] = [Math.floor(place / n), place % n]
    if (j > i) return null
    const x = axis(j, i === n - 1)
    if (i === j) {
      const top = Math.max(...Array.from(data.data[i]!), ...Array.from(data.draws[i]!))
      const marks = () => [
        outline(data.edges[i]!, data.data[i]!, theirs),
        outline(data.edges[i]!, data.draws[i]!, ours),
      ]
      const y: Axis = { domain: [0, 1.06 * top], label: 'density' }
      return { title: '', subtitle: '', draw: (size) => plot(context, size, x, y, marks()) }
    }
    const marks = () => [scatter(data.dataPoints, i, j, theirs), scatter(data.drawPoints, i, j, ours)]
    return { title: '', subtitle: '', draw: (size) => plot(context, size, x, axis(i, true), marks()) }
  })
  const legend: LegendItem[] = [
    { kind: 'dot', label: 'training data', colour: theirs },
    { kind: 'dot', label: 'draws of the network', colour: ours },
    ...(data.note === '' ? [] : [{ kind: 'text', label: data.note, colour: palette.muted } as const]),
  ]
  return compose({
    ...context,
    name: 'corner',
    title: options.title ?? 'What the network learned',
    legend,
    panels,
    columns: n,
  })
}
