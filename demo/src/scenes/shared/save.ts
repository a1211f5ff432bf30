// Figures of the page as files: one SVG that needs no style sheet, dots on a canvas as dots of the SVG, and its PNG.
import { pictures } from '../../figures/dots.ts'
import { dotsPath } from '../../figures/paths.ts'

const NAMESPACE = 'http://www.w3.org/2000/svg'
/** Pictures inside are loaded with the file, not with this page, whose policy forbids `data:`. */
const INERT = document.implementation.createHTMLDocument()
/** Drawn by a style sheet on the page, and by attributes in a file. */
const PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'font-family',
  'font-size',
]
const TITLE_HEIGHT = 22
/** Pixels of the PNG for one of the SVG. */
const ZOOM = 2

/** All figures inside an element, one below the other, each under its caption. */
export function figureSvg(holder: HTMLElement): string {
  const style = getComputedStyle(holder)
  const whole = element('svg', { xmlns: NAMESPACE })
  const ground = element('rect', { width: '100%', height: '100%', fill: style.backgroundColor })
  whole.append(ground)
  let [width, y] = [0, 0]
  for (const figure of holder.querySelectorAll('figure')) {
    const caption = element('text', {
      x: '8',
      y: String(y + 16),
      fill: style.color,
      'font-size': '14',
      'font-weight': '600',
    })
    caption.setAttribute('font-family', style.fontFamily)
    caption.textContent = figure.querySelector('figcaption')?.textContent ?? ''
    whole.append(caption)
    y += TITLE_HEIGHT
    for (const part of figure.querySelectorAll<SVGSVGElement | HTMLCanvasElement>('svg.plot, .strip canvas, .sheet')) {
      const copy =
        part instanceof SVGSVGElement ? plotCopy(part) : part.matches('.sheet') ? sheetCopy(part) : stripCopy(part)
      copy.setAttribute('y', String(y))
      whole.append(copy)
      width = Math.max(width, Number(copy.getAttribute('width')))
      y += Number(copy.getAttribute('height'))
    }
  }
  whole.setAttribute('viewBox', `0 0 ${width} ${y}`)
  whole.setAttribute('width', String(width))
  whole.setAttribute('height', String(y))
  return new XMLSerializer().serializeToString(whole)
}

/** The same picture as pixels, twice as many each way, for sharp screens. */
export async function svgToPng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * ZOOM
    canvas.height = image.naturalHeight * ZOOM
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser makes no PNG of it'))), 'image/png')
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = INERT.createElementNS(NAMESPACE, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

/** With its style as attributes. */
function styledCopy<Kind extends SVGElement>(drawn: Kind): Kind {
  const copy = drawn.cloneNode(true) as Kind
  const [from, to] = [drawn, copy].map((root) => [root, ...root.querySelectorAll<SVGElement>('*')])
  to!.forEach((node, i) => {
    const style = getComputedStyle(from![i]!)
    for (const property of PROPERTIES) node.setAttribute(property, style.getPropertyValue(property))
    node.removeAttribute('class')
  })
  return copy
}

function plotCopy(plot: SVGSVGElement): SVGElement {
  const copy = styledCopy(plot)
  const [, , width, height] = plot.getAttribute('viewBox')!.split(' ')
  copy.setAttribute('width', width!)
  copy.setAttribute('height', height!)
  // What a canvas shows over this plot goes into its inner frame.
  const canvas = plot.parentElement?.querySelector<HTMLCanvasElement>(':scope > canvas')
  const inner = copy.querySelector('svg')
  if (canvas && inner)
    inner.append(...dotsOf(canvas, Number(inner.getAttribute('width')), Number(inner.getAttribute('height'))))
  const moving = plot.parentElement?.querySelector<SVGSVGElement>(':scope > .moving > svg')
  if (moving) copy.prepend(styledCopy(moving))
  return copy
}

function stripCopy(canvas: HTMLCanvasElement): SVGElement {
  const [left, width, height] = [46, 326, 64]
  const strip = element('svg', { x: String(left), width: String(width), height: String(height) })
  strip.append(...dotsOf(canvas, width, height))
  return strip
}

/** As it is, twice as large. */
function sheetCopy(canvas: HTMLCanvasElement): SVGElement {
  const [width, height] = [canvas.width, canvas.height].map((side) => String(2 * side)) as [string, string]
  return element('image', { href: canvas.toDataURL(), width, height })
}

function dotsOf(canvas: HTMLCanvasElement, width: number, height: number): SVGElement[] {
  const picture = pictures.get(canvas)?.()
  if (!picture) return []
  const { places, colour, shade } = picture
  const points = Array.from({ length: places.length / 2 }, (_, i) => {
    return [places[2 * i]! * width, places[2 * i + 1]! * height] as const
  })
  const dots = element('path', {
    d: dotsPath(points),
    fill: 'none',
    stroke: `rgba(${colour.join(', ')})`,
    'stroke-width': '1.6',
    'stroke-linecap': 'round',
  })
  if (shade === null) return [dots]
  const image = element('image', { href: shade.toDataURL(), width: String(width), height: String(height) })
  image.setAttribute('preserveAspectRatio', 'none')
  return [image, dots]
}
