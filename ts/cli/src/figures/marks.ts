// Marks that several figures draw.
import * as Plot from '@observablehq/plot'
import type { Numbers } from './panel.js'

/** The outline of a histogram. */
export function outline(edges: Numbers, density: Numbers, stroke: string): Plot.Markish {
  const corners = Array.from(density, (y, i) => [
    { x: edges[i]!, y },
    { x: edges[i + 1]!, y },
  ])
  return Plot.line(corners.flat(), { x: 'x', y: 'y', stroke, strokeWidth: 1.75 })
}

/** The bins of a histogram that have anything in them. */
export function bars(edges: Numbers, density: Numbers): { left: number; right: number; density: number }[] {
  return Array.from(density, (value, i) => ({ left: edges[i]!, right: edges[i + 1]!, density: value })).filter(
    (bar) => bar.density > 0,
  )
}
