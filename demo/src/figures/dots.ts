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

/** Of a canvas, for those who save it as lines and dots. */
export interface Picture {
  readonly places: Float32Array
  readonly colour: string
  readonly shade: HTMLCanvasElement | null
}

export const pictures = new WeakMap<HTMLCanvasElement, () => Picture | null>()

/** Draws a picture over the whole of a canvas; `size` is the side of a dot in its pixels. */
export function drawPicture(context: CanvasRenderingContext2D, { places, colour, shade }: Picture, size: number): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  if (shade !== null) context.drawImage(shade, 0, 0, width, height)
  context.fillStyle = colour
  for (let i = 0; i < places.length; i += 2) {
    context.fillRect(places[i]! * width - size / 2, places[i + 1]! * height - size / 2, size, size)
  }
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
