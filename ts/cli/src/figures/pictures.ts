// The figures of the experiments on pictures: sheets of draws, each draw over the nearest training picture, how near that is, and
// what classes there are.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { outline } from './marks.js'
import { type Context, type FigureOptions, type Numbers, plot, setUp } from './panel.js'
import { dataAddress, rgbToPng } from './png.js'
import type { Palette } from './theme.js'

const SVG = 'http://www.w3.org/2000/svg'
/** Ground between pictures, in pixels of these. */
const GAP = 2
const PADDING = 20

/** Pictures, row by row, channels fastest. */
export interface PictureArray {
  /** Height, width and channels: one, from 0 for the ground to the picture's own largest value; or three, from 0 to 1. */
  readonly shape: readonly [number, number, number]
  /** [picture, height · width · channels]. */
  readonly pixels: Numbers
}

export interface SheetFigureData extends PictureArray {
  /** Pictures of a row; default 20. */
  readonly columns?: number
  /** A line under the title. */
  readonly note: string
}

/** All pictures, row by row. */
export function sheetFigure(data: SheetFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = withoutAxes(options)
  const columns = data.columns ?? 20
  const image = montage(data, columns, context.palette)
  const height = Math.round((context.width - 2 * PADDING) * (image.height / image.width))
  const panel: Panel = {
    title: '',
    subtitle: '',
    draw: (size) => {
      const root = element(context, 'svg', size)
      root.append(picture(context, image.address, 0, 0, size.width, size.height))
      return root
    },
  }
  const legend: LegendItem[] = [{ kind: 'text', label: data.note, colour: context.palette.text }]
  return compose({ ...context, name: 'sheet', title: options.title ?? 'Draws', legend, panels: [panel], height })
}

export interface NearestFigureData {
  readonly draws: PictureArray
  /** The nearest training picture of each draw. */
  readonly nearest: PictureArray
  readonly distances: Numbers
  /** Pairs of a row; default 15. */
  readonly columns?: number
}

/** Draws, each over its nearest training picture and the distance of the two. */
export function nearestFigure(data: NearestFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = withoutAxes(options)
  const columns = data.columns ?? 15
  const count = data.distances.length
  const bands = Math.ceil(count / columns)
  const [height, width] = data.draws.shape
  const scale = (context.width - 2 * PADDING) / (columns * (width + GAP) - GAP)
  const band = 2 * height * scale + GAP * scale + 26
  const panel: Panel = {
    title: '',
    subtitle: '',
    draw: (size) => {
      const root = element(context, 'svg', size)
      for (let i = 0; i < count; i += 1) {
        const x = (i % columns) * (width + GAP) * scale
        const y = Math.floor(i / columns) * band
        for (const [row, { shape, pixels }] of [data.draws, data.nearest].entries()) {
          const length = shape[0] * shape[1] * shape[2]
          const own = Array.from({ length }, (_, p) => pixels[i * length + p]!)
          const { address } = montage({ shape, pixels: own }, 1, context.palette)
          root.append(picture(context, address, x, y + row * (height + GAP) * scale, width * scale, height * scale))
        }
        const text = element(context, 'text', {
          x: x + (width * scale) / 2,
          y: y + 2 * height * scale + GAP * scale + 14,
          fill: context.palette.muted,
          'font-size': 11,
          'text-anchor': 'middle',
        })
        text.textContent = data.distances[i]!.toFixed(2)
        root.append(text)
      }
      return root
    },
  }
  const label = 'Upper: draws. Lower: the nearest training picture. Number: distance of their features.'
  const legend: LegendItem[] = [{ kind: 'text', label, colour: context.palette.text }]
  const title = options.title ?? 'Draws and the nearest training pictures'
  return compose({ ...context, name: 'nearest', title, legend, panels: [panel], height: Math.round(bands * band) })
}

export interface DistancesFigureData {
  readonly edges: Numbers
  /** Shares a unit of distance, of draws and of as many held-out pictures. */
  readonly draws: Numbers
  readonly test: Numbers
  readonly note: string
}

/** How near the nearest training picture is, to draws and to held-out pictures. */
export function distancesFigure(data: DistancesFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp({ width: 560, ...options })
  const { palette } = context
  const [ours, theirs] = [palette.series[0]!, palette.series[1]!]
  const top = Math.max(...Array.from(data.draws), ...Array.from(data.test))
  const panel: Panel = {
    title: '',
    subtitle: data.note,
    draw: (size) =>
      plot(
        context,
        size,
        {
          domain: [data.edges[0]!, data.edges[data.edges.length - 1]!],
          label: 'distance to the nearest training picture',
        },
        { domain: [0, 1.06 * top], label: 'density' },
        [outline(data.edges, data.test, theirs), outline(data.edges, data.draws, ours)],
      ),
  }
  const legend: LegendItem[] = [
    { kind: 'line', label: 'draws', colour: ours },
    { kind: 'line', label: 'held-out pictures', colour: theirs },
  ]
  const title = options.title ?? 'Distance to the nearest training picture'
  return compose({ ...context, name: 'distances', title, legend, panels: [panel] })
}

export interface ClassesFigureData {
  /** Share of each class among draws, and among training pictures. */
  readonly draws: Numbers
  readonly data: Numbers
  readonly note: string
}

const HALF = 0.38

/** The share of each class, the data's beside the draws'. */
export function classesFigure(data: ClassesFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp({ width: 560, ...options })
  const { palette } = context
  const bars = (values: Numbers, from: number) =>
    Array.from(values, (share, k) => ({ left: k + from, right: k + from + HALF, share }))
  const top = Math.max(...Array.from(data.draws), ...Array.from(data.data))
  const marks = (values: Numbers, from: number, fill: string, stroke: string) =>
    Plot.rect(bars(values, from), { x1: 'left', x2: 'right', y1: 0, y2: 'share', fill, stroke, strokeWidth: 0.75 })
  const panel: Panel = {
    title: '',
    subtitle: data.note,
    draw: (size) =>
      plot(
        context,
        size,
        {
          domain: [-0.6, data.data.length - 0.4],
          label: 'class',
          ticks: Array.from(data.data, (_, k) => k),
        },
        { domain: [0, 1.08 * top], label: 'share' },
        [
          marks(data.data, -HALF, palette.muted, palette.muted),
          marks(data.draws, 0, palette.bar, palette.barEdge),
          Plot.ruleY([0], { stroke: palette.muted }),
        ],
      ),
  }
  const legend: LegendItem[] = [
    { kind: 'bar', label: 'training pictures', colour: palette.muted },
    { kind: 'bar', label: 'draws', colour: palette.bar },
  ]
  return compose({ ...context, name: 'classes', title: options.title ?? 'Classes', legend, panels: [panel] })
}

function withoutAxes(options: FigureOptions): Context {
  return { ...setUp(options), axisWidth: 0 }
}

function element({ document }: Context, name: string, attributes: object): SVGElement {
  const node = document.createElementNS(SVG, name) as SVGElement
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
  return node
}

/** A picture whose pixels stay squares. */
function picture(context: Context, address: string, x: number, y: number, width: number, height: number): SVGElement {
  const round = (value: number) => Number(value.toFixed(3))
  return element(context, 'image', {
    x: round(x),
    y: round(y),
    width: round(width),
    height: round(height),
    href: address,
    preserveAspectRatio: 'none',
    'image-rendering': 'optimizeSpeed',
  })
}

/** Pictures side by side, on the figure's ground: grey ones in the colour of its text. */
function montage({ shape, pixels }: PictureArray, columns: number, { background, text }: Palette) {
  const [height, width, channels] = shape
  const size = height * width * channels
  const count = pixels.length / size
  const across = Math.min(columns, count)
  const rows = Math.ceil(count / columns)
  const all = { width: across * (width + GAP) - GAP, height: rows * (height + GAP) - GAP }
  const [ground, ink] = [background, text].map((colour) =>
    [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
  )
  const out = new Uint8Array(3 * all.width * all.height)
  for (let i = 0; i < out.length; i += 1) out[i] = ground![i % 3]!
  for (let k = 0; k < count; k += 1) {
    const own = Array.from({ length: size }, (_, p) => pixels[k * size + p]!)
    const most = channels === 1 ? Math.max(...own) || 1 : 1
    const [left, upper] = [(k % columns) * (width + GAP), Math.floor(k / columns) * (height + GAP)]
    for (let p = 0; p < height * width; p += 1) {
      const at = 3 * ((upper + Math.floor(p / width)) * all.width + left + (p % width))
      for (let c = 0; c < 3; c += 1) {
        const value = Math.min(1, Math.max(0, own[p * channels + Math.min(c, channels - 1)]! / most))
        const [low, high] = channels === 1 ? [ground![c]!, ink![c]!] : [0, 255]
        out[at + c] = Math.round(low + value * (high - low))
      }
    }
  }
  return { ...all, address: dataAddress(rgbToPng(out, all.width, all.height)) }
}
