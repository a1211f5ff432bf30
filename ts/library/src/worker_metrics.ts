// What a worker does with draws: one call of the core's metrics each.
import * as raw from './raw.js'
import type { Network, ReferenceDiagnostics, SteinDiscrepancy, Target } from './types.js'
import { guarded, withNetwork } from './worker_network.js'
import { PointsApi } from './worker_points.js'

/** One coordinate's diagnostics: NaN where there is none, empty arrays for what isn't asked for. */
export interface BareSummary {
  readonly mean: number
  readonly deviation: number
  readonly excessKurtosis: number
  readonly essBulk: number
  readonly essTail: number
  readonly rHat: number
  readonly mcseMean: number
  readonly autocorrelation: Float64Array
  readonly spectrum: Float64Array
  readonly rankHistogram: Uint32Array
}

export class MetricsApi extends PointsApi {
  wassersteinBetween(draws: Float32Array, reference: Float32Array): number {
    return guarded(() => raw.wassersteinBetween(draws, reference))
  }

  chainSummary(
    draws: Float32Array,
    chains: number,
    lags: number,
    segment: number,
    interval: number,
    rankBins: number,
  ): BareSummary {
    return guarded(() => raw.chainSummary(draws, chains, lags, segment, interval, rankBins) as BareSummary)
  }

  slicedWasserstein(draws: Float32Array, reference: Float32Array, n: number, directions: number, seed: number): number {
    return guarded(() => raw.slicedWasserstein(draws, reference, n, directions, BigInt(seed)))
  }

  pairDistances(
    draws: Float32Array,
    reference: Float32Array,
    n: number,
    bandwidth: number | undefined,
    most: number,
  ): Omit<ReferenceDiagnostics, 'wasserstein' | 'slicedWasserstein' | 'c2st'> {
    return guarded(() => raw.pairDistances(draws, reference, n, bandwidth, most))
  }

  classifierFold(
    draws: Float32Array,
    reference: Float32Array,
    n: number,
    fold: number,
    folds: number,
    seed: number,
    most: number,
  ): number {
    return guarded(() => raw.classifierFold(draws, reference, n, fold, folds, BigInt(seed), most))
  }

  steinDiscrepancy(
    draws: Float32Array,
    n: number,
    law: { readonly network: Network } | { readonly target: Target },
    scale: number,
    most: number,
  ): SteinDiscrepancy {
    if ('target' in law) return guarded(() => raw.steinToTarget(law.target, draws, n, scale, most))
    return withNetwork(law.network, (handle) => raw.steinToNetwork(handle, draws, n, scale, most))
  }
}
