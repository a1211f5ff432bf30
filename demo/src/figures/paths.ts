// Plain numbers to SVG paths: scales, lines and histograms, cheap enough for every frame.

export type Domain = readonly [low: number, high: number]
/** Data to pixels. */
export type Scale = (value: number) => number

export function linear([low, high]: Domain, from: number, to: number): Scale {
  const slope = (to - from) / (high - low)
  return (value) => from + (value - low) * slope
}

/** Between points of a curve. */
const PIXELS_APART = 1

/** Tenths of a pixel are all that shows. */
const short = (pixels: number): string => String(Math.round(pixels * 10) / 10)

/** A line through all points; a gap where a value is not finite. */
export function linePath(xs: ArrayLike<number>, ys: ArrayLike<number>, x: Scale, y: Scale): string {
  let path = ''
  let open = false
  for (let i = 0; i < xs.length; i += 1) {
    const value = ys[i]!
    if (Number.isFinite(value)) path += `${open ? 'L' : 'M'}${short(x(xs[i]!))},${short(y(value))}`
    open = Number.isFinite(value)
  }
  return path
}

/** A smooth curve over an even grid that may be far finer than the screen: wide strokes of thousands of points are slow to paint. */
export function curvePath(xs: ArrayLike<number>, ys: ArrayLike<number>, x: Scale, y: Scale): string {
  const stride = Math.max(1, Math.floor(PIXELS_APART / (x(xs[1]!) - x(xs[0]!))))
  const every = (values: ArrayLike<number>) =>
    Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => values[i * stride]!)
  return linePath(every(xs), every(ys), x, y)
}

/** Equal bins over a range, each with its density. */
export interface Histogram {
  readonly range: Domain
  readonly density: Float64Array
}

/** Share of values a unit of x in each bin; values outside the range count in the total, as in the library's report. */
export function histogram(values: Float32Array, range: Domain, bins: number): Histogram {
  const [low, high] = range
  const width = (high - low) / bins
  const density = new Float64Array(bins)
  for (const value of values) {
    const bin = Math.floor((value - low) / width)
    if (bin >= 0 && bin < bins) density[bin]! += 1
  }
  for (let i = 0; i < bins; i += 1) density[i]! /= values.length * width
  return { range, density }
}

/** All bars as one closed path with their sides drawn. */
export function barsPath({ range, density }: Histogram, x: Scale, y: Scale): string {
  const [low, high] = range
  const width = (high - low) / density.length
  const ground = short(y(0))
  let path = ''
  for (let i = 0; i < density.length; i += 1) {
    if (density[i] === 0) continue
    const left = short(x(low + i * width))
    path += `M${left},${ground}V${short(y(density[i]!))}H${short(x(low + (i + 1) * width))}V${ground}Z`
  }
  return path
}

/** A number for people: three significant digits, a true minus sign. */
export function significant(value: number): string {
  const text = Math.abs(value) < 1e-4 && value !== 0 ? value.toExponential(1) : value.toPrecision(3)
  return text.replace('-', '−')
}

/** Numbers for an axis: about `count` of them inside a domain, at 1, 2 or 5 times a power of ten. */
export function ticks([low, high]: Domain, count: number): number[] {
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!
  const found: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    found.push(Number((i * step).toPrecision(6)))
  }
  return found
}

/** The height of `Axes` at which what is drawn inside is square. */
export const SQUARE = 374

/** Arrows at some points of a field [point, 2], `scale` units of x for one of the field. */
export function arrowsPath(
  points: ArrayLike<number>,
  field: ArrayLike<number>,
  shown: readonly number[],
  scale: number,
  x: Scale,
  y: Scale,
): string {
  let path = ''
  for (const i of shown) {
    const [px, py] = [points[2 * i]!, points[2 * i + 1]!]
    const [fromX, fromY] = [x(px), y(py)]
    const [toX, toY] = [x(px + scale * field[2 * i]!), y(py + scale * field[2 * i + 1]!)]
    // The head: a third of the arrow back, and a sixth to either side.
    const [backX, backY] = [(toX - fromX) / 3, (toY - fromY) / 3]
    path += `M${short(fromX)},${short(fromY)}L${short(toX)},${short(toY)}`
    path += `M${short(toX - backX + backY / 2)},${short(toY - backY - backX / 2)}L${short(toX)},${short(toY)}`
    path += `L${short(toX - backX - backY / 2)},${short(toY - backY + backX / 2)}`
  }
  return path
}

/** Dots as one path of lines without length, to be stroked with round caps. */
export function dotsPath(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y]) => `M${short(x)},${short(y)}h0`).join('')
}

/** Cells of one shade a path, of a picture of rows × columns in units of the scales: neighbours of one shade are one rectangle. */
export function shadePaths(
  rows: number,
  columns: number,
  shades: number,
  shadeOf: (row: number, column: number) => number,
  x: Scale,
  y: Scale,
): string[] {
  const paths = Array.from({ length: shades }, () => '')
  const edges = (count: number, scale: Scale) => Array.from({ length: count + 1 }, (_, i) => short(scale(i)))
  const [across, up] = [edges(columns, x), edges(rows, y)]
  for (let row = 0; row < rows; row++) {
    for (let from = 0, to = 1; from < columns; from = to++) {
      const shade = shadeOf(row, from)
      while (to < columns && shadeOf(row, to) === shade) to += 1
      paths[shade] += `M${across[from]},${up[row]}V${up[row + 1]}H${across[to]}V${up[row]}Z`
    }
  }
  return paths
}
