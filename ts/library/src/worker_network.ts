// A network in a worker's wasm memory, and what the core throws as a value.
import type { PlainError } from './errors.js'
import type { BareNetwork } from './network.js'
import * as raw from './raw.js'

/** Runs `work` and turns whatever the core throws into a value that survives cloning. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      const plain: PlainError = {
        code: 'worker',
        message: `the wasm instance trapped (${error.message}); the call is lost, and the next one gets a fresh instance`,
        argument: 'trap',
      }
      throw plain
    }
    throw error
  }
}

function tensor(network: BareNetwork, name: string): Float32Array {
  const found = network.tensors[name]
  if (found === undefined) {
    const plain: PlainError = {
      code: 'invalid-argument',
      message: `network has no tensor ${name}; expected the tensors of ${network.architecture}`,
      argument: 'network.tensors',
      value: Object.keys(network.tensors).join(', '),
      expected: name,
    }
    throw plain
  }
  return found.data
}

/** The network in wasm memory; whoever asks frees it. */
export function handleOf(network: BareNetwork): raw.NetworkHandle {
  const handle = weightsOf(network)
  try {
    const { tensors, scaling, irreversibleScale, noiseInput } = network
    const [input, j] = [tensors['W_in.weight'], tensors['J']]
    if (input !== undefined) {
      const k = input.shape[1] ?? 0
      const own = { mean: Array(k).fill(0), deviation: Array(k).fill(1) }
      handle.setInput(input.data, scaling?.stimulus ?? own, noiseInput ?? false)
    }
    if (irreversibleScale !== undefined) handle.setIrreversible(j?.data ?? new Float32Array(), irreversibleScale)
    if (scaling?.x !== undefined) handle.setStandard(scaling.x)
    return handle
  } catch (error) {
    handle.free()
    throw error
  }
}

function weightsOf(network: BareNetwork): raw.NetworkHandle {
  raw.checkArchitecture(network.architecture)
  const { dimension, activation } = network
  if (network.architecture === 'reservoir-sampler') {
    return raw.NetworkHandle.reservoir(
      dimension,
      network.units,
      activation,
      tensor(network, 'W1.weight'),
      tensor(network, 'W2.weight'),
      tensor(network, 'W2.bias'),
    )
  }
  return raw.NetworkHandle.samplerOnly(
    network.architecture === 'sampler-only-current',
    dimension,
    activation,
    tensor(network, 'W.weight'),
    tensor(network, 'W.bias'),
    tensor(network, 'gamma'),
    tensor(network, 'sig'),
  )
}

export function withNetwork<T>(network: BareNetwork, work: (handle: raw.NetworkHandle) => T): T {
  return guarded(() => {
    const handle = handleOf(network)
    try {
      return work(handle)
    } finally {
      handle.free()
    }
  })
}
