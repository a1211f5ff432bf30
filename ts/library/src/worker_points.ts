// What a worker does with points: one call of the core each, results transferred.
import * as Comlink from 'comlink'
import * as raw from './raw.js'
import type { PrincipalComponents } from './types.js'
import { guarded } from './worker_network.js'

export class PointsApi {
  secondMoments(rows: Float32Array, origin: Float32Array): Float64Array {
    return moved(guarded(() => raw.secondMoments(rows, origin)))
  }

  principalComponents(sums: Float64Array, origin: Float32Array, count: number): PrincipalComponents {
    return guarded(() => raw.componentsOf(sums, origin, count) as PrincipalComponents)
  }

  affine(rows: Float32Array, before: Float64Array, matrix: Float64Array, after: Float64Array): Float32Array {
    return moved(guarded(() => raw.affineRows(rows, before, matrix, after)))
  }

  /** Distances, then indices. */
  nearestPoints(points: Float32Array, reference: Float32Array, n: number): Float64Array {
    return moved(guarded(() => raw.nearestPoints(points, reference, n)))
  }
}

function moved<T extends Float32Array | Float64Array>(array: T): T {
  return Comlink.transfer(array, [array.buffer as ArrayBuffer])
}
