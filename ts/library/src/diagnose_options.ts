// Checks of what `diagnose` takes: forms and ranges, all of them before work starts.
import * as v from 'valibot'
import { invalid } from './errors.js'
import { check, checkNetwork, checkTarget, checkTensor, flag, maybe, real, tensorSchema, whole } from './options.js'
import type { DiagnoseOptions, Network, Target, Tensor } from './types.js'

/** Draws [chain, draw, n] and settings with every default filled in. */
export interface Diagnosis {
  readonly draws: Float32Array
  readonly shape: readonly [number, number, number]
  readonly reference: Float32Array | undefined
  readonly law: { readonly network: Network } | { readonly target: Target } | undefined
  /** Null where nothing tells it. */
  readonly interval: number | null
  readonly lags: number
  readonly segment: number
  readonly rankBins: number
  readonly seed: number
  readonly directions: number
  readonly maxPoints: number
  readonly bandwidth: number | undefined
  readonly kernelScale: number
  /** 0: no classifier test. */
  readonly folds: number
  readonly c2stPoints: number
  readonly signal: AbortSignal | undefined
}

const MOST_LAGS = 100
const LONGEST_SEGMENT = 256
const RANK_BINS = 20

const positive = v.pipe(
  real,
  v.check((value) => value > 0 && value < Number.POSITIVE_INFINITY, 'a finite number above 0'),
)
const between = (least: number, most: number) => {
  const expected = `a whole number from ${least} to ${most}`
  return v.pipe(whole, v.minValue(least, expected), v.maxValue(most, expected))
}

const schema = v.strictObject({
  signal: maybe(v.instance(AbortSignal, 'an AbortSignal')),
  reference: maybe(tensorSchema),
  network: maybe(v.any()),
  target: maybe(v.any()),
  interval: maybe(positive),
  lags: maybe(whole),
  segment: maybe(whole),
  rankBins: maybe(between(0, 1000)),
  seed: maybe(whole),
  directions: maybe(between(1, 2 ** 16)),
  maxPoints: maybe(between(2, 2 ** 24)),
  bandwidth: maybe(positive),
  kernelScale: maybe(positive),
  c2st: maybe(flag),
  folds: maybe(between(2, 100)),
  c2stPoints: maybe(between(2, 2 ** 24)),
})

export function checkDiagnose(draws: unknown, options: unknown): Diagnosis {
  const { shape, data } = checkTensor(draws, 'draws')
  const [chains = 0, count = 0, n = 0] = shape
  if (shape.length !== 3 || n < 1 || data.length < 2 * n)
    throw invalid('draws.shape', `[${shape.join(', ')}]`, '[chain, draw, n], two draws or more')
  const given = check(schema as v.GenericSchema<unknown, DiagnoseOptions>, options, 'diagnose')
  const { reference, network, target, bandwidth, signal } = given
  if (network !== undefined && target !== undefined)
    throw invalid('network', 'given with target', 'at most one of the two')
  const longest = 2 ** Math.floor(Math.log2(count))
  const { lags = Math.min(count - 1, MOST_LAGS), segment = longest < 4 ? 0 : Math.min(longest, LONGEST_SEGMENT) } =
    given
  if (lags >= count) throw invalid('lags', lags, `a lag below ${count}, the draws of a chain`)
  if (segment !== 0 && (segment < 4 || segment > longest || !Number.isInteger(Math.log2(segment))))
    throw invalid('segment', segment, `0, or a power of two from 4 to ${count}, the draws of a chain`)
  const rankBins = given.rankBins ?? (count < RANK_BINS ? 0 : RANK_BINS)
  if (rankBins > chains * count) throw invalid('rankBins', rankBins, `at most ${chains * count}, the number of draws`)
  return {
    draws: data,
    shape: [chains, count, n],
    reference: reference && checkReference(reference, n),
    law: lawOf(network, target, n),
    interval: given.interval ?? intervalOf(draws),
    lags,
    segment,
    rankBins,
    seed: given.seed ?? 0,
    directions: given.directions ?? 128,
    maxPoints: given.maxPoints ?? 2000,
    bandwidth,
    kernelScale: given.kernelScale ?? 1,
    folds: given.c2st ? foldsOf(given, data, n) : 0,
    c2stPoints: given.c2stPoints ?? 10_000,
    signal,
  }
}

function checkReference(tensor: Tensor, n: number): Float32Array {
  const { shape, data } = checkTensor(tensor, 'reference')
  const fits = (shape.length === 2 || shape.length === 3) && shape.at(-1) === n
  if (!fits || data.length < 2 * n)
    throw invalid(
      'reference.shape',
      `[${shape.join(', ')}]`,
      `[point, ${n}] or [chain, draw, ${n}], two points or more`,
    )
  return data
}

/** A point for each fold at least. */
function foldsOf(
  { folds = 5, reference, c2stPoints = 10_000 }: DiagnoseOptions,
  draws: Float32Array,
  n: number,
): number {
  if (reference === undefined)
    throw invalid('c2st', 'true without a reference', 'reference draws to tell the draws from')
  const most = 2 * Math.min(draws.length / n, reference.data.length / n, c2stPoints)
  if (folds <= most) return folds
  throw invalid('folds', folds, `at most ${most}, the points that there are`)
}

function lawOf(network: unknown, target: unknown, n: number): Diagnosis['law'] {
  if (target !== undefined) return { target: checkTarget(target) }
  if (network === undefined) return undefined
  const checked = checkNetwork(network)
  if (checked.dimension !== n)
    throw invalid('network', `of ${checked.dimension} dimensions`, `${n} dimensions, as the draws have`)
  return { network: checked }
}

/** dt · recordEvery of draws that came from a sampling run whose dt never changed. */
function intervalOf(draws: unknown): number | null {
  const { provenance } = draws as { provenance?: { configuration?: Record<string, unknown> } | null }
  const { dt, recordEvery, changes } = provenance?.configuration ?? {}
  const steady = !(Array.isArray(changes) && changes.some((change) => typeof change?.dt === 'number'))
  const interval = Number(dt) * Number(recordEvery)
  return steady && interval > 0 ? interval : null
}
