// The files of a reproduction: manifest, results, figures with the numbers behind them, networks and their draws.
import { drawsToNpz, networkToSafetensors, writeNpy, writeNpz } from 'langevin-rnn'
import type { Activity, ExperimentReport } from 'langevin-rnn/experiments'
import type { View } from './experiments/view.js'
import { ratesFigure } from './figures/rates.js'
import { createDocument, toPng, toSvg } from './figures/render.js'
import { ratesOf } from './rates.js'
import { OTHER_ARRAYS, otherArrays } from './recorded.js'

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
export async function reportFiles<Report extends ExperimentReport>(
  report: Report,
  view: View<Report>,
  environment: RunEnvironment,
): Promise<Map<string, string | Uint8Array>> {
  const files = new Map<string, string | Uint8Array>([['manifest.json', json(report.manifest)]])
  for (const [name, figure] of view.figures(report, { document: createDocument() })) {
    await addFigure(files, name, figure)
  }
  for (const [name, csv] of view.numbers(report)) files.set(`figures/${name}.csv`, csv)
  for (const activity of report.activities) await addActivity(files, activity, report.activities.length > 1)
  const kept = view.kept(report)
  for (const { path, network, draws, files: others } of kept) {
    files.set(`${path}/network.safetensors`, networkToSafetensors(network))
    files.set(`${path}/losses.npy`, writeNpy({ shape: [network.losses.length], data: network.losses }))
    if (draws) files.set(`${path}/draws.npz`, drawsToNpz(draws))
    for (const [name, content] of others?.() ?? []) files.set(`${path}/${name}`, content)
  }
  files.set(OTHER_ARRAYS, writeNpz(Object.fromEntries(otherArrays(report, kept))))
  const { experiment, preset, seed, configuration } = report
  files.set(
    'results.json',
    json({
      format: 'langevin-rnn results',
      experiment,
      preset,
      seed,
      configuration,
      ...view.results(report),
      environment,
      files: [...files.keys(), 'results.json'],
    }),
  )
  return files
}

async function addFigure(files: Map<string, string | Uint8Array>, name: string, figure: SVGSVGElement) {
  const svg = toSvg(figure)
  files.set(`figures/${name}.svg`, svg)
  files.set(`figures/${name}.png`, await toPng(svg))
}

/** A chain with firing rates: its draws, and its raster with the numbers behind it. */
async function addActivity(files: Map<string, string | Uint8Array>, { name, draws }: Activity, several: boolean) {
  const { dt, recordEvery } = draws.provenance.configuration as { dt: number; recordEvery: number }
  const own = name.replace('reservoir-sampler/', '')
  files.set(`activity/${own}.npz`, drawsToNpz(draws))
  const rates = ratesOf(draws, dt * recordEvery)
  if (rates === null) return
  const figure = several ? `rates-${own}` : 'rates'
  const raster = ratesFigure(rates.data, { document: createDocument(), title: `Firing rates: ${own}` })
  await addFigure(files, figure, raster)
  files.set(`figures/${figure}.csv`, rates.csv)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
