// Figures as files without a browser: SVG text through a small DOM, PNG through resvg with a font that comes along,
// so that the pixels are the same on every machine.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import { parseHTML } from 'linkedom'

const require = createRequire(import.meta.url)
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']
/** Pixels of the PNG for one of the SVG. */
const ZOOM = 2

/** A document to make figures in; nothing is fetched or run. */
export function createDocument(): Document {
  return parseHTML('<!doctype html><html><body></body></html>').document as unknown as Document
}

/** The SVG as a file of its own. */
export function toSvg(figure: SVGSVGElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${figure.outerHTML}\n`
}

let ready: Promise<Uint8Array[]> | undefined

/** The same picture as a PNG, at twice the size for sharp screens and print. */
export async function toPng(svg: string): Promise<Uint8Array> {
  ready ??= loadRenderer()
  const fontBuffers = await ready
  const image = new Resvg(svg, {
    font: { fontBuffers, defaultFontFamily: 'DejaVu Sans' },
    fitTo: { mode: 'zoom', value: ZOOM },
  })
  try {
    return image.render().asPng()
  } finally {
    image.free()
  }
}

async function loadRenderer(): Promise<Uint8Array[]> {
  await initWasm(readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
  return Promise.all(FONTS.map((name) => readFile(require.resolve(`dejavu-fonts-ttf/ttf/${name}`))))
}
