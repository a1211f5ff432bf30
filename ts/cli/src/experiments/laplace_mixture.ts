// The Laplace mixture's table, figures and results.
import type { LaplaceArchitectureReport, LaplaceMixtureReport, RaceReport } from 'langevin-rnn/experiments'
import { toCsv } from '../csv.js'
import { barsFigure, contourFigure } from '../figures/contours.js'
import { curvesFigure } from '../figures/curves.js'
import { NAMES } from '../figures/panel.js'
import { formatTable, seconds, significant } from '../table.js'
import { type Drawing, drawsResults, networkResults, type View } from './view.js'

export const laplaceMixture: View<LaplaceMixtureReport> = {
  table,
  results: (report) => ({
    exact: report.exact,
    architectures: report.architectures.map(({ architecture, network, draws, figures, long, races, seconds }) => ({
      architecture,
      figures,
      long,
      races: races.map((race) => ({
        ...race,
        times: [...race.times],
        wasserstein: [...race.wasserstein],
        axes: race.axes.map((values) => [...values]),
      })),
      seconds,
      network: networkResults(network),
      draws: drawsResults(draws),
    })),
  }),
  figures,
  numbers,
  kept: ({ architectures }) =>
    architectures.map(({ architecture, network, draws }) => ({ path: architecture, network, draws })),
}

const pair = (values: readonly number[]): string => values.map((value) => significant(value)).join(' ')
const orDash = (value: number | null): string => (value === null ? '–' : significant(value))
/** As the tables and legends call Q = c [[0, 1], [−1, 0]]. */
const sizeName = (size: number): string => (size === 0 ? 'none' : size < 0.1 ? "the authors'" : String(size))

function table(report: LaplaceMixtureReport): string {
  const laws = formatTable(
    [
      { heading: ['architecture'], align: 'left' },
      { heading: ['Fisher', 'divergence'] },
      { heading: ['W1 of', 'x1, x2'] },
      { heading: ['kurtosis', 'of x1, x2'] },
      { heading: ['1e6 steps', 'within'] },
      { heading: ['training', 's'] },
      { heading: ['sampling', 's'] },
    ],
    report.architectures.map(({ architecture, figures, long, seconds: time }) => [
      architecture,
      significant(figures.fisherDivergence),
      pair(figures.wasserstein),
      pair(figures.excessKurtosis),
      long ? significant(long.farthest) : 'not run',
      seconds(time.train),
      seconds(time.sample),
    ]),
  )
  const races = formatTable(
    [
      { heading: ['from U(0, 3.5)²'], align: 'left' },
      { heading: ['Q'] },
      { heading: ['dt'] },
      ...(report.architectures[0]?.races[0]?.reached ?? []).flatMap(({ wasserstein }) => [
        { heading: [`W1 < ${wasserstein}`, 'τ'] },
        { heading: ['steps'] },
      ]),
      { heading: ['W1 at', 'the end'] },
    ],
    report.architectures.flatMap(({ architecture, races: all }) =>
      all.map((race) => [
        architecture,
        sizeName(race.size),
        significant(race.dt, 1),
        ...race.reached.flatMap(({ time, steps }) => [orDash(time), steps === null ? '–' : String(steps)]),
        significant(race.wasserstein.at(-1)!),
      ]),
    ),
  )
  const { wasserstein, excessKurtosis } = report.exact
  return `${laws}\nexact draws: W1 ${pair(wasserstein)}, kurtosis ${pair(excessKurtosis)} (the law: 3)\n\n${races}`
}

function figures(report: LaplaceMixtureReport, drawing: Drawing): Map<string, SVGSVGElement> {
  const { architectures, exact } = report
  const wide = { ...drawing, width: 1160 }
  const truth = { title: 'The law itself', subtitle: `W₁ of exact draws ${pair(exact.wasserstein)}` }
  return new Map([
    [
      'density',
      contourFigure(
        {
          edges: report.edges,
          panels: [
            { ...truth, density: report.trueDensity },
            ...architectures.map(({ architecture, figures, density }) => ({
              title: NAMES[architecture] ?? architecture,
              subtitle: `W₁ of axes ${pair(figures.wasserstein)}`,
              density,
            })),
          ],
        },
        { ...wide, title: 'Laplace mixture: density of the draws beside the law’s' },
      ),
    ],
    [
      'kurtosis',
      barsFigure(
        {
          label: 'excess kurtosis',
          law: 3,
          lawLabel: 'the law: 3 (a Gaussian has 0)',
          panels: architectures.map(({ architecture, figures }) => ({
            title: NAMES[architecture] ?? architecture,
            values: figures.excessKurtosis,
          })),
        },
        { ...drawing, title: 'Laplace mixture: excess kurtosis of each axis' },
      ),
    ],
    ['acceleration', acceleration(report, drawing)],
  ])
}

/** Each axis over time in a row, then their mean over steps: a larger Q needs a smaller dt. */
function acceleration({ architectures, exact }: LaplaceMixtureReport, drawing: Drawing): SVGSVGElement {
  const [first, second] = exact.wasserstein
  const overTime = { xLabel: 'time (τ)', x: (race: RaceReport) => race.times }
  const rows = [
    { ...overTime, yLabel: 'W₁ of x₁', level: first, y: ({ axes }: RaceReport) => axes[0] },
    { ...overTime, yLabel: 'W₁ of x₂', level: second, y: ({ axes }: RaceReport) => axes[1] },
    {
      ...{ xLabel: 'steps', x: ({ times, dt }: RaceReport) => times.map((time) => Math.round(time / dt)) },
      ...{ yLabel: 'W₁, mean of both', level: (first + second) / 2, y: (race: RaceReport) => race.wasserstein },
    },
  ]
  const subtitles = (races: readonly RaceReport[]) => [until(races, 'time'), 'the other axis', until(races, 'steps')]
  return curvesFigure(
    {
      name: 'acceleration',
      series: (architectures[0]?.races ?? []).map(({ size }) =>
        size === 0 ? 'plain Langevin' : size < 0.1 ? 'Q of the authors’ size, 0.01/√2' : `Q of size ${size}`,
      ),
      level: 'exact draws',
      yLabel: 'W₁',
      dots: false,
      panels: rows.flatMap(({ x, y, ...row }, k) =>
        architectures.map(({ architecture, races }: LaplaceArchitectureReport) => ({
          title: NAMES[architecture] ?? architecture,
          subtitle: subtitles(races)[k]!,
          ...row,
          curves: races.map((race, series) => ({ series, x: x(race), y: y(race) })),
        })),
      ),
    },
    { ...drawing, title: 'Laplace mixture: from U(0, 3.5)² to the law, with and without irreversible drift' },
  )
}

/** When the mean falls under 0.1 without Q and with the largest. */
function until(races: readonly RaceReport[], unit: 'time' | 'steps'): string {
  const [plain, fast] = [races[0], races.at(-1)].map((race) => race?.reached.at(-1)?.[unit] ?? null)
  if (plain == null && fast == null) return 'mean W₁ never under 0.1'
  const shown = [plain, fast].map((value) => (value == null ? 'never' : String(Number(value.toPrecision(4)))))
  return `mean W₁ < 0.1: ${shown[0]} plain, ${shown[1]} by larger Q`
}

function numbers(report: LaplaceMixtureReport): Map<string, string> {
  const { edges, trueDensity, architectures } = report
  const side = edges.length - 1
  const centre = (i: number) => (edges[i]! + edges[i + 1]!) / 2
  const squares = Array.from(trueDensity, (density, i) => [
    centre(i % side),
    centre(Math.floor(i / side)),
    density,
    ...architectures.map((one) => one.density[i]!),
  ])
  return new Map([
    ['density', toCsv(['x1', 'x2', 'law', ...architectures.map((one) => one.architecture)], squares)],
    [
      'kurtosis',
      toCsv(
        ['architecture', 'axis', 'excess_kurtosis'],
        architectures.flatMap(({ architecture, figures }) =>
          figures.excessKurtosis.map((value, axis) => [architecture, axis + 1, value]),
        ),
      ),
    ],
    [
      'acceleration',
      toCsv(
        ['architecture', 'size_of_q', 'dt', 'time', 'wasserstein', 'wasserstein_x1', 'wasserstein_x2'],
        architectures.flatMap(({ architecture, races }) =>
          races.flatMap(({ size, dt, times, wasserstein, axes: [x, y] }) =>
            Array.from(times, (time, i) => [architecture, size, dt, time, wasserstein[i]!, x[i]!, y[i]!]),
          ),
        ),
      ),
    ],
  ])
}
