// The files of a reproduction of the double peak: manifest, results, figures with the numbers behind them, and for each
// architecture the network, the course of its loss, and its draws.
import { drawsToNpz, networkToSafetensors, writeNpy } from 'langevin-rnn'
import type { ArchitectureReport, DoublePeakReport } from 'langevin-rnn/experiments'
import { single, toCsv } from './csv.js'
import { drawsFigure, lossFigure, scoreFigure } from './figures/plots.js'
import { createDocument, toPng, toSvg } from './figures/render.js'

/** Where and how fast a run was: in the results, never in the manifest, which is the same everywhere. */
export interface RunEnvironment {
  readonly version: string
  readonly node: string
  readonly platform: string
  readonly workers: number
  readonly simd: boolean
  readonly streamVersion: number
}

/** All files by path; the last is `results.json`, which names the others. */
export async function reportFiles(
  report: DoublePeakReport,
  environment: RunEnvironment,
): Promise<Map<string, string | Uint8Array>> {
  const files = new Map<string, string | Uint8Array>([['manifest.json', json(report.manifest)]])
  for (const [name, figure] of figures(report)) {
    const svg = toSvg(figure)
    files.set(`figures/${name}.svg`, svg)
    files.set(`figures/${name}.png`, await toPng(svg))
  }
  for (const [name, csv] of numbers(report)) files.set(`figures/${name}.csv`, csv)
  for (const { architecture, network, draws } of report.architectures) {
    files.set(`${architecture}/network.safetensors`, networkToSafetensors(network))
    files.set(`${architecture}/losses.npy`, writeNpy({ shape: [network.losses.length], data: network.losses }))
    files.set(`${architecture}/draws.npz`, drawsToNpz(draws))
  }
  files.set('results.json', json(results(report, environment, [...files.keys(), 'results.json'])))
  return files
}

/** Every figure that the table and the pictures show, with what it was made by. */
export function results(report: DoublePeakReport, environment: RunEnvironment, files: readonly string[]): object {
  return {
    format: 'langevin-rnn results',
    experiment: report.experiment,
    preset: report.preset,
    seed: report.seed,
    configuration: report.configuration,
    exactDrawsWasserstein: report.exactDrawsWasserstein,
    architectures: report.architectures.map(({ architecture, network, draws, figures, seconds }) => ({
      architecture,
      figures,
      seconds,
      network: {
        hash: network.hash,
        units: network.units,
        activation: network.activation,
        confinement: network.confinement,
        configuration: network.provenance?.configuration ?? null,
      },
      draws: { hash: draws.hash, shape: draws.shape, configuration: draws.provenance.configuration },
    })),
    environment,
    files,
  }
}

/** Only networks trained by epochs have a course of loss to show; the closed form is one solve a level. */
const trainedByEpochs = ({ network }: ArchitectureReport): boolean => network.losses.length > network.levels.length

function figures(report: DoublePeakReport): Map<string, SVGSVGElement> {
  const { grid: x, trueDensity, trueScore, architectures } = report
  const document = createDocument()
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
        { document, title: 'Double peak: learned score over the true score' },
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
        { document, title: 'Double peak: draws over the true density' },
      ),
    ],
  ])
  const panels = architectures.filter(trainedByEpochs).map(({ architecture, network }) => ({
    architecture,
    losses: network.losses,
    noises: network.levels.map((level) => level.noise),
  }))
  if (panels.length > 0)
    figures.set('loss', lossFigure({ panels }, { document, title: 'Double peak: training by Adam' }))
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

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
