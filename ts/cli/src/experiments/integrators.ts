// The integrators' table, figure and results.
import type { IntegratorsReport } from 'langevin-rnn/experiments'
import { toCsv } from '../csv.js'
import { curvesFigure } from '../figures/curves.js'
import { formatTable, seconds, significant } from '../table.js'
import type { View } from './view.js'

/** Two panels a row. */
const WIDTH = 740
const NAMES: Readonly<Record<string, string>> = {
  'euler-maruyama': 'Euler–Maruyama',
  'exponential-euler': 'exponential Euler',
  'leimkuhler-matthews': 'Leimkuhler–Matthews',
}
const orderText = (order: number | null): string => (order === null ? '–' : order.toFixed(1))

export const integrators: View<IntegratorsReport> = {
  table(report) {
    const table = formatTable(
      [
        { heading: ['target'], align: 'left' },
        { heading: ['integrator'], align: 'left' },
        { heading: ['least dt', 'W1'] },
        { heading: ['largest dt', 'W1'] },
        { heading: ['order'] },
        { heading: ['W1 of', 'noise'] },
      ],
      report.curves.map(({ target, architecture, integrator, dt, wasserstein, order }) => {
        const at = (i: number) =>
          `${significant(dt.at(i)!, 2)}: ${wasserstein.at(i) == null ? 'ran away' : significant(wasserstein.at(i)!)}`
        const yardstick = report.yardsticks.find((one) => one.target === target && one.architecture === architecture)
        return [target, integrator, at(0), at(-1), orderText(order), significant(yardstick?.wasserstein ?? Number.NaN)]
      }),
    )
    return `${table}\n${seconds(report.seconds)} s`
  },
  results: ({ curves, yardsticks, seconds: time }) => ({ curves, yardsticks, seconds: time }),
  figures({ curves, yardsticks }, drawing) {
    const names = [...new Set(curves.map((curve) => curve.integrator))]
    const panels = yardsticks.map(({ target, architecture, wasserstein }) => {
      const own = curves.filter((curve) => curve.target === target && curve.architecture === architecture)
      return {
        title: yardsticks.some((one) => one.architecture !== architecture) ? `${target}, ${architecture}` : target,
        subtitle: `order ${own.map((curve) => orderText(curve.order)).join(', ')}`,
        xLabel: 'step dt (τ)',
        level: wasserstein,
        curves: own.map((curve) => ({ series: names.indexOf(curve.integrator), x: curve.dt, y: curve.wasserstein })),
      }
    })
    const figure = curvesFigure(
      {
        name: 'integrators',
        series: names.map((name) => NAMES[name] ?? name),
        level: 'noise of so many draws',
        yLabel: 'W₁ to the stationary law',
        xType: 'log',
        dots: true,
        panels,
      },
      { ...drawing, width: WIDTH, title: 'Integrators: W₁ of the stationary law against the step' },
    )
    return new Map([['integrators', figure]])
  },
  numbers: ({ curves }) =>
    new Map([
      [
        'integrators',
        toCsv(
          ['target', 'architecture', 'integrator', 'dt', 'wasserstein'],
          curves.flatMap(({ target, architecture, integrator, dt, wasserstein }) =>
            dt.map((step, i) => [target, architecture, integrator, step, wasserstein[i] ?? Number.NaN]),
          ),
        ),
      ],
    ]),
  kept: () => [],
}
