// A diagnosis: each coordinate, and each distance, is a call of its own, so that all workers share them.
import type { Diagnosis } from './diagnose_options.js'
import { MemoryBudgetError } from './errors.js'
import { withoutReports } from './network.js'
import type { Pool } from './pool.js'
import type {
  ClassifierTest,
  CoordinateDiagnostics,
  Diagnostics,
  ReferenceDiagnostics,
  SteinDiscrepancy,
} from './types.js'
import type { BareSummary } from './worker_metrics.js'

export async function diagnose(pool: Pool, budget: number, diagnosis: Diagnosis): Promise<Diagnostics> {
  checkBudget(pool.size, budget, diagnosis)
  const [coordinates, reference, stein] = await Promise.all([
    coordinatesOf(pool, diagnosis),
    distances(pool, diagnosis),
    discrepancy(pool, diagnosis),
  ])
  return { shape: diagnosis.shape, interval: diagnosis.interval, coordinates, reference, stein }
}

/** Checks the bytes of all workers at their busiest, before any of it is there. */
function checkBudget(workers: number, budget: number, { draws, reference, shape, c2stPoints, folds }: Diagnosis): void {
  const [chains, count, n] = shape
  const points = chains * count
  // Doubles of the draws, their halves, ranks and scores, and the transform of a chain padded to a power of two.
  const coordinate = 64 * points + 32 * 2 ** Math.ceil(Math.log2(2 * count))
  const both = reference ? points + reference.length / n : 0
  // Both samples as they come and in double precision, sorted projections; the classifier's copy of its points.
  const distance = both * (16 * n + 48) + (folds > 0 ? 2 * Math.min(both, 2 * c2stPoints) * 16 * n : 0)
  const at = (calls: number, bytes: number) => Math.min(workers, calls) * bytes
  const needed = 4 * draws.length + at(n, coordinate) + (reference ? at(2 + folds, distance) : 0)
  if (needed <= budget) return
  throw new MemoryBudgetError(
    `draws needs ${needed} bytes of a budget of ${budget}; diagnose fewer draws at once, with fewer workers, or raise memoryBudget`,
    {
      argument: 'draws',
      value: `needs ${needed} bytes of a budget of ${budget}`,
      expected: 'fewer draws, fewer workers or a larger memoryBudget',
    },
  )
}

function coordinatesOf(pool: Pool, diagnosis: Diagnosis): Promise<CoordinateDiagnostics[]> {
  const { draws, shape, lags, segment, rankBins, signal } = diagnosis
  const [chains, , n] = shape
  const interval = diagnosis.interval ?? 1
  const summary = async (d: number) =>
    coordinate(
      await pool.run((api) => api.chainSummary(axis(draws, n, d), chains, lags, segment, interval, rankBins), signal),
      interval,
    )
  return Promise.all(Array.from({ length: n }, (_, d) => summary(d)))
}

function coordinate(found: BareSummary, interval: number): CoordinateDiagnostics {
  const { mean, deviation, autocorrelation, spectrum, rankHistogram } = found
  const bins = 2 * (spectrum.length - 1)
  return {
    mean,
    deviation,
    excessKurtosis: defined(found.excessKurtosis),
    essBulk: defined(found.essBulk),
    essTail: defined(found.essTail),
    rHat: defined(found.rHat),
    mcseMean: defined(found.mcseMean),
    autocorrelation: autocorrelation.length === 0 || Number.isNaN(autocorrelation[0]) ? null : autocorrelation,
    spectrum:
      spectrum.length === 0
        ? null
        : { frequency: Float64Array.from(spectrum, (_, j) => j / (bins * interval)), density: spectrum },
    rankHistogram: rankHistogram.length === 0 ? null : rankHistogram,
  }
}

async function distances(pool: Pool, diagnosis: Diagnosis): Promise<ReferenceDiagnostics | null> {
  const { draws, shape, reference, seed, directions, bandwidth, maxPoints, signal } = diagnosis
  const n = shape[2]
  if (reference === undefined) return null
  const [c2st, pairs, slicedWasserstein, ...wasserstein] = await Promise.all([
    classifierTest(pool, diagnosis, reference),
    pool.run((api) => api.pairDistances(draws, reference, n, bandwidth, maxPoints), signal),
    pool.run((api) => api.slicedWasserstein(draws, reference, n, directions, seed), signal),
    ...Array.from({ length: n }, (_, d) =>
      pool.run((api) => api.wassersteinBetween(axis(draws, n, d), axis(reference, n, d)), signal),
    ),
  ])
  return { wasserstein: Float64Array.from(wasserstein), slicedWasserstein, c2st, ...pairs }
}

/** A fold a call. */
async function classifierTest(
  pool: Pool,
  { draws, shape, seed, folds, c2stPoints, signal }: Diagnosis,
  reference: Float32Array,
): Promise<ClassifierTest | null> {
  if (folds === 0) return null
  const n = shape[2]
  const accuracies = await Promise.all(
    Array.from({ length: folds }, (_, fold) =>
      pool.run((api) => api.classifierFold(draws, reference, n, fold, folds, seed, c2stPoints), signal),
    ),
  )
  return {
    accuracy: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / folds,
    folds: Float64Array.from(accuracies),
    points: Math.min(draws.length / n, reference.length / n, c2stPoints),
  }
}

async function discrepancy(pool: Pool, diagnosis: Diagnosis): Promise<SteinDiscrepancy | null> {
  const { draws, shape, law, kernelScale, maxPoints, signal } = diagnosis
  if (law === undefined) return null
  const bare = 'network' in law ? { network: withoutReports(law.network) } : law
  return pool.run((api) => api.steinDiscrepancy(draws, shape[2], bare, kernelScale, maxPoints), signal)
}

const defined = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** One coordinate of [point, n]. */
function axis(points: Float32Array, n: number, d: number): Float32Array {
  return Float32Array.from({ length: points.length / n }, (_, i) => points[i * n + d]!)
}
