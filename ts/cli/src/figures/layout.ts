// Puts plots together as one SVG: title, legend, then panels in a grid that wraps when the width is small.
import { FONT_FAMILY, FONT_SIZE, type Palette } from './theme.js'

const SVG = 'http://www.w3.org/2000/svg'
const PADDING = 20
/** Between panels. */
const GAP = 30
const LEGEND_LINE = 20
/** Width of the mark before a legend's label. */
const SWATCH = 22

export interface Panel {
  readonly title: string
  readonly subtitle: string
  /** Draws the panel into so many pixels; `first` in its row means that it carries the y axis. */
  readonly draw: (size: { width: number; height: number; first: boolean }) => SVGElement
}

export interface LegendItem {
  readonly label: string
  readonly colour: string
  readonly kind: 'line' | 'dashed' | 'bar' | 'dot' | 'ring' | 'diamond' | 'text'
  /** Of a dashed line; default 6,4. */
  readonly dashes?: string
}

export interface FigureLayout {
  /** Distinguishes the ids of one figure from those of others in the same page. */
  readonly name: string
  readonly title: string
  readonly legend: readonly LegendItem[]
  /** Row by row; null leaves a place empty. */
  readonly panels: readonly (Panel | null)[]
  /** Panels of a row; default as many as fit, at least 230 pixels wide each. */
  readonly columns?: number
  readonly document: Document
  readonly palette: Palette
  readonly width: number
  readonly fontFamily: string | undefined
  /** Width that the y axis of a row's first panel takes. */
  readonly axisWidth: number
  /** Of a panel's plot; default by its width. */
  readonly height?: number
}

/** The whole figure, as high as it needs to be, on an opaque ground. */
export function compose(layout: FigureLayout): SVGSVGElement {
  const { document, palette, panels, width } = layout
  const element = (name: string, attributes: Record<string, string | number>, text?: string): SVGElement => {
    const node = document.createElementNS(SVG, name) as SVGElement
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
    if (text !== undefined) node.textContent = text
    return node
  }
  const write = (x: number, y: number, text: string, attributes: Record<string, string | number> = {}) =>
    element('text', { x, y, fill: palette.text, 'font-size': FONT_SIZE, ...attributes }, text)

  const root = element('svg', {
    xmlns: SVG,
    width,
    role: 'img',
    'font-family': layout.fontFamily ?? FONT_FAMILY,
    'font-size': FONT_SIZE,
  }) as SVGSVGElement
  root.append(element('title', {}, layout.title))
  const ground = element('rect', { width: '100%', height: '100%', fill: palette.background })
  root.append(ground)

  let y = PADDING + 13
  root.append(write(PADDING, y, layout.title, { 'font-size': 15, 'font-weight': 'bold' }))
  y += 12
  for (const row of layout.legend.length === 0 ? [] : legendRows(layout.legend, width - 2 * PADDING)) {
    for (const { item, x } of row) root.append(...legendMarks(item, PADDING + x, y))
    y += LEGEND_LINE
  }
  y += 12

  const columns = layout.columns ?? columnsFor(width, panels.length)
  const inner = (width - 2 * PADDING - layout.axisWidth - GAP * (columns - 1)) / columns
  const height = layout.height ?? Math.round(Math.min(300, Math.max(layout.columns ? 130 : 200, inner * 0.85)))
  const headed = panels.some((panel) => panel && `${panel.title}${panel.subtitle}` !== '')
  const heading = headed ? 36 : 0
  for (let start = 0; start < panels.length; start += columns) {
    panels.slice(start, start + columns).forEach((panel, column) => {
      if (panel === null) return
      const first = column === 0
      const left = PADDING + layout.axisWidth + column * (inner + GAP)
      if (headed) {
        root.append(write(left, y + 13, panel.title, { 'font-size': 13, 'font-weight': 'bold' }))
        root.append(write(left, y + 30, panel.subtitle, { fill: palette.muted }))
      }
      const plotWidth = inner + (first ? layout.axisWidth : 0)
      const plot = panel.draw({ width: plotWidth, height, first })
      for (const style of [...plot.querySelectorAll('style')]) style.remove()
      plot.removeAttribute('class')
      plot.setAttribute('font-size', String(FONT_SIZE))
      plot.setAttribute('x', String(first ? PADDING : left))
      plot.setAttribute('y', String(y + heading))
      root.append(plot)
    })
    y += heading + height + 10
  }
  const total = Math.ceil(y - 10 + PADDING / 2)
  root.setAttribute('height', String(total))
  root.setAttribute('viewBox', `0 0 ${width} ${total}`)
  renumber(root, layout.name)
  return root

  function legendMarks(item: LegendItem, x: number, top: number): SVGElement[] {
    const middle = top + LEGEND_LINE / 2
    const label = write(x + (item.kind === 'text' ? 0 : SWATCH + 6), middle + 4, item.label)
    if (item.kind === 'text') return [label]
    if (item.kind === 'bar') {
      return [element('rect', { x, y: middle - 6, width: SWATCH, height: 12, fill: item.colour }), label]
    }
    const centre = { cx: x + SWATCH / 2, cy: middle }
    if (item.kind === 'dot') return [element('circle', { ...centre, r: 4, fill: item.colour }), label]
    if (item.kind === 'ring') return [element('circle', { ...centre, r: 3, fill: 'none', stroke: item.colour }), label]
    if (item.kind === 'diamond') {
      return [element('path', { d: `M${centre.cx},${middle - 7}l4,7l-4,7l-4,-7z`, fill: item.colour }), label]
    }
    const line = element('path', {
      d: `M${x},${middle}h${SWATCH}`,
      stroke: item.colour,
      'stroke-width': 2.5,
      fill: 'none',
    })
    if (item.kind === 'dashed') line.setAttribute('stroke-dasharray', item.dashes ?? '6,4')
    return [line, label]
  }
}

function columnsFor(width: number, panels: number): number {
  const fitting = Math.max(1, Math.floor((width - 60) / 230))
  return Math.max(1, Math.min(panels, fitting))
}

/** About what DejaVu Sans needs, the widest font that may be in use. */
function textWidth(text: string): number {
  let width = 0
  for (const letter of text) width += /[ .,:il]/.test(letter) ? 0.32 : /[mwMW=]/.test(letter) ? 0.85 : 0.63
  return Math.ceil(width * FONT_SIZE)
}

/** Items side by side, broken into rows. */
function legendRows(items: readonly LegendItem[], width: number): { item: LegendItem; x: number }[][] {
  const rows: { item: LegendItem; x: number }[][] = [[]]
  let x = 0
  for (const item of items) {
    const needed = (item.kind === 'text' ? 0 : SWATCH + 6) + textWidth(item.label)
    if (x > 0 && x + needed > width) {
      rows.push([])
      x = 0
    }
    rows.at(-1)!.push({ item, x })
    x += needed + (item.kind === 'text' ? 6 : 12)
  }
  return rows
}

/** Plot counts its clip paths through the life of the page; a figure's text must not depend on what was drawn before. */
function renumber(root: SVGElement, name: string): void {
  const names = new Map<string, string>()
  for (const node of root.querySelectorAll('[id]')) {
    const id = `${name}-${names.size + 1}`
    names.set(`url(#${node.getAttribute('id')})`, `url(#${id})`)
    node.setAttribute('id', id)
  }
  for (const node of root.querySelectorAll('[clip-path]')) {
    const renamed = names.get(node.getAttribute('clip-path') ?? '')
    if (renamed !== undefined) node.setAttribute('clip-path', renamed)
  }
}
