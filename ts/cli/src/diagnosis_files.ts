// The files of a diagnosis: every number as JSON and CSV, and figures of the first coordinates with the numbers behind them.
import type { CoordinateDiagnostics, Diagnostics } from 'langevin-rnn'
import { single, toCsv } from './csv.js'
import {
  autocorrelationFigure,
  type CurveData,
  histogramFigure,
  rankFigure,
  spectrumFigure,
  type TimeUnit,
  traceFigure,
} from './figures/diagnostics.js'
import { coordinateName } from './figures/panel.js'
import { ratesFigure } from './figures/rates.js'
import { createDocument, toPng, toSvg } from './figures/render.js'
import { palettes, type Theme } from './figures/theme.js'
import { axis, densityIn, evenEdges, rangeOf } from './histogram.js'
import { ratesOf } from './rates.js'
import { significant } from './table.js'

/** Panels of a figure, chains of a panel, points of a trace: what stays legible. The legend says what is left out. */
const MOST_PANELS = 6
const MOST_CHAINS = palettes.light.series.length
const MOST_POINTS = 400

/** The list of files is in `diagnostics.json`. */
export const DIAGNOSIS_INDEX = { file: 'diagnostics.json', format: 'langevin-rnn diagnostics' } as const

/** Draws and what was found out about them. */
export interface Diagnosed {
  readonly draws: Float32Array
  /** Firing rates that were recorded with them. */
  readonly rates: Float32Array | null
  readonly rateUnits: readonly number[]
  /** Names of the coordinates, where they aren't x₀ …. */
  readonly names: readonly string[] | null
  /** [point, n]. */
  readonly reference: Float32Array | null
  readonly diagnostics: Diagnostics
  readonly theme: Theme
  /** Everything that `--json` prints, but the list of files. */
  readonly results: object
}

/** All files by path; the last is `diagnostics.json`, which names the others. */
export async function diagnosisFiles(diagnosed: Diagnosed): Promise<Map<string, string | Uint8Array>> {
  const files = new Map<string, string | Uint8Array>([['diagnostics.csv', coordinatesCsv(diagnosed)]])
  for (const [name, { figure, csv }] of figures(diagnosed)) {
    const svg = toSvg(figure)
    files.set(`figures/${name}.svg`, svg)
    files.set(`figures/${name}.png`, await toPng(svg))
    files.set(`figures/${name}.csv`, csv)
  }
  const index = { format: DIAGNOSIS_INDEX.format, ...diagnosed.results, files: [...files.keys(), DIAGNOSIS_INDEX.file] }
  files.set(DIAGNOSIS_INDEX.file, `${JSON.stringify(index, null, 2)}\n`)
  return files
}

interface Figure {
  readonly figure: SVGSVGElement
  readonly csv: string
}

/** Those for which there are numbers: draws of one per chain have no trace. */
function figures(diagnosed: Diagnosed): Map<string, Figure> {
  const { coordinates } = diagnosed.diagnostics
  const made = new Map<string, Figure>()
  if (diagnosed.diagnostics.shape[1] > 1) made.set('trace', trace(diagnosed))
  if (coordinates[0]?.rankHistogram && diagnosed.diagnostics.shape[0] > 1) made.set('ranks', ranks(diagnosed))
  made.set('histogram', histogram(diagnosed))
  const autocorrelation = curves(diagnosed, 'lag', 'autocorrelation', ({ autocorrelation: rho }) => ({
    x: Array.from(rho ?? [], (_, lag) => lag * (diagnosed.diagnostics.interval ?? 1)),
    y: rho ?? new Float64Array(),
  }))
  if (autocorrelation)
    made.set('autocorrelation', {
      ...autocorrelation,
      figure: autocorrelationFigure(autocorrelation.data, options(diagnosed)),
    })
  const spectrum = curves(diagnosed, 'frequency', 'power', ({ spectrum: found }) => ({
    x: Array.from(found?.frequency ?? []),
    y: found?.density ?? new Float64Array(),
  }))
  if (spectrum) made.set('spectrum', { ...spectrum, figure: spectrumFigure(spectrum.data, options(diagnosed)) })
  const rates = ratesOf(recorded(diagnosed), diagnosed.diagnostics.interval)
  if (rates) made.set('rates', { figure: ratesFigure(rates.data, options(diagnosed)), csv: rates.csv })
  return made
}

const recorded = ({ draws, diagnostics: { shape }, rates, rateUnits }: Diagnosed) => ({
  data: draws,
  shape,
  rates,
  rateUnits,
})

const options = ({ theme }: Diagnosed) => ({ document: createDocument(), theme })

function trace(diagnosed: Diagnosed): Figure {
  const { draws, diagnostics } = diagnosed
  const [chains, count, n] = diagnostics.shape
  const stride = Math.ceil(count / MOST_POINTS)
  const places = Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride)
  const shown = Array.from({ length: Math.min(chains, MOST_CHAINS) }, (_, c) => c)
  const value = (c: number, i: number, d: number) => draws[(c * count + i) * n + d]!
  const time = places.map((i) => (i + 1) * (diagnostics.interval ?? 1))
  const panels = first(diagnostics).map((d) => ({
    ...heading(diagnosed, d, ['rHat']),
    chains: shown.map((c) => places.map((i) => value(c, i, d))),
  }))
  const note = notes(diagnostics, shown.length, stride > 1 ? `one draw in ${stride}` : '')
  const columns = first(diagnostics)
  const csv = toCsv(
    ['chain', 'draw', ...columns.map((d) => `x${d}`)],
    shown.flatMap((c) => places.map((i) => [c, i, ...columns.map((d) => single(value(c, i, d)))])),
  )
  return { figure: traceFigure({ unit: unitOf(diagnostics), time, panels, note }, options(diagnosed)), csv }
}

function ranks(diagnosed: Diagnosed): Figure {
  const { diagnostics } = diagnosed
  const [chains, count] = diagnostics.shape
  const of = (d: number) => diagnostics.coordinates[d]!.rankHistogram!
  const bins = of(0).length / chains
  const shown = Math.min(chains, MOST_CHAINS)
  const panels = first(diagnostics).map((d) => ({
    ...heading(diagnosed, d, ['rHat']),
    chains: Array.from({ length: shown }, (_, c) => of(d).subarray(c * bins, (c + 1) * bins)),
    expected: count / bins,
  }))
  const rows = diagnostics.coordinates.flatMap((_, d) =>
    Array.from(of(d), (value, i) => [d, Math.floor(i / bins), i % bins, value]),
  )
  return {
    figure: rankFigure({ panels, note: notes(diagnostics, shown, '') }, options(diagnosed)),
    csv: toCsv(['coordinate', 'chain', 'bin', 'draws'], rows),
  }
}

function histogram(diagnosed: Diagnosed): Figure {
  const { draws, reference, diagnostics } = diagnosed
  const n = diagnostics.shape[2]
  const panels = first(diagnostics).map((d) => {
    const own = axis(draws, n, d)
    const other = reference && axis(reference, n, d)
    const edges = evenEdges(rangeOf(other ? [own, other] : [own]), own.length)
    return {
      ...heading(diagnosed, d, ['excessKurtosis']),
      edges,
      density: densityIn(edges, own),
      ...(other && { reference: densityIn(edges, other) }),
    }
  })
  const rows = panels.flatMap(({ edges, density, reference: other }, d) =>
    density.map((value, i) => [d, edges[i]!, edges[i + 1]!, value, ...(other ? [other[i]!] : [])]),
  )
  const header = ['coordinate', 'left', 'right', 'density', ...(reference ? ['reference'] : [])]
  return {
    figure: histogramFigure({ panels, note: notes(diagnostics, Number.POSITIVE_INFINITY, '') }, options(diagnosed)),
    csv: toCsv(header, rows),
  }
}

/** Autocorrelation or spectrum: every coordinate in the CSV, the first ones that have it in the figure. */
function curves(
  diagnosed: Diagnosed,
  xName: string,
  yName: string,
  of: (coordinate: CoordinateDiagnostics) => { x: readonly number[]; y: Float64Array },
): { data: CurveData; csv: string } | undefined {
  const { diagnostics } = diagnosed
  const all = diagnostics.coordinates.map(of)
  const panels = first(diagnostics)
    .filter((d) => all[d]!.y.length > 0)
    .map((d) => ({ ...heading(diagnosed, d, ['essBulk']), ...all[d]! }))
  if (panels.length === 0) return undefined
  const rows = all.flatMap(({ x, y }, d) => x.map((at, i) => [d, at, y[i]!]))
  const [chains] = diagnostics.shape
  const note = notes(diagnostics, Number.POSITIVE_INFINITY, chains > 1 ? `mean over ${chains} chains` : '')
  return { data: { unit: unitOf(diagnostics), panels, note }, csv: toCsv(['coordinate', xName, yName], rows) }
}

const unitOf = ({ interval }: Diagnostics): TimeUnit => (interval === null ? 'draws' : 'τ')

const first = ({ shape }: Diagnostics): number[] => Array.from({ length: Math.min(shape[2], MOST_PANELS) }, (_, d) => d)

const LABELS = { rHat: 'R̂', essBulk: 'bulk ESS', excessKurtosis: 'excess kurtosis' } as const

function heading(
  { diagnostics: { coordinates, shape }, names }: Diagnosed,
  d: number,
  keys: readonly (keyof typeof LABELS)[],
) {
  const facts = keys.flatMap((key) => {
    const value = coordinates[d]![key]
    return value === null
      ? []
      : [`${LABELS[key]} ${key === 'essBulk' ? Math.round(value) : significant(value, 4).replace('-', '−')}`]
  })
  return { title: names?.[d] ?? coordinateName(d, shape[2]), subtitle: facts.join(', ') }
}

/** What a figure leaves out. */
function notes({ shape: [chains, , n] }: Diagnostics, shownChains: number, other: string): string {
  const parts = [
    ...(n > MOST_PANELS ? [`first ${MOST_PANELS} of ${n} coordinates`] : []),
    ...(chains > shownChains ? [`first ${shownChains} of ${chains} chains`] : []),
    ...(other === '' ? [] : [other]),
  ]
  return parts.length === 0 ? '' : `(${parts.join(', ')})`
}

/** The table, all coordinates; what is not defined is empty. */
function coordinatesCsv({ diagnostics: { coordinates, reference } }: Diagnosed): string {
  const keys = ['mean', 'mcseMean', 'deviation', 'excessKurtosis', 'essBulk', 'essTail', 'rHat'] as const
  const header = ['coordinate', ...keys, ...(reference ? ['wasserstein'] : [])]
  const rows = coordinates.map((found, d) => [
    d,
    ...keys.map((key) => found[key] ?? ''),
    ...(reference ? [reference.wasserstein[d]!] : []),
  ])
  return toCsv(header, rows)
}
