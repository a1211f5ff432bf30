// The only importer of generated code: starts a wasm instance from a compiled module and names what the workers use.
import { initSync } from '../wasm/langevin_rnn_wasm.js'

export {
  affineRows,
  chainSummary,
  changeVariable,
  checkArchitecture,
  classifierFold,
  componentsOf,
  evaluate,
  hashFloat32,
  hashFloat64,
  hasSimd,
  NetworkHandle,
  nearestPoints,
  pairDistances,
  SamplingHandle,
  scoreError,
  secondMoments,
  simulate,
  slicedWasserstein,
  steinToNetwork,
  steinToTarget,
  streamVersion,
  TrainingHandle,
  targetDraws,
  targetValues,
  trainingMembers,
  wassersteinBetween,
  wassersteinToLaw,
} from '../wasm/langevin_rnn_wasm.js'

/** Makes the instance that every other function here works on. */
export function instantiate(module: WebAssembly.Module): void {
  initSync({ module })
}
