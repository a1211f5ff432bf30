// A drawn density: heights at nodes of a line or a square, and the law they stand for,
// p(x) = Σ_k h_k N(x; node_k, δ² I) / Σ_k h_k: the drawing, blurred by δ, about half the space between nodes.
import type { GaussianMixture, Tensor } from 'langevin-rnn'

export type Kind = 'curve' | 'paint'

export interface Drawing {
  readonly kind: Kind
  /** Whole numbers from 0 to the kind's `levels`, one a node; of `paint` row by row, x₂ rising. */
  readonly heights: readonly number[]
}

/** The nodes of a kind: `side` of them along each axis, `step` apart, in units of x. */
export interface Nodes {
  readonly dimension: 1 | 2
  readonly side: number
  readonly low: number
  readonly step: number
  readonly deviation: number
  /** The highest height. */
  readonly levels: number
}

export const NODES: Readonly<Record<Kind, Nodes>> = {
  curve: { dimension: 1, side: 25, low: -2.4, step: 0.2, deviation: 0.12, levels: 63 },
  paint: { dimension: 2, side: 20, low: -2.375, step: 0.25, deviation: 0.13, levels: 7 },
}

/** Six bits a character, which addresses carry as they are. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export const countOf = (kind: Kind): number => NODES[kind].side ** NODES[kind].dimension
export const nodeAt = ({ low, step }: Nodes, index: number): number => low + step * index
export const emptyDrawing = (kind: Kind): Drawing => ({ kind, heights: new Array<number>(countOf(kind)).fill(0) })

/** The law to learn, or null when nothing is drawn. */
export function lawOf({ kind, heights }: Drawing): GaussianMixture | null {
  const nodes = NODES[kind]
  const drawn = heights.flatMap((height, index) => (height > 0 ? [index] : []))
  if (drawn.length === 0) return null
  return {
    kind: 'gaussian-mixture',
    weights: drawn.map((index) => heights[index]!),
    means: drawn.map((index) =>
      nodes.dimension === 1
        ? [nodeAt(nodes, index)]
        : [nodeAt(nodes, index % nodes.side), nodeAt(nodes, Math.floor(index / nodes.side))],
    ),
    deviations: drawn.map(() => nodes.deviation),
  }
}

/** The law of each coordinate by itself: nodes with the same one are added up, so that there are few Gaussians to measure by. */
export function axesOf({ kind, heights }: Drawing): GaussianMixture[] {
  const nodes = NODES[kind]
  return Array.from({ length: nodes.dimension }, (_, axis) => {
    const weights = new Array<number>(nodes.side).fill(0)
    heights.forEach((height, index) => {
      weights[axis === 0 ? index % nodes.side : Math.floor(index / nodes.side)]! += height
    })
    const drawn = weights.flatMap((weight, index) => (weight > 0 ? [index] : []))
    return {
      kind: 'gaussian-mixture',
      weights: drawn.map((index) => weights[index]!),
      means: drawn.map((index) => [nodeAt(nodes, index)]),
      deviations: drawn.map(() => nodes.deviation),
    }
  })
}

/** For an address: a character for a height of a curve, or for two of a painting. */
export function encode({ kind, heights }: Drawing): string {
  if (kind === 'curve') return heights.map((height) => ALPHABET[height]).join('')
  let text = ''
  for (let i = 0; i < heights.length; i += 2) text += ALPHABET[8 * heights[i]! + heights[i + 1]!]
  return text
}

/** The drawing that a text of `encode` stands for, or null when it stands for none. */
export function decode(kind: Kind, text: string): Drawing | null {
  const digits = [...text].map((character) => ALPHABET.indexOf(character))
  if (digits.includes(-1)) return null
  const heights = kind === 'curve' ? digits : digits.flatMap((digit) => [digit >> 3, digit & 7])
  return heights.length === countOf(kind) ? { kind, heights } : null
}

/** Heights from any density, the highest at the top. */
function fromDensity(kind: Kind, density: (x: number, y: number) => number): Drawing {
  const nodes = NODES[kind]
  const values = Array.from({ length: countOf(kind) }, (_, index) =>
    nodes.dimension === 1
      ? density(nodeAt(nodes, index), 0)
      : density(nodeAt(nodes, index % nodes.side), nodeAt(nodes, Math.floor(index / nodes.side))),
  )
  return { kind, heights: scaled(values, nodes.levels) }
}

function scaled(values: readonly number[], levels: number): number[] {
  const most = Math.max(...values)
  return values.map((value) => (most > 0 ? Math.round((levels * value) / most) : 0))
}

const bump = (distance: number, width: number): number => Math.exp(-0.5 * (distance / width) ** 2)

/** Drawings to begin with. */
export const EXAMPLES: readonly { readonly name: string; readonly drawing: Drawing }[] = [
  {
    name: 'Three peaks',
    drawing: fromDensity('curve', (x) => bump(x + 1.5, 0.3) + 0.6 * bump(x, 0.25) + 0.8 * bump(x - 1.4, 0.3)),
  },
  {
    name: 'A plain with a tower',
    drawing: fromDensity('curve', (x) => (Math.abs(x) < 2.1 ? 0.3 : 0) + bump(x - 1, 0.2)),
  },
  { name: 'A valley', drawing: fromDensity('curve', (x) => (Math.abs(x) < 2 ? x * x + 0.15 : 0)) },
  {
    name: 'A ring and its centre',
    drawing: fromDensity('paint', (x, y) => bump(Math.hypot(x, y) - 1.6, 0.22) + bump(Math.hypot(x, y), 0.25)),
  },
  {
    name: 'A face',
    drawing: fromDensity(
      'paint',
      (x, y) =>
        bump(Math.hypot(Math.abs(x) - 0.8, y - 0.8), 0.25) +
        (y < 0 ? bump(Math.hypot(x, y) - 1.5, 0.2) : 0) * (Math.abs(x) < 1.6 ? 1 : 0),
    ),
  },
  {
    name: 'Two moons',
    drawing: fromDensity(
      'paint',
      (x, y) =>
        (y > -0.4 ? bump(Math.hypot(x + 0.7, y + 0.4) - 1.3, 0.2) : 0) +
        (y < 0.4 ? bump(Math.hypot(x - 0.7, y - 0.4) - 1.3, 0.2) : 0),
    ),
  },
]

/** How numbers of a file came to lie in the range that can be drawn: x = (value − centre) / unit, on each axis. */
export interface Scaling {
  readonly centre: readonly number[]
  readonly unit: readonly number[]
}

/** Deviations from the mean that reach the outermost node. */
const REACH = 2.4

/**
 * A drawing from points [point, 1 or 2]: how many are nearest to each node, after scaling to mean 0 and to a standard deviation that
 * leaves 2.4 of them, or the farthest point if that is nearer, within the nodes.
 * @throws TypeError for another number of columns, or columns that don't vary
 */
export function fromPoints({ shape, data }: Tensor): { drawing: Drawing; scaling: Scaling } {
  const [count = 0, columns = 0] = shape
  if (columns !== 1 && columns !== 2) {
    throw new TypeError(`The file has ${columns} columns. Give one for a curve, or two for a painting.`)
  }
  const kind: Kind = columns === 1 ? 'curve' : 'paint'
  const nodes = NODES[kind]
  const centre: number[] = []
  const unit: number[] = []
  for (let axis = 0; axis < columns; axis++) {
    const column = Array.from({ length: count }, (_, i) => data[i * columns + axis]!)
    const mean = column.reduce((sum, value) => sum + value, 0) / count
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
    if (!(deviation > 0))
      throw new TypeError(`Column ${axis + 1} holds one number only, ${mean}: there is nothing to learn.`)
    const farthest = column.reduce((far, value) => Math.max(far, Math.abs(value - mean)), 0)
    centre.push(mean)
    unit.push(Math.min(farthest, REACH * deviation) / -nodes.low)
  }
  const counts = new Array<number>(countOf(kind)).fill(0)
  for (let i = 0; i < count; i++) {
    let [index, place, inside] = [0, 1, true]
    for (let axis = 0; axis < columns; axis++) {
      const along = Math.round(((data[i * columns + axis]! - centre[axis]!) / unit[axis]! - nodes.low) / nodes.step)
      inside &&= along >= 0 && along < nodes.side
      index += along * place
      place *= nodes.side
    }
    if (inside) counts[index]! += 1
  }
  return { drawing: { kind, heights: scaled(counts, nodes.levels) }, scaling: { centre, unit } }
}
