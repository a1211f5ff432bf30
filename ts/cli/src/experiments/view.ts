// How an experiment shows itself: its table, its figures with the numbers behind them, its results and files.
import type { Draws, TrainedNetwork } from 'langevin-rnn'
import type { ExperimentReport } from 'langevin-rnn/experiments'
import type { Theme } from '../figures/theme.js'

/** What figures are drawn with. */
export interface Drawing {
  readonly document: Document
  readonly theme?: Theme
}

/** One network, and its draws where they are kept. */
export interface Kept {
  /** Its folder among the files. */
  readonly path: string
  readonly network: TrainedNetwork
  readonly draws?: Draws
  /** What else belongs to it, by name, made when it is to be written. */
  readonly files?: () => ReadonlyMap<string, Uint8Array>
}

export interface View<Report extends ExperimentReport> {
  /** What came out, for the terminal: at most 90 columns. */
  table(report: Report): string
  /** Every number that table and figures show, for results.json. */
  results(report: Report): object
  /** Pictures by name. */
  figures(report: Report, drawing: Drawing): Map<string, SVGSVGElement>
  /** The numbers behind them, as CSV by name. */
  numbers(report: Report): Map<string, string>
  /** Networks to write to files. */
  kept(report: Report): readonly Kept[]
}

/** What results tell of a network. */
export function networkResults(network: TrainedNetwork): object {
  const { hash, units, activation, confinement, provenance } = network
  return { hash, units, activation, confinement, configuration: provenance?.configuration ?? null }
}

/** What results tell of draws. */
export function drawsResults({ hash, shape, provenance }: Draws): object {
  return { hash, shape, configuration: provenance.configuration }
}
