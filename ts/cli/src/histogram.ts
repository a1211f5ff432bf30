// Histograms of one coordinate of many points.

const BINS = [10, 60] as const

/** One coordinate of points [point, n]. */
export function axis(points: Float32Array, n: number, d: number): Float32Array {
  return Float32Array.from({ length: points.length / n }, (_, i) => points[i * n + d]!)
}

/** Least and largest of all values. */
export function rangeOf(sets: readonly Float32Array[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const values of sets) {
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  return [low, high]
}

/** What lies between the quantiles `outside` and 1 − `outside` of the values, and a little more: tails don't squeeze the rest. */
export function centralRange(values: Float32Array, outside = 5e-4): [number, number] {
  const sorted = values.slice().sort()
  const cut = Math.floor(outside * sorted.length)
  const [low, high] = [sorted[cut]!, sorted[sorted.length - 1 - cut]!]
  const margin = 0.06 * (high - low || 1)
  return [low - margin, high + margin]
}

/** Edges of equal bins, about as many as the square root of the number of values. */
export function evenEdges([low, high]: readonly [number, number], values: number): number[] {
  const [least, most] = BINS
  const bins = Math.min(most, Math.max(least, Math.ceil(Math.sqrt(values))))
  const width = (high - low || 1) / bins
  return Array.from({ length: bins + 1 }, (_, i) => low + i * width)
}

/** Probability density in each bin; values outside the edges count as such, but are in none. */
export function densityIn(edges: readonly number[], values: Float32Array): number[] {
  const [low, bins] = [edges[0]!, edges.length - 1]
  const width = edges[1]! - low
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) {
    const bin = value === edges[bins] ? bins - 1 : Math.floor((value - low) / width)
    if (bin >= 0 && bin < bins) counts[bin]! += 1
  }
  return counts.map((count) => count / (values.length * width))
}
