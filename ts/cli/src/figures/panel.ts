// One panel of a figure: grid, marks, axes, and what all figures share: their options, scales and labels.
import * as Plot from '@observablehq/plot'
import { type Palette, palettes, type Theme } from './theme.js'

export type Numbers = ArrayLike<number>

export interface FigureOptions {
  /** Where elements are made; default the page's own. */
  readonly document?: Document
  /** Default `light`. */
  readonly theme?: Theme
  /** Pixels; default 960. Panels wrap when there is no room for them side by side. */
  readonly width?: number
  readonly fontFamily?: string
  /** Default the figure's own title. */
  readonly title?: string
}

const AXIS_WIDTH = 60

export interface Context {
  readonly document: Document
  readonly palette: Palette
  readonly width: number
  readonly fontFamily: string | undefined
  readonly axisWidth: number
}

export function setUp(options: FigureOptions): Context {
  return {
    document: options.document ?? globalThis.document,
    palette: palettes[options.theme ?? 'light'],
    width: options.width ?? 960,
    fontFamily: options.fontFamily,
    axisWidth: AXIS_WIDTH,
  }
}

export interface Axis {
  readonly domain: readonly [number, number]
  readonly label: string
  readonly type?: 'log'
  /** Where to put ticks; default about five of them, or powers of ten. */
  readonly ticks?: readonly number[]
  /** What to write at a tick. */
  readonly format?: (value: number) => string
}

/** One panel: grid, marks, axes; only the first of a row names and numbers its y axis. */
export function plot(
  { document, palette, axisWidth }: Context,
  { width, height, first }: { width: number; height: number; first: boolean },
  x: Axis,
  y: Axis,
  marks: Plot.Markish[],
): SVGElement {
  const text = { color: palette.text, fontSize: 12, labelArrow: 'none', tickSize: 4 } as const
  const ticks = (axis: Axis) => (axis.ticks ? [...axis.ticks] : axis.type === 'log' ? decades(axis.domain) : 5)
  const [xTicks, yTicks] = [ticks(x), ticks(y)]
  return Plot.plot({
    document,
    width,
    height,
    marginLeft: first ? axisWidth : 0,
    marginRight: 0.5,
    marginTop: 8,
    marginBottom: 40,
    style: { color: palette.text, fontSize: '12px', fontFamily: 'inherit', background: 'none', overflow: 'visible' },
    x: { type: x.type ?? 'linear', domain: [...x.domain], axis: null },
    y: { type: y.type ?? 'linear', domain: [...y.domain], axis: null },
    marks: [
      Plot.gridX({ stroke: palette.grid, strokeOpacity: 1, ticks: xTicks }),
      Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: yTicks }),
      ...marks,
      Plot.frame({ stroke: palette.muted, strokeWidth: 0.75 }),
      Plot.axisX({
        ...text,
        label: x.label,
        labelAnchor: 'center',
        ticks: xTicks,
        labelOffset: 34,
        tickFormat: x.format ?? tickLabel,
      }),
      first
        ? Plot.axisY({
            ...text,
            label: y.label,
            labelAnchor: 'center',
            ticks: yTicks,
            labelOffset: axisWidth - 6,
            tickFormat: y.format ?? tickLabel,
          })
        : null,
    ],
  }) as SVGElement
}

/** Powers of ten in a range, or when there are fewer than two of them, a number of ticks. */
function decades([low, high]: readonly [number, number]): number[] | number {
  const ticks: number[] = []
  for (let power = -12; power <= 12; power++) {
    const tick = Number(`1e${power}`)
    if (tick >= low && tick <= high) ticks.push(tick)
  }
  return ticks.length < 2 ? 4 : ticks
}

/** No thousands separators, a true minus sign. */
function tickLabel(value: number): string {
  return String(Number(value.toPrecision(6))).replace('-', '−')
}

export function points(x: Numbers, y: Numbers, [low, high]: readonly [number, number]): { x: number; y: number }[] {
  return Array.from(x, (at, i) => ({ x: at, y: y[i] ?? Number.NaN })).filter(
    (point) => point.x >= low && point.x <= high,
  )
}

export function padded(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite)
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const margin = 0.06 * (high - low || 1)
  return [low - margin, high + margin]
}

/** The circuits as figures call them. */
export const NAMES: Readonly<Record<string, string>> = {
  'reservoir-sampler': 'Reservoir-sampler network',
  'sampler-only-rate': 'Sampler-only, firing rate',
  'sampler-only-current': 'Sampler-only, synaptic current',
}

export function significant(value: number): string {
  return Math.abs(value) < 1e-4 && value !== 0 ? value.toExponential(1) : value.toPrecision(3)
}

/** The name of a coordinate, counted from 0: x₀ …; of the only one, x. */
export function coordinateName(d: number, n: number): string {
  return n === 1 ? 'x' : `x${String(d).replace(/\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]!)}`
}
