// Chains as dots: where each stands in a picture, how they are drawn on a canvas, and which dots a canvas shows.
import type { Domain } from './paths.ts'

/** More are not drawn, however many chains there are, so that a frame stays short. */
export const MOST_DOTS = 5000
/** The golden section spreads chains evenly over the height of a strip, whatever their number. */
const GOLDEN = 0.618_033_988_749_895

/**
 * Places from 0 to 1, [dot, 2], from the left and from the top: states [chain, 2] by both coordinates, states [chain, 1] by their
 * x and a height of their own.
 */
export function dotPlaces(states: Float32Array, dimension: 1 | 2, [low, high]: Domain): Float32Array {
  const count = Math.min(states.length / dimension, MOST_DOTS)
  const places = new Float32Array(2 * count)
  const width = high - low
  for (let i = 0; i < count; i++) {
    places[2 * i] = (states[dimension * i]! - low) / width
    places[2 * i + 1] = dimension === 1 ? (i * GOLDEN) % 1 : 1 - (states[2 * i + 1]! - low) / width
  }
  return places
}

/** Red, green, blue from 0 to 255, and opacity from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, opacity: number]

/** Of a canvas, for those who save it as lines and dots. */
export interface Picture {
  readonly places: Float32Array
  readonly colour: Colour
  readonly shade: HTMLCanvasElement | null
}

export const pictures = new WeakMap<HTMLCanvasElement, () => Picture | null>()
/** Of each canvas, for its next picture. */
const images = new WeakMap<HTMLCanvasElement, ImageData>()

/**
 * Draws a picture over the whole of a canvas; `size` is the side of a dot in its pixels. Dots are set as pixels, since as many rectangles
 * cost whoever paints them twice the time of all else.
 */
export function drawPicture(context: CanvasRenderingContext2D, { places, colour, shade }: Picture, size: number): void {
  const { canvas } = context
  const { width, height } = canvas
  let image = images.get(canvas)
  if (image?.width !== width || image.height !== height) image = context.createImageData(width, height)
  images.set(canvas, image)
  const { data } = image
  data.fill(0)
  const side = Math.max(1, Math.round(size))
  const [red, green, blue, opacity] = colour
  for (let i = 0; i < places.length; i += 2) {
    const left = Math.round(places[i]! * width - side / 2)
    const top = Math.round(places[i + 1]! * height - side / 2)
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) {
        const at = 4 * (y * width + x)
        data[at] = red
        data[at + 1] = green
        data[at + 2] = blue
        // One dot over others lets less through.
        data[at + 3]! += opacity * (255 - data[at + 3]!)
      }
    }
  }
  context.putImageData(image, 0, 0)
  if (shade === null) return
  context.globalCompositeOperation = 'destination-over'
  context.drawImage(shade, 0, 0, width, height)
  context.globalCompositeOperation = 'source-over'
}

/** A density on a square grid, rows of x₂ rising, as a small picture: a colour as opaque as the density is high. */
export function shadeOf(
  density: Float64Array,
  side: number,
  colour: readonly [number, number, number],
): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext('2d')!
  const image = context.createImageData(side, side)
  const most = density.reduce((top, value) => Math.max(top, value), 0) || 1
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = 4 * ((side - 1 - row) * side + column)
      image.data.set([...colour, Math.round((170 * density[row * side + column]!) / most)], at)
    }
  }
  context.putImageData(image, 0, 0)
  return canvas
}
