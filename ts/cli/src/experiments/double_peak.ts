// The double peak's table, figures and results.
import type { ArchitectureReport, DoublePeakReport } from 'langevin-rnn/experiments'
import { single, toCsv } from '../csv.js'
import { drawsFigure, lossFigure, scoreFigure } from '../figures/plots.js'
import { formatTable, seconds, significant } from '../table.js'
import { type Drawing, drawsResults, networkResults, type View } from './view.js'

export const doublePeak: View<DoublePeakReport> = {
  table,
  results: (report) => ({
    exactDrawsWasserstein: report.exactDrawsWasserstein,
    architectures: report.architectures.map(({ architecture, network, draws, figures, seconds }) => ({
      architecture,
      figures,
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

/** What came out, a line for each network, and what exact draws would have given. */
function table(report: DoublePeakReport): string {
  const rows = report.architectures.map(({ architecture, figures, seconds: time }) => [
    architecture,
    significant(figures.fisherDivergence),
    significant(figures.lawWasserstein),
    significant(figures.drawsWasserstein),
    String(figures.lawModes),
    figures.confined ? 'yes' : 'no',
    seconds(time.train),
    seconds(time.sample),
  ])
  const lines = formatTable(
    [
      { heading: ['architecture'], align: 'left' },
      { heading: ['Fisher', 'divergence'] },
      { heading: ['W1 of', 'stat. law'] },
      { heading: ['W1 of', 'draws'] },
      { heading: ['modes'] },
      { heading: ['confined'] },
      { heading: ['training', 's'] },
      { heading: ['sampling', 's'] },
    ],
    rows,
  )
  const count = report.architectures[0]?.draws.shape
  const many = count ? ` (${count[0] * count[1]} of them: the yardstick for W1 of draws)` : ''
  return `${lines}\nexact draws: W1 ${significant(report.exactDrawsWasserstein)}${many}`
}

/** Only networks trained by epochs have a course of loss to show; the closed form is one solve a level. */
const trainedByEpochs = ({ network }: ArchitectureReport): boolean => network.losses.length > network.levels.length

function figures(report: DoublePeakReport, drawing: Drawing): Map<string, SVGSVGElement> {
  const { grid: x, trueDensity, trueScore, architectures } = report
  const figures = new Map([
    [
      'score',
      scoreFigure(
        {
          x,
          trueDensity,
          trueScore,
          panels: architectures.map(({ architecture, scoreCurves, figures }) => ({
            architecture,
            curves: scoreCurves,
            fisherDivergence: figures.fisherDivergence,
          })),
        },
        { ...drawing, title: 'Double peak: learned score over the true score' },
      ),
    ],
    [
      'draws',
      drawsFigure(
        {
          x,
          trueDensity,
          exactWasserstein: report.exactDrawsWasserstein,
          panels: architectures.map(({ architecture, histogram, figures }) => ({
            architecture,
            ...histogram,
            wasserstein: figures.drawsWasserstein,
          })),
        },
        { ...drawing, title: 'Double peak: draws over the true density' },
      ),
    ],
  ])
  const panels = architectures.filter(trainedByEpochs).map(({ architecture, network }) => ({
    architecture,
    losses: network.losses,
    noises: network.levels.map((level) => level.noise),
  }))
  if (panels.length > 0)
    figures.set('loss', lossFigure({ panels }, { ...drawing, title: 'Double peak: training by Adam' }))
  return figures
}

function numbers(report: DoublePeakReport): Map<string, string> {
  const { grid, trueDensity, trueScore, architectures } = report
  const csv = new Map<string, string>()
  csv.set(
    'target',
    toCsv(
      ['x', 'true_density', 'true_score'],
      Array.from(grid, (x, i) => [single(x), trueDensity[i]!, trueScore[i]!]),
    ),
  )
  const curves = architectures.flatMap(({ architecture, scoreCurves }) =>
    scoreCurves.flatMap(({ noise, score }) =>
      Array.from(grid, (x, i) => [architecture, noise, single(x), single(score[i]!), trueScore[i]!]),
    ),
  )
  csv.set('score', toCsv(['architecture', 'sigma', 'x', 'score', 'true_score'], curves))
  const bins = architectures.flatMap(({ architecture, histogram: { edges, density } }) =>
    Array.from(density, (value, i) => [architecture, edges[i]!, edges[i + 1]!, value]),
  )
  csv.set('draws', toCsv(['architecture', 'left', 'right', 'density'], bins))
  const losses = architectures.filter(trainedByEpochs).flatMap(({ architecture, network: { losses, levels } }) => {
    const each = losses.length / levels.length
    return Array.from(losses, (loss, i) => [architecture, i + 1, levels[Math.floor(i / each)]!.noise, loss])
  })
  if (losses.length > 0) csv.set('loss', toCsv(['architecture', 'epoch', 'sigma', 'loss'], losses))
  return csv
}
