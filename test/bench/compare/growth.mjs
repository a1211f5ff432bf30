// Does our cost grow linearly? Each axis over two decades, from where a run takes 0.1 s.
import { summary } from './measure.mjs'
import { networkOf } from './ours.mjs'

const FIRST_SECONDS = 0.1
export const MOST_DEVIATION = 0.1

/**
 * Where each axis starts; `steps` is found so that the first run takes 0.1 s. m and n begin twice: where a network is as small as it may be, and what
 * a step does whatever the size weighs most; and where that is a small part. Chains begin as whole tiles of 24.
 */
const AXES = [
  { axis: 'm', base: { n: 1, m: 100, chains: 4096 } },
  { axis: 'm', base: { n: 1, m: 2000, chains: 4096 } },
  { axis: 'n', base: { n: 3, m: 1000, chains: 512 } },
  { axis: 'n', base: { n: 30, m: 1000, chains: 512 } },
  { axis: 'chains', base: { n: 1, m: 1000, chains: 480 } },
  { axis: 'steps', base: { n: 1, m: 1000, chains: 5120 } },
]

export async function measureGrowth(ours, { quick, repetitions, say }) {
  const factors = quick ? [1, 10] : [1, 10, 100]
  const found = []
  for (const { axis, base } of AXES) {
    say(`growth in ${axis} from ${base[axis] ?? 'its first'}`)
    const row = { dt: 0.01, ...base }
    const first = networkOf(base.n, base.m)
    await ours.sample(row, first, 64)
    let steps = 64
    for (let round = 0; round < 4; round += 1) {
      const took = await ours.sample(row, first, steps)
      steps = Math.max(1, Math.round((steps * FIRST_SECONDS) / took))
    }
    const cases = factors.map((factor) => {
      const scaled = axis === 'steps' ? row : { ...row, [axis]: row[axis] * factor }
      const network = axis === 'chains' || axis === 'steps' ? first : networkOf(scaled.n, scaled.m)
      return { factor, row: scaled, network, steps: axis === 'steps' ? steps * factor : steps, times: [] }
    })
    for (const { row: scaled, network } of cases) await ours.sample(scaled, network, 8)
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      for (const one of cases) {
        // Short runs are repeated to the same total, so that each point is known as well as the next.
        for (let k = 0; k < Math.max(1, 10 / one.factor); k += 1) {
          one.times.push(await ours.sample(one.row, one.network, one.steps))
        }
      }
    }
    const seconds = cases.map((one) => summary(one.times).median)
    found.push({
      axis,
      from: { ...base, steps },
      factors,
      seconds,
      deviations: seconds.map((value, i) => value / (seconds[0] * factors[i]) - 1),
    })
  }
  return found
}
