// The posterior experiment's table, figures and results.
import type { Tensor } from 'langevin-rnn'
import { type CueReport, type PosteriorReport, type PosteriorRun, PUBLISHED } from 'langevin-rnn/experiments'
import { toCsv } from '../csv.js'
import { c2stFigure, cueFigure, scatterFigure } from '../figures/posteriors.js'
import { formatTable, seconds, significant } from '../table.js'
import { type Drawing, drawsResults, networkResults, type View } from './view.js'

/** Of each task whose draws are shown: half the prior's box, and the pairs of parameters. */
const SHOWN = {
  'two-moons': { bound: 1, pairs: [[0, 1]] },
  slcp: {
    bound: 3,
    pairs: [
      [0, 1],
      [2, 3],
      [3, 4],
    ],
  },
} as const
/** Draws of each in a picture, and posteriors side by side where a task has one pair. */
const DOTS = 1000
const POSTERIORS = 3
const PUBLISHED_AT = 100_000

export const posterior: View<PosteriorReport> = {
  table,
  results: ({ tasks, cues }) => ({
    tasks: tasks.map(({ task, runs }) => ({
      task,
      published: { ...PUBLISHED[task], simulations: PUBLISHED_AT },
      runs: runs.map(({ simulations, c2st, posteriors, network, draws, seconds: time }) => ({
        simulations,
        c2st,
        observations: posteriors.map(({ observation, c2st, reference, draws }) => ({
          observation,
          c2st,
          draws: draws.shape[0],
          referenceDraws: reference?.shape[0] ?? null,
        })),
        seconds: time,
        network: networkResults(network),
        draws: drawsResults(draws),
      })),
    })),
    cueCombination: cueResults(cues),
  }),
  figures,
  numbers,
  kept: ({ tasks, cues }) => [
    ...tasks.flatMap(({ task, runs }) =>
      runs.map(({ simulations, network, draws }) => ({ path: `${task}-${simulations}`, network, draws })),
    ),
    { path: 'cue-combination', network: cues.network, draws: cues.draws },
  ],
}

function cueResults({ network, draws, shown, exactWasserstein, ...curves }: CueReport): object {
  const { times, mean, deviation, exactMean, exactDeviation, wasserstein } = curves
  const lists = { times, mean, deviation, exactMean, exactDeviation, wasserstein }
  return {
    shown,
    exactWasserstein,
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]])),
    network: networkResults(network),
    draws: drawsResults(draws),
  }
}

const orDash = (value: number | null): string => (value === null ? '–' : value.toFixed(3))

function table({ tasks, cues }: PosteriorReport): string {
  const rows = tasks.flatMap(({ task, runs }) =>
    runs.map(({ simulations, c2st, posteriors, network, seconds: time }) => {
      const each = posteriors.map((posterior) => posterior.c2st).filter((value) => value !== null)
      const { method, c2st: published } = PUBLISHED[task]
      return [
        task,
        String(simulations),
        String(posteriors.length),
        orDash(c2st),
        each.length > 0 ? `${orDash(Math.min(...each))} ${orDash(Math.max(...each))}` : '–',
        simulations === PUBLISHED_AT ? `${method} ${published}` : '–',
        network.confinement?.confined ? 'yes' : 'no',
        seconds(time.train),
        seconds(time.sample),
        seconds(time.c2st),
      ]
    }),
  )
  const found = formatTable(
    [
      { heading: ['task'], align: 'left' },
      { heading: ['simu-', 'lations'] },
      { heading: ['obser-', 'vations'] },
      { heading: ['C2ST', 'mean'] },
      { heading: ['least,', 'most'] },
      { heading: ['published'] },
      { heading: ['con-', 'fined'] },
      { heading: ['train', 's'] },
      { heading: ['sample', 's'] },
      { heading: ['C2ST', 's'] },
    ],
    rows,
  )
  const compared = tasks.some(({ runs }) => runs.some(({ c2st }) => c2st !== null))
    ? 'C2ST: share of draws told from reference draws, 0.5 where nobody can.\n'
    : ''
  const followed = cues.shown.map(({ wasserstein }) => significant(wasserstein)).join(' ')
  return `${found}\n${compared}\nCue combination: W1 to the exact posterior, last τ of each stimulus: ${followed}\n(as many exact draws: ${significant(cues.exactWasserstein)})`
}

function figures({ tasks, cues }: PosteriorReport, drawing: Drawing): Map<string, SVGSVGElement> {
  const found = new Map<string, SVGSVGElement>()
  const judged = tasks.filter(({ runs }) => runs.some(({ c2st }) => c2st !== null))
  if (judged.length > 0) {
    const panels = judged.map(({ task, runs }) => ({
      title: task,
      means: runs.map(({ simulations, c2st }) => ({ simulations, c2st: c2st ?? Number.NaN })),
      each: runs.flatMap(({ simulations, posteriors }) =>
        posteriors.map(({ c2st }) => ({ simulations, c2st: c2st ?? Number.NaN })),
      ),
      published: PUBLISHED[task],
    }))
    found.set(
      'c2st',
      c2stFigure(
        { panels },
        { ...drawing, width: 1160, title: 'Posteriors: how often draws are told from the reference' },
      ),
    )
  }
  for (const { task, runs } of tasks) {
    const last = runs.at(-1)
    if (last && (task === 'two-moons' || task === 'slcp')) found.set(task, scatter(task, last, drawing))
  }
  const { shown, mean, deviation, exactMean, exactDeviation, times, wasserstein, exactWasserstein } = cues
  const cue = (name: string, i: 0 | 1) => ({
    name,
    segments: shown.map(({ start, end, cues: at, deviations }) => ({
      start,
      end,
      cue: at[i],
      deviation: deviations[i],
    })),
  })
  found.set(
    'cue-combination',
    cueFigure(
      {
        times,
        cues: [cue('visual cue', 0), cue('haptic cue', 1)],
        draws: { mean, deviation },
        exact: { mean: exactMean, deviation: exactDeviation },
        wasserstein,
        exactWasserstein,
      },
      { ...drawing, title: 'Cue combination: the circuit follows the posterior as its stimulus changes' },
    ),
  )
  return found
}

const pairs = ({ shape, data }: Tensor, x: number, y: number) =>
  Array.from(
    { length: Math.min(DOTS, shape[0]!) },
    (_, i) => [data[i * shape[1]! + x]!, data[i * shape[1]! + y]!] as const,
  )

const theta = (d: number): string => `θ${'₁₂₃₄₅'[d]}`

/** A task's draws over reference draws: its first posteriors, or the pairs of parameters of the first of them. */
function scatter(task: keyof typeof SHOWN, run: PosteriorRun, drawing: Drawing): SVGSVGElement {
  const { bound, pairs: shown } = SHOWN[task]
  const posteriors = run.posteriors.slice(0, shown.length > 1 ? 1 : POSTERIORS)
  const panels = posteriors.flatMap(({ observation, draws, reference, c2st }) =>
    shown.map(([x, y]) => ({
      title: shown.length > 1 ? `${theta(y)} against ${theta(x)}` : `observation ${observation}`,
      subtitle: c2st === null ? 'draws' : `draws, C2ST ${c2st.toFixed(3)}`,
      xLabel: theta(x),
      draws: pairs(draws, x, y),
      reference: reference && pairs(reference, x, y),
    })),
  )
  const yLabel = shown.length > 1 ? 'θ' : theta(shown[0][1])
  const title = `${task}: posterior${shown.length > 1 ? ` of observation ${posteriors[0]?.observation}` : 's'} after ${run.simulations} simulations`
  return scatterFigure({ name: task, domain: [-bound, bound], yLabel, panels }, { ...drawing, title })
}

function numbers({ tasks, cues }: PosteriorReport): Map<string, string> {
  const c2st = tasks.flatMap(({ task, runs }) =>
    runs.flatMap(({ simulations, posteriors }) =>
      posteriors.flatMap(({ observation, c2st }) => (c2st === null ? [] : [[task, simulations, observation, c2st]])),
    ),
  )
  const { times, mean, deviation, exactMean, exactDeviation, wasserstein, shown } = cues
  const over = Array.from(times, (time, i) => {
    const at = shown.find(({ end }) => time <= end + 1e-9)!
    return [
      time,
      ...at.cues,
      ...at.deviations,
      mean[i]!,
      deviation[i]!,
      exactMean[i]!,
      exactDeviation[i]!,
      wasserstein[i]!,
    ]
  })
  const head = ['time', 'visual', 'haptic', 'visual_deviation', 'haptic_deviation']
  const law = ['mean', 'deviation', 'exact_mean', 'exact_deviation', 'wasserstein']
  const found = new Map([
    ...(c2st.length > 0 ? [['c2st', toCsv(['task', 'simulations', 'observation', 'c2st'], c2st)] as const] : []),
    ['cue-combination', toCsv([...head, ...law], over)],
  ])
  for (const { task, runs } of tasks) {
    const last = runs.at(-1)
    if (!last || (task !== 'two-moons' && task !== 'slcp')) continue
    const d = last.network.dimension
    const rows = last.posteriors
      .slice(0, task === 'slcp' ? 1 : POSTERIORS)
      .flatMap(({ observation, draws, reference }) =>
        [['draws', draws] as const, ['reference', reference] as const].flatMap(([of, tensor]) =>
          tensor
            ? Array.from({ length: Math.min(DOTS, tensor.shape[0]!) }, (_, i) => [
                observation,
                of,
                ...tensor.data.subarray(i * d, (i + 1) * d),
              ])
            : [],
        ),
      )
    found.set(task, toCsv(['observation', 'of', ...Array.from({ length: d }, (_, j) => `theta_${j + 1}`)], rows))
  }
  return found
}
