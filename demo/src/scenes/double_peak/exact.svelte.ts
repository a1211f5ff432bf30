// The quick preset, exactly as the command line runs it: its manifest, and its figures as files.
import type { Architecture, Engine } from 'langevin-rnn'
import { type DoublePeakReport, reproduceDoublePeak } from 'langevin-rnn/experiments'
import { describe, type Problem } from '../../platform/support.ts'

export class ExactRun {
  report = $state.raw<DoublePeakReport | null>(null)
  running = $state(false)
  share = $state(0)
  problem = $state.raw<Problem | null>(null)

  readonly #engine: Promise<Engine>
  #session = new AbortController()

  constructor(engine: Promise<Engine>) {
    this.#engine = engine
  }

  async start(seed: number): Promise<void> {
    this.cancel()
    const { signal } = this.#session
    this.running = true
    const shares = new Map<string, number>()
    try {
      const report = await reproduceDoublePeak(await this.#engine, {
        preset: 'quick',
        seed,
        signal,
        onEvent: ({ architecture, stage, done, total }) => {
          shares.set(`${architecture}/${stage}`, done / total)
          // Three architectures, each trained and sampled.
          this.share = [...shares.values()].reduce((sum, share) => sum + share, 0) / 6
        },
      })
      if (!signal.aborted) this.report = report
    } catch (error) {
      if (!signal.aborted) this.problem = describe(error)
    } finally {
      if (!signal.aborted) this.running = false
    }
  }

  /** Ends the run, if there is one, and forgets its result. */
  cancel(): void {
    this.#session.abort()
    this.#session = new AbortController()
    this.running = false
    this.report = null
    this.problem = null
    this.share = 0
  }
}

/** The hash of an architecture's draws, as the manifest has it. */
export function drawsHash(report: DoublePeakReport, architecture: Architecture): string {
  return report.manifest.arrays[`${architecture}/draws`]!.sha256
}

/** Observable Plot and the command line's figures: too much for the first picture, so they come after it. */
export async function loadFigures() {
  // Named here, so that the bundler leaves out the other figures.
  const { drawsFigure, scoreFigure } = await import('langevin-rnn-cli/figures')
  return { drawsFigure, scoreFigure }
}

export interface SavedFile {
  readonly name: string
  readonly blob: Blob
}

/** The manifest and the figures of a report, as `langevin-rnn reproduce --out` writes them. */
export async function filesOf(report: DoublePeakReport): Promise<SavedFile[]> {
  const { drawsFigure, scoreFigure } = await loadFigures()
  const { grid: x, trueDensity, trueScore, exactDrawsWasserstein: exactWasserstein, architectures } = report
  const draws = drawsFigure({
    x,
    trueDensity,
    exactWasserstein,
    panels: architectures.map(({ architecture, histogram, figures }) => ({
      architecture,
      wasserstein: figures.drawsWasserstein,
      ...histogram,
    })),
  })
  const score = scoreFigure({
    x,
    trueDensity,
    trueScore,
    panels: architectures.map(({ architecture, figures, scoreCurves }) => ({
      architecture,
      fisherDivergence: figures.fisherDivergence,
      curves: scoreCurves,
    })),
  })
  const text = new XMLSerializer()
  const svg = (figure: SVGSVGElement) => new Blob([text.serializeToString(figure)], { type: 'image/svg+xml' })
  return [
    {
      name: 'manifest.json',
      blob: new Blob([`${JSON.stringify(report.manifest, null, 2)}\n`], { type: 'application/json' }),
    },
    { name: 'draws.svg', blob: svg(draws) },
    { name: 'score.svg', blob: svg(score) },
  ]
}
