// The files of a training report: figures of the network beside its data with the numbers behind them, draws, and all numbers as JSON.
import type { Draws, Engine, Network, Progress, Target, Tensor, TrainedNetwork } from 'langevin-rnn'
import { drawsToNpz } from 'langevin-rnn'
import { single, toCsv } from './csv.js'
import { coordinateName } from './figures/panel.js'
import { lossFigure } from './figures/plots.js'
import { createDocument, toPng, toSvg } from './figures/render.js'
import type { Theme } from './figures/theme.js'
import { cornerFigure, lineFigure, planeFigure } from './figures/training.js'
import { axis, centralRange, densityIn, evenEdges } from './histogram.js'
import { moments, reportDraws } from './report_draws.js'
import type { Source } from './training_source.js'

/** Coordinates and points of a corner plot: what stays legible. */
const MOST_COORDINATES = 5
const MOST_POINTS = 1000
const PLANE_BINS = 50
const ARROWS = 15
/** Draws that stand for a target. */
const TARGET_POINTS = 10_000

interface Figure {
  readonly figure: SVGSVGElement
  readonly csv: string
}

export interface ReportOptions {
  readonly seconds: number
  readonly signal: AbortSignal
  readonly theme: Theme
  readonly onProgress: (progress: Progress) => void
}

/** All files by path; the last is `results.json`, which names the others. */
export async function trainingReport(
  engine: Engine,
  network: TrainedNetwork,
  source: Source,
  options: ReportOptions,
): Promise<Map<string, string | Uint8Array>> {
  const { signal, theme, onProgress } = options
  const seed = network.provenance?.seed ?? 0
  const points = source.data ?? (await engine.targetDraws(source.target, TARGET_POINTS, seed))
  const { draws, settings } = await reportDraws(engine, network, points, { seed, signal, onProgress })
  const figures = new Map<string, Figure>()
  const title = `${source.name}: what the network learned`
  const drawing = { document: createDocument(), theme, title }
  const n = network.dimension
  if (n === 1) figures.set('density', await line(engine, network, points, source.target, drawing))
  else if (n === 2) figures.set('density', await plane(engine, network, points, draws, drawing))
  else figures.set('corner', corner(points, draws, drawing))
  const byEpochs = network.losses.length > network.levels.length
  if (byEpochs) figures.set('loss', loss(network, { ...drawing, title: `${source.name}: training by Adam` }))

  const files = new Map<string, string | Uint8Array>()
  for (const [name, { figure, csv }] of figures) {
    const svg = toSvg(figure)
    files.set(`figures/${name}.svg`, svg)
    files.set(`figures/${name}.png`, await toPng(svg))
    files.set(`figures/${name}.csv`, csv)
  }
  files.set('draws.npz', drawsToNpz(draws))
  const results = {
    format: 'langevin-rnn results',
    trainedOn: source.name,
    seed,
    network: {
      hash: network.hash,
      architecture: network.architecture,
      activation: network.activation,
      dimension: n,
      units: network.units,
      confinement: network.confinement,
      configuration: network.provenance?.configuration ?? null,
    },
    losses: Array.from(network.losses),
    levels: network.levels.map(({ noise }) => noise),
    sampling: settings,
    draws: { hash: draws.hash, shape: draws.shape },
    coordinates: await coordinates(engine, points, draws),
    seconds: options.seconds,
    files: [...files.keys(), 'results.json'],
  }
  files.set('results.json', `${JSON.stringify(results, null, 2)}\n`)
  return files
}

/** How well the draws stand for the data, coordinate by coordinate. */
async function coordinates(engine: Engine, points: Tensor, draws: Draws): Promise<object[]> {
  const n = points.shape[1]!
  const [data, drawn] = [points, { shape: [draws.data.length / n, n], data: draws.data }].map(moments)
  return Promise.all(
    Array.from({ length: n }, async (_, d) => ({
      coordinate: d,
      wasserstein: await engine.wasserstein(axis(draws.data, n, d), axis(points.data, n, d)),
      data: { mean: data!.mean[d], deviation: data!.deviation[d] },
      draws: { mean: drawn!.mean[d], deviation: drawn!.deviation[d] },
    })),
  )
}

type Drawing = { readonly document: Document; readonly theme: Theme; readonly title: string }

async function line(
  engine: Engine,
  network: Network,
  points: Tensor,
  target: Target | undefined,
  drawing: Drawing,
): Promise<Figure> {
  const range = centralRange(points.data)
  const edges = evenEdges(range, points.data.length)
  const density = densityIn(edges, points.data)
  const { mean, deviation } = moments(points)
  // The stationary law doesn't depend on what it is compared with; the comparison sets the grid, which must hold all data.
  const reach = Math.max(deviation[0]!, (range[1] - range[0]) / 12)
  const wide: Target = { kind: 'gaussian-mixture', weights: [1], means: [[mean[0]!]], deviations: [reach] }
  const { grid, density: law } = await engine.evaluate(network, target ?? wide)
  const x = Float32Array.from(grid)
  const at = { shape: [x.length, 1], data: x }
  const score = await engine.score(network, at)
  const truth = target && (await engine.targetValues(target, at))
  const header = ['x', 'score', 'density', ...(truth ? ['target_score', 'target_density'] : [])]
  const inside = Array.from(x.keys()).filter((i) => x[i]! >= range[0] && x[i]! <= range[1])
  const csv = toCsv(
    header,
    inside.map((i) => [
      single(x[i]!),
      single(score[i]!),
      law[i]!,
      ...(truth ? [truth.score[i]!, truth.density[i]!] : []),
    ]),
  )
  return { figure: lineFigure({ edges, density, x, score, law, ...(truth && { truth }) }, drawing), csv }
}

async function plane(
  engine: Engine,
  network: Network,
  points: Tensor,
  draws: Draws,
  drawing: Drawing,
): Promise<Figure> {
  const [xs, ys] = [0, 1].map((d) => centralRange(axis(points.data, 2, d)))
  const edges = [xs!, ys!].map(([low, high]) =>
    Array.from({ length: PLANE_BINS + 1 }, (_, i) => low + ((high - low) * i) / PLANE_BINS),
  )
  const [xEdges, yEdges] = edges as [number[], number[]]
  const [data, drawn] = [points.data, draws.data].map((values) => planeDensity(xEdges, yEdges, values))
  const at = (edge: readonly number[], i: number) => edge[0]! + ((i + 0.5) * (edge.at(-1)! - edge[0]!)) / ARROWS
  const places = Float32Array.from({ length: 2 * ARROWS * ARROWS }, (_, k) => {
    const place = Math.floor(k / 2)
    return k % 2 === 0 ? at(xEdges, place % ARROWS) : at(yEdges, Math.floor(place / ARROWS))
  })
  const score = await engine.score(network, { shape: [ARROWS * ARROWS, 2], data: places })
  const csv = toCsv(
    ['x0_left', 'x0_right', 'x1_left', 'x1_right', 'density_data', 'density_draws'],
    data!.map((value, i) => {
      const [column, row] = [i % PLANE_BINS, Math.floor(i / PLANE_BINS)]
      return [xEdges[column]!, xEdges[column + 1]!, yEdges[row]!, yEdges[row + 1]!, value, drawn![i]!]
    }),
  )
  return { figure: planeFigure({ xEdges, yEdges, data: data!, draws: drawn!, places, score }, drawing), csv }
}

/** Density in each bin, row by row from the lowest y. */
function planeDensity(xEdges: readonly number[], yEdges: readonly number[], points: Float32Array): number[] {
  const widths = [xEdges, yEdges].map((edges) => edges[1]! - edges[0]!) as [number, number]
  const counts = new Array<number>(PLANE_BINS * PLANE_BINS).fill(0)
  for (let i = 0; i < points.length; i += 2) {
    const column = Math.floor((points[i]! - xEdges[0]!) / widths[0])
    const row = Math.floor((points[i + 1]! - yEdges[0]!) / widths[1])
    if (column >= 0 && column < PLANE_BINS && row >= 0 && row < PLANE_BINS) counts[row * PLANE_BINS + column]! += 1
  }
  return counts.map((count) => count / ((points.length / 2) * widths[0] * widths[1]))
}

/** The coordinates of the largest deviations, where there are too many for all. */
function corner(points: Tensor, draws: Draws, drawing: Drawing): Figure {
  const n = points.shape[1]!
  const { deviation } = moments(points)
  const shown = Array.from(deviation.keys())
    .sort((a, b) => deviation[b]! - deviation[a]! || a - b)
    .slice(0, MOST_COORDINATES)
    .sort((a, b) => a - b)
  const names = shown.map((d) => coordinateName(d, n))
  const columns = (values: Float32Array) => shown.map((d) => axis(values, n, d))
  const [dataColumns, drawColumns] = [columns(points.data), columns(draws.data)]
  const edges = dataColumns.map((values) => evenEdges(centralRange(values), values.length))
  const [data, drawn] = [dataColumns, drawColumns].map((all) => all.map((values, k) => densityIn(edges[k]!, values)))
  const some = (all: readonly Float32Array[]) => {
    const stride = Math.max(1, Math.floor(all[0]!.length / MOST_POINTS))
    const count = Math.min(MOST_POINTS, all[0]!.length)
    return Float32Array.from({ length: count * all.length }, (_, i) => {
      const [k, d] = [Math.floor(i / all.length), i % all.length]
      return all[d]![k * stride]!
    })
  }
  const note = n > shown.length ? `(the ${shown.length} of ${n} coordinates with the largest deviations)` : ''
  const csv = toCsv(
    ['coordinate', 'left', 'right', 'density_data', 'density_draws'],
    edges.flatMap((edge, k) => data![k]!.map((value, i) => [shown[k]!, edge[i]!, edge[i + 1]!, value, drawn![k]![i]!])),
  )
  const figure = cornerFigure(
    { names, edges, data: data!, draws: drawn!, dataPoints: some(dataColumns), drawPoints: some(drawColumns), note },
    drawing,
  )
  return { figure, csv }
}

function loss({ architecture, losses, levels }: TrainedNetwork, drawing: Drawing): Figure {
  const noises = levels.map(({ noise }) => noise)
  const each = losses.length / noises.length
  const rows = Array.from(losses, (value, i) => [i + 1, noises[Math.floor(i / each)]!, value])
  return {
    figure: lossFigure({ panels: [{ architecture, losses, noises }] }, drawing),
    csv: toCsv(['epoch', 'sigma', 'loss'], rows),
  }
}
