// The capacity experiment's table, figure and results.
import type { CapacityReport } from 'langevin-rnn/experiments'
import { toCsv } from '../csv.js'
import { curvesFigure } from '../figures/curves.js'
import { NAMES } from '../figures/panel.js'
import { formatTable, seconds, significant } from '../table.js'
import type { View } from './view.js'

/** Two panels a row. */
const WIDTH = 740
/** Without the sign of a zero. */
const slopeText = (slope: number): string => slope.toFixed(2).replace(/^-(0\.00)$/, '$1')

export const capacity: View<CapacityReport> = {
  table(report) {
    const units = report.curves[0]?.points.map((point) => point.units) ?? []
    const shown = units.filter((_, i) => i % 3 === 0 || i === units.length - 1)
    const table = formatTable(
      [
        { heading: ['target'], align: 'left' },
        { heading: ['architecture'], align: 'left' },
        ...shown.map((m) => ({ heading: [`m = ${m}`] })),
        { heading: ['slope'] },
      ],
      report.curves.map(({ target, architecture, points, slope }) => [
        target,
        architecture,
        ...points.filter((point) => shown.includes(point.units)).map((point) => significant(point.fisherDivergence)),
        slopeText(slope),
      ]),
    )
    return `${table}\nError of the score, E|s - grad log p|². Sampler-only networks have n units in every column.\n${seconds(report.seconds)} s`
  },
  results: ({ curves, seconds: time }) => ({ curves, seconds: time }),
  figures({ curves }, drawing) {
    const targets = [...new Set(curves.map((curve) => curve.target))]
    const architectures = [...new Set(curves.map((curve) => curve.architecture))]
    const figure = curvesFigure(
      {
        name: 'capacity',
        series: architectures.map((architecture) => NAMES[architecture] ?? architecture),
        yLabel: 'score error E‖s − ∇ log p‖²',
        xType: 'log',
        dots: true,
        panels: targets.map((target) => {
          const own = curves.filter((curve) => curve.target === target)
          const reservoir = own.find((curve) => curve.architecture === 'reservoir-sampler')
          return {
            title: `${target}, noise σ = ${own[0]?.noise}`,
            subtitle: reservoir ? `reservoir-sampler: slope ${slopeText(reservoir.slope).replace('-', '−')}` : '',
            xLabel: 'reservoir units m',
            curves: own.map((curve) => ({
              series: architectures.indexOf(curve.architecture),
              x: curve.points.map((point) => point.units),
              y: curve.points.map((point) => point.fisherDivergence),
            })),
          }
        }),
      },
      { ...drawing, width: WIDTH, title: 'Capacity: score error against the number of units' },
    )
    return new Map([['capacity', figure]])
  },
  numbers: ({ curves }) =>
    new Map([
      [
        'capacity',
        toCsv(
          ['target', 'sigma', 'architecture', 'units', 'fisher_divergence', 'fisher_information'],
          curves.flatMap(({ target, noise, architecture, points, fisherInformation }) =>
            points.map((point) => [
              target,
              noise,
              architecture,
              point.units,
              point.fisherDivergence,
              fisherInformation,
            ]),
          ),
        ),
      ],
    ]),
  kept: () => [],
}
