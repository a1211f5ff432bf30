// The table, figures and results of the experiments on pictures.
import { writeNpz } from 'langevin-rnn'
import type { ClassReport, NearestReport, PicturesReport } from 'langevin-rnn/experiments'
import { toCsv } from '../csv.js'
import { classesFigure, distancesFigure, nearestFigure, sheetFigure } from '../figures/pictures.js'
import { lossFigure } from '../figures/plots.js'
import { formatTable, seconds, significant } from '../table.js'
import { type Drawing, drawsResults, networkResults, type View } from './view.js'

/** Draws of a sheet, and pairs of draw and nearest training picture. */
const SHEET = 200
const PAIRS = 60
const BINS = 40

const TITLES = { mnist: 'Digits', cifar: 'Colour pictures' } as const

export const pictures: View<PicturesReport> = {
  table,
  results(report) {
    const { network, draws, classes, nearest, seconds: time } = only(report)
    const summary = ({ distance, median }: NearestReport) => ({ median, distance: [...distance] })
    return {
      shape: report.shape,
      explained: report.explained,
      dataShares: report.dataShares,
      architectures: [
        {
          architecture: 'reservoir-sampler',
          classes,
          nearest: {
            draws: { ...summary(nearest.draws), index: [...nearest.draws.index] },
            test: summary(nearest.test),
            copies: nearest.copies,
          },
          losses: [...network.losses],
          seconds: time,
          network: networkResults(network),
          draws: drawsResults(draws),
        },
      ],
    }
  },
  figures,
  numbers,
  kept(report) {
    const { network, draws } = only(report)
    return [{ path: 'reservoir-sampler', network, draws, files: () => pictureFiles(report) }]
  },
}

/** Draws as features and pixels, and the basis where there is one. */
function pictureFiles(report: PicturesReport): Map<string, Uint8Array> {
  const { features, pixels } = only(report)
  const { components } = report
  const files = new Map([
    ['pictures.npz', writeNpz({ features, pixels: { shape: [pixels.shape[0]!, ...report.shape], data: pixels.data } })],
  ])
  if (components !== null) {
    const [n, d] = [components.variances.length, components.mean.length]
    files.set(
      'components.npz',
      writeNpz({
        mean: { shape: [d], data: components.mean },
        components: { shape: [n, d], data: components.components },
        variances: { shape: [n], data: components.variances },
      }),
    )
  }
  return files
}

const only = ({ architectures }: PicturesReport) => architectures[0]!
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function table(report: PicturesReport): string {
  const { network, classes, nearest, seconds: time } = only(report)
  const noise = network.levels.at(-1)?.noise
  const row = (name: string, judged: ClassReport | undefined, near: NearestReport | undefined) => [
    name,
    judged ? percent(judged.sure) : '–',
    judged ? `${percent(Math.min(...judged.shares))} … ${percent(Math.max(...judged.shares))}` : '–',
    judged?.totalVariation == null ? '–' : significant(judged.totalVariation),
    near ? significant(near.median) : '–',
  ]
  const rows = [row('draws', classes?.draws, nearest.draws)]
  if (only(report).denoised && classes) rows.push(row('with their noise', classes.noisy, undefined))
  rows.push(row('held-out pictures', classes?.test, nearest.test))
  const laws = formatTable(
    [
      { heading: ['pictures'], align: 'left' },
      { heading: ['classifier', '0.9 sure'] },
      { heading: ['smallest … largest', 'class'] },
      { heading: ['classes,', 'TV to data'] },
      { heading: ['nearest,', 'median'] },
    ],
    rows,
  )
  const facts = [
    `${network.units} units, ${network.dimension} features${report.explained === null ? '' : ` (${percent(report.explained)} of the variance)`}, last noise level ${significant(noise ?? 0, 2)}`,
    `nearer to a training picture than 99 of 100 held-out ones are: ${percent(nearest.copies)} of the draws`,
    `${seconds(time.encode)} s encoding, ${seconds(time.train)} s training, ${seconds(time.sample)} s sampling`,
  ]
  return `${laws}\n${facts.join('\n')}`
}

function figures(report: PicturesReport, drawing: Drawing): Map<string, SVGSVGElement> {
  const { network, pixels, nearest, classes } = only(report)
  const { shape } = report
  const name = TITLES[report.experiment]
  const size = shape[0] * shape[1] * shape[2]
  const first = (data: Float32Array, count: number) => data.subarray(0, count * size)
  const shown = Math.min(SHEET, pixels.shape[0]!)
  const pairs = Math.min(PAIRS, pixels.shape[0]!)
  const sure = classes
    ? `; a classifier is 0.9 sure of ${percent(classes.draws.sure)}, of held-out ones of ${percent(classes.test.sure)}`
    : ''
  const { beyond, ...densities } = histograms(report)
  const found = new Map([
    [
      'draws',
      sheetFigure(
        { shape, pixels: first(pixels.data, shown), note: `${shown} draws in order, none left out${sure}` },
        { ...drawing, title: `${name}: draws` },
      ),
    ],
    [
      'test',
      sheetFigure(
        {
          shape,
          pixels: first(report.testPixels.data, shown),
          note: 'as many held-out pictures, encoded and decoded as the draws are',
        },
        { ...drawing, title: `${name}: held-out pictures` },
      ),
    ],
    [
      'nearest',
      nearestFigure(
        {
          draws: { shape, pixels: first(pixels.data, pairs) },
          nearest: { shape, pixels: first(report.nearestPixels.data, pairs) },
          distances: nearest.draws.distance.subarray(0, pairs),
        },
        { ...drawing, title: `${name}: draws and the nearest training pictures` },
      ),
    ],
    [
      'distances',
      distancesFigure(
        {
          ...densities,
          note: `median ${significant(nearest.draws.median)} of draws, ${significant(nearest.test.median)} of held-out pictures${beyond > 0 ? `; ${beyond} draws beyond` : ''}`,
        },
        { ...drawing, title: `${name}: are draws copies?` },
      ),
    ],
  ])
  if (classes && report.dataShares) {
    found.set(
      'classes',
      classesFigure(
        {
          draws: classes.draws.shares,
          data: report.dataShares,
          note: `total variation ${significant(classes.draws.totalVariation ?? 0)}`,
        },
        { ...drawing, title: `${name}: classes of the draws` },
      ),
    )
  }
  if (network.provenance?.configuration['method'] === 'adam') {
    const noises = network.levels.map((level) => level.noise)
    found.set(
      'loss',
      lossFigure(
        { panels: [{ architecture: 'reservoir-sampler', losses: network.losses, noises }] },
        { ...drawing, width: 560, title: `${name}: training by Adam` },
      ),
    )
  }
  return found
}

/** Densities of both sets of distances over bins of one width, as far as nearly all of them reach; what lies beyond is counted. */
function histograms(report: PicturesReport) {
  const { draws, test } = only(report).nearest
  const nearlyAll = ({ distance }: NearestReport) => distance.toSorted()[Math.floor(0.98 * (distance.length - 1))]!
  const width = (1.3 * Math.max(nearlyAll(draws), nearlyAll(test)) || 1) / BINS
  const density = ({ distance }: NearestReport) => {
    const counts = new Float64Array(BINS)
    for (const value of distance) if (value < BINS * width) counts[Math.floor(value / width)]! += 1
    return counts.map((count) => count / (distance.length * width))
  }
  return {
    edges: Float64Array.from({ length: BINS + 1 }, (_, i) => i * width),
    draws: density(draws),
    test: density(test),
    beyond: draws.distance.filter((value) => value >= BINS * width).length,
  }
}

function numbers(report: PicturesReport): Map<string, string> {
  const { network, nearest, classes } = only(report)
  const { edges, draws, test } = histograms(report)
  const found = new Map([
    [
      'nearest',
      toCsv(
        ['draw', 'training_picture', 'distance'],
        Array.from(nearest.draws.distance, (distance, i) => [i, nearest.draws.index[i]!, distance]),
      ),
    ],
    [
      'distances',
      toCsv(
        ['left', 'right', 'draws', 'held_out'],
        Array.from(draws, (density, i) => [edges[i]!, edges[i + 1]!, density, test[i]!]),
      ),
    ],
  ])
  if (classes && report.dataShares) {
    const shares = report.dataShares.map((share, k) => [k, share, classes.draws.shares[k]!, classes.test.shares[k]!])
    found.set('classes', toCsv(['class', 'training', 'draws', 'held_out'], shares))
  }
  if (network.provenance?.configuration['method'] === 'adam') {
    const each = network.losses.length / network.levels.length
    const rows = Array.from(network.losses, (loss, i) => [i + 1, network.levels[Math.floor(i / each)]!.noise, loss])
    found.set('loss', toCsv(['epoch', 'sigma', 'loss'], rows))
  }
  return found
}
