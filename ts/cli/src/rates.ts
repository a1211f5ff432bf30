// Rates of reservoir units over time, for a figure and its CSV: units in the order of their preferred outputs,
// x̄_j = Σ_t w_t x_t / Σ_t w_t with w_t = r_j(t) − min r_j.
import type { Draws, DrawsFile } from 'langevin-rnn'
import { single, toCsv } from './csv.js'
import type { TimeUnit } from './figures/diagnostics.js'
import type { RatesData } from './figures/rates.js'

/** Draws of a chain that are shown: consecutive ones, since it is their course that matters. */
const MOST_DRAWS = 400
/** Rows of the raster, outputs and units drawn as lines: what stays legible. */
const MOST_UNITS = 64
const MOST_LINES = 4

type Recorded = Pick<Draws | DrawsFile, 'data' | 'shape' | 'rates' | 'rateUnits'>

/** The first chain's rates; null where there are none, or no time to show them over. */
export function ratesOf(draws: Recorded, interval: number | null): { data: RatesData; csv: string } | null {
  const [chains, count, n] = draws.shape
  const { rates, rateUnits } = draws
  if (rates === null || count < 2) return null
  const shown = Math.min(count, MOST_DRAWS)
  const k = rateUnits.length
  const column = (values: Float32Array, width: number, at: number) =>
    Array.from({ length: shown }, (_, i) => values[i * width + at]!)
  const outputs = Array.from({ length: n }, (_, d) => column(draws.data, n, d))
  const units = rateUnits.map((unit, at) => {
    const own = column(rates, k, at)
    return { unit, rates: own, preferred: outputs.map((x) => preferred(own, x)) }
  })
  const middle = outputs.map((x) => x.reduce((sum, value) => sum + value, 0) / shown)
  const place = ({ preferred: [first = 0, second] }: { preferred: number[] }) =>
    second === undefined ? first : Math.atan2(second - middle[1]!, first - middle[0]!)
  const ordered = units.sort((a, b) => place(a) - place(b))
  const time = Array.from({ length: shown }, (_, i) => (i + 1) * (interval ?? 1))
  const rows = evenly(ordered, MOST_UNITS)
  const left = [
    ...(chains > 1 ? [`the first of ${chains} chains`] : []),
    ...(shown < count ? [`first ${shown} of ${count} draws`] : []),
    ...(rows.length < k ? [`${rows.length} of ${k} units`] : []),
    ...(n > MOST_LINES ? [`first ${MOST_LINES} of ${n} outputs`] : []),
  ]
  const names = [...outputs.map((_, d) => `x${d}`), ...ordered.map(({ unit }) => `r${unit}`)]
  const columns = [...outputs, ...ordered.map((one) => one.rates)]
  return {
    data: {
      unit: interval === null ? 'draws' : ('τ' satisfies TimeUnit),
      time,
      outputs: outputs.slice(0, MOST_LINES),
      direction: n > 1,
      rows,
      lines: evenly(ordered, MOST_LINES),
      note: left.length === 0 ? '' : `(${left.join(', ')})`,
    },
    csv: toCsv(
      ['time', ...names],
      time.map((t, i) => [t, ...columns.map((values) => single(values[i]!))]),
    ),
  }
}

/** The mean output, weighted by how far the rate is above its least; of a unit that rests, the plain mean. */
function preferred(rates: readonly number[], x: readonly number[]): number {
  const least = Math.min(...rates)
  const still = rates.every((rate) => rate === least)
  const weights = rates.map((rate) => (still ? 1 : rate - least))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return sum(weights.map((w, i) => w * x[i]!)) / sum(weights)
}

/** At most so many, evenly spread, the first and the last among them. */
function evenly<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all]
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!)
}
