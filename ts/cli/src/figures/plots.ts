// The figures of the one-dimensional experiments, from plain numbers: in a page, or in Node with a `document` given.
// Learned score by noise level over the true score; histogram of draws over the true density; loss by epoch.
import * as Plot from '@observablehq/plot'
import { compose, type LegendItem, type Panel } from './layout.js'
import { type FigureOptions, NAMES, type Numbers, padded, plot, points, setUp, significant } from './panel.js'
import type { Palette } from './theme.js'

export type { FigureOptions } from './panel.js'
export type { Theme } from './theme.js'

export interface ScoreFigureData {
  /** Grid of x, and the true density and score on it. */
  readonly x: Numbers
  readonly trueDensity: Numbers
  readonly trueScore: Numbers
  readonly panels: readonly {
    readonly architecture: string
    /** Fisher divergence of the last level, when known. */
    readonly fisherDivergence?: number
    /** The learned score on the grid after each noise level, largest σ first. */
    readonly curves: readonly { readonly noise: number; readonly score: Numbers }[]
  }[]
}

export interface DrawsFigureData {
  readonly x: Numbers
  readonly trueDensity: Numbers
  /** W1 that as many exact draws have. */
  readonly exactWasserstein?: number
  readonly panels: readonly {
    readonly architecture: string
    readonly wasserstein?: number
    /** bins + 1 edges, and the density in each bin. */
    readonly edges: Numbers
    readonly density: Numbers
  }[]
}

export interface LossFigureData {
  readonly panels: readonly {
    readonly architecture: string
    /** Loss of each epoch; the levels divide the epochs equally. */
    readonly losses: Numbers
    readonly noises: readonly number[]
  }[]
}

/** Learned score after each noise level, one panel an architecture, with the true score dashed on top. */
export function scoreFigure(data: ScoreFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const domain = support(data.x, data.trueDensity)
  const truth = points(data.x, data.trueScore, domain)
  const y = padded(truth.map((point) => point.y))
  const noises = descending(data.panels.flatMap((panel) => panel.curves.map((curve) => curve.noise)))
  const colour = noiseColours(noises, palette)
  const panels = data.panels.map((panel): Panel => {
    const fisher = panel.fisherDivergence
    return {
      title: NAMES[panel.architecture] ?? panel.architecture,
      subtitle: fisher === undefined ? '' : `Fisher divergence ${significant(fisher)}`,
      draw: (size) =>
        plot(context, size, { domain, label: 'x' }, { domain: y, label: 'score s(x) (1/τ)' }, [
          Plot.ruleY([0], { stroke: palette.muted, strokeWidth: 0.75 }),
          ...panel.curves.map((curve, i) =>
            Plot.line(points(data.x, curve.score, domain), {
              x: 'x',
              y: 'y',
              stroke: colour(curve.noise),
              // The last level is what the network is; it shows on both sides of the truth's dashes.
              strokeWidth: i === panel.curves.length - 1 ? 4.5 : 1.5,
              clip: true,
            }),
          ),
          Plot.line(truth, {
            x: 'x',
            y: 'y',
            stroke: palette.text,
            strokeWidth: 1.75,
            strokeDasharray: '6,4',
            clip: true,
          }),
        ]),
    }
  })
  const legend: LegendItem[] = [
    { kind: 'dashed', label: 'true score', colour: palette.text },
    ...noiseLegend('learned at noise σ =', noises, colour, palette),
  ]
  return compose({ ...context, name: 'score', title: options.title ?? 'Learned score', legend, panels })
}

/** Histogram of the draws over the true density, one panel an architecture. */
export function drawsFigure(data: DrawsFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const domain = support(data.x, data.trueDensity)
  const truth = points(data.x, data.trueDensity, domain)
  const top = Math.max(...truth.map((point) => point.y), ...data.panels.flatMap((panel) => Array.from(panel.density)))
  const exact = data.exactWasserstein
  const panels = data.panels.map((panel): Panel => {
    const bars = Array.from(panel.density, (density, i) => ({
      left: panel.edges[i] ?? Number.NaN,
      right: panel.edges[i + 1] ?? Number.NaN,
      density,
    })).filter((bar) => bar.density > 0)
    const measured = panel.wasserstein === undefined ? '' : `W₁ ${significant(panel.wasserstein)}`
    return {
      title: NAMES[panel.architecture] ?? panel.architecture,
      subtitle: measured && exact !== undefined ? `${measured}  (exact draws ${significant(exact)})` : measured,
      draw: (size) =>
        plot(context, size, { domain, label: 'x' }, { domain: [0, top * 1.06], label: 'probability density' }, [
          Plot.rect(bars, {
            x1: 'left',
            x2: 'right',
            y1: 0,
            y2: 'density',
            fill: palette.bar,
            stroke: palette.barEdge,
            strokeWidth: 0.5,
            clip: true,
          }),
          Plot.ruleY([0], { stroke: palette.muted }),
          Plot.line(truth, { x: 'x', y: 'y', stroke: palette.text, strokeWidth: 2 }),
        ]),
    }
  })
  const legend: LegendItem[] = [
    { kind: 'line', label: 'true density', colour: palette.text },
    { kind: 'bar', label: 'draws', colour: palette.bar },
  ]
  return compose({ ...context, name: 'draws', title: options.title ?? 'Draws', legend, panels })
}

/** Loss by epoch on a logarithmic scale; each noise level has its colour, and a rule where it begins. */
export function lossFigure(data: LossFigureData, options: FigureOptions = {}): SVGSVGElement {
  const context = setUp(options)
  const { palette } = context
  const noises = descending(data.panels.flatMap((panel) => panel.noises))
  const colour = noiseColours(noises, palette)
  const all = data.panels.flatMap((panel) => Array.from(panel.losses)).filter((loss) => loss > 0)
  // Before the first epoch there is nothing yet, and the frame is drawn all the same.
  const y: [number, number] = all.length === 0 ? [0.1, 10] : [Math.min(...all) / 1.3, Math.max(...all) * 1.3]
  const panels = data.panels.map((panel): Panel => {
    const count = panel.losses.length
    const each = count / panel.noises.length
    return {
      title: NAMES[panel.architecture] ?? panel.architecture,
      subtitle: `${count} epochs, ${panel.noises.length} noise levels`,
      draw: (size) =>
        plot(
          context,
          size,
          { domain: [0, count], label: 'epoch' },
          { domain: y, label: 'denoising loss', type: 'log' },
          [
            Plot.ruleX(
              panel.noises.slice(1).map((_, k) => (k + 1) * each),
              { stroke: palette.muted, strokeWidth: 0.75, strokeDasharray: '2,3' },
            ),
            ...panel.noises.map((noise, k) => {
              const from = Math.round(k * each)
              const losses = Array.from(panel.losses).slice(from, Math.round((k + 1) * each))
              const line = losses.map((loss, i) => ({ x: from + i + 0.5, y: loss }))
              return Plot.line(line, { x: 'x', y: 'y', stroke: colour(noise), strokeWidth: 2 })
            }),
          ],
        ),
    }
  })
  const legend = noiseLegend('noise level σ =', noises, colour, palette)
  return compose({ ...context, name: 'loss', title: options.title ?? 'Training loss', legend, panels })
}

/** Where the law has any weight to speak of, to whole halves: what is worth showing. */
function support(x: Numbers, density: Numbers): [number, number] {
  const top = Math.max(...Array.from(density))
  const inside = Array.from(x).filter((_, i) => density[i]! >= 1e-3 * top)
  return [Math.floor(2 * Math.min(...inside)) / 2, Math.ceil(2 * Math.max(...inside)) / 2]
}

const descending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => b - a)

/** Colours follow the order of the levels, which is geometric. */
function noiseColours(noises: readonly number[], palette: Palette): (noise: number) => string {
  return (noise) => palette.noise(noises.length < 2 ? 1 : noises.indexOf(noise) / (noises.length - 1))
}

function noiseLegend(
  text: string,
  noises: readonly number[],
  colour: (noise: number) => string,
  palette: Palette,
): LegendItem[] {
  const levels = noises.map(
    (noise): LegendItem => ({ kind: 'line', label: String(Number(noise.toPrecision(2))), colour: colour(noise) }),
  )
  return [{ kind: 'text', label: text, colour: palette.text }, ...levels]
}
