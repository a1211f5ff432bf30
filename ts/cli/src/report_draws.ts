// Draws for a training report: enough chains, a step that the learned score bears, as long as the data's width asks for.
import type { Draws, Engine, Network, SampleOptions, Start, Tensor } from 'langevin-rnn'
import { axis } from './histogram.js'

const CHAINS = 5000
const PROBES = 500
const LONGEST_STEP = 0.05
/** Langevin dynamics forget a Gaussian start of deviation σ in a time of σ²: some times that, for laws less simple. */
const FORGETTING_TIMES = 10
const STEPS = [200, 5000] as const
/** Multiply-adds that a report may cost: seconds. */
const WORK = 1e11

/** Mean and deviation of each coordinate. */
export function moments({ shape, data }: Tensor): { mean: number[]; deviation: number[] } {
  const n = shape[1]!
  const columns = Array.from({ length: n }, (_, d) => axis(data, n, d))
  const mean = columns.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length)
  const deviation = columns.map((values, d) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - mean[d]!) ** 2, 0) / values.length),
  )
  return { mean, deviation }
}

export async function reportDraws(
  engine: Engine,
  network: Network,
  points: Tensor,
  options: { readonly seed: number } & Pick<SampleOptions, 'signal' | 'onProgress'>,
): Promise<{ draws: Draws; settings: { chains: number; steps: number; dt: number } }> {
  const { mean, deviation } = moments(points)
  // The dynamics run in the network's own units.
  const own = network.scaling?.x?.deviation ?? deviation.map(() => 1)
  const width = Math.max(...deviation.map((value, d) => value / own[d]!))
  // Below 2/L a step is stable; far below it, right. A rotation by Q asks for steps that are shorter by its square.
  const slope = (await steepest(engine, network, points, width, own)) * (1 + (network.irreversibleScale ?? 0) ** 2)
  const dt = Number(Math.min(LONGEST_STEP, 0.3 / slope).toPrecision(2))
  const steps = Math.round(Math.min(STEPS[1], Math.max(STEPS[0], (FORGETTING_TIMES * width * width) / dt)))
  const perStep = network.units * (2 * network.dimension + 1)
  const chains = Math.max(100, Math.min(CHAINS, Math.floor(WORK / (perStep * steps))))
  const settings = { chains, steps, dt }
  const start = await wideStart(engine, network, mean, Math.max(...deviation), chains, options.seed)
  const draws = await engine.sample(network, { ...settings, ...options, start })
  return { draws, settings }
}

/** A Gaussian as wide as the data. */
async function wideStart(
  engine: Engine,
  network: Network,
  mean: readonly number[],
  width: number,
  chains: number,
  seed: number,
): Promise<Start> {
  if (network.scaling?.x) return { kind: 'data' }
  const law = { kind: 'gaussian-mixture', weights: [1], means: [mean], deviations: [width] } as const
  return { kind: 'states', states: await engine.targetDraws(law, chains, seed) }
}

/** About the largest slope of the score, at the upper twentieth of some points, in the network's own units. */
async function steepest(
  engine: Engine,
  network: Network,
  { shape, data }: Tensor,
  width: number,
  own: readonly number[],
): Promise<number> {
  const [count, n] = shape as [number, number]
  const probes = Math.min(PROBES, count)
  const stride = Math.floor(count / probes)
  const step = 0.02 * width
  const some = Float32Array.from({ length: probes * n }, (_, i) => data[Math.floor(i / n) * stride * n + (i % n)]!)
  // A direction for each point: the coordinates take turns.
  const moved = some.map((value, i) => (i % n === Math.floor(i / n) % n ? value + step * own[i % n]! : value))
  const [here, there] = await Promise.all(
    [some, moved].map((values) => engine.score(network, { shape: [probes, n], data: values })),
  )
  const slopes = Array.from({ length: probes }, (_, p) => {
    const differences = Array.from({ length: n }, (_, d) => (there![p * n + d]! - here![p * n + d]!) * own[d]!)
    return Math.hypot(...differences) / step
  }).sort((a, b) => a - b)
  return Math.max(1, slopes[Math.floor(0.95 * probes)]!)
}
