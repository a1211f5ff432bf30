// Networks as safetensors: the authors' tensor names, and in the metadata what a state dictionary can't tell
// (architecture, activation, scaling, c of a Q, whether log σ is an input, confinement report, provenance, stream version).

import type { Activation, Architecture, ConfinementReport, Network, Provenance, Scaling, Tensor } from '../types.js'
import { formatError } from './fail.js'
import { canonicalJson, isPlainObject, parseJson } from './json.js'
import { readSafetensors, writeSafetensors } from './safetensors.js'

/** What a file without metadata (a saved state dictionary of the authors' code) can't say by itself. */
export interface NetworkFileOptions {
  /** φ, where the file doesn't name it; default `relu`. */
  readonly activation?: Activation
  /** Sampler-only networks of both kinds have the same tensor names: needed for them when there is no metadata. */
  readonly architecture?: Architecture
  /**
   * c, a dimensionless number, of Q = c (J − Jᵀ)/‖J − Jᵀ‖_F where the file doesn't tell: their models have a tensor `J` whether they were trained with it or not
   * (with it, c is 0.01). Left out, `J` is carried along unused. It matters to the score alone: a network runs by its raw output.
   */
  readonly irreversibleScale?: number
}

const ARCHITECTURES: readonly Architecture[] = ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']
const ACTIVATIONS: readonly Activation[] = ['relu', 'tanh', 'softplus', 'sigmoid']
const RESERVOIR_NAMES = ['W1.weight', 'W2.weight', 'W2.bias'] as const
const SAMPLER_NAMES = ['W.weight', 'W.bias', 'gamma', 'sig'] as const
/** J of a Q (in the authors' models also where it isn't used), and the stimulus input, which is ours. */
const OPTIONAL_RESERVOIR_NAMES = ['J', 'W_in.weight'] as const

/**
 * The bytes of `network.safetensors`, a function of the network's value alone: the authors' tensor names, float32; architecture,
 * activation, scaling, confinement report and provenance in the metadata.
 *
 * @throws {@link FormatError} for tensors that are missing, misshapen or not finite
 */
export function networkToSafetensors(network: Network): Uint8Array<ArrayBuffer> {
  const tensors = checkedTensors(network.architecture, new Map(Object.entries(network.tensors))).tensors
  const metadata: Record<string, string> = {
    format: 'langevin-rnn network 1',
    architecture: network.architecture,
    activation: network.activation,
  }
  if (network.irreversibleScale !== undefined) metadata['irreversible_scale'] = canonicalJson(network.irreversibleScale)
  if (network.noiseInput) metadata['noise_input'] = 'true'
  if (network.scaling) metadata['scaling'] = canonicalJson(network.scaling)
  if (network.confinement) metadata['confinement'] = canonicalJson(network.confinement)
  if (network.provenance) {
    metadata['provenance'] = canonicalJson(network.provenance)
    metadata['stream_version'] = String(network.provenance.streamVersion)
  }
  return writeSafetensors(tensors, metadata)
}

/**
 * Reads a network of ours, or a state dictionary of the authors' code saved as safetensors.
 *
 * @param options - what a file without metadata can't say; must agree with the metadata where there is some
 * @throws {@link FormatError} for a damaged file, or tensors that are of no architecture
 */
export function networkFromSafetensors(bytes: Uint8Array, options: NetworkFileOptions = {}): Network {
  const file = readSafetensors(bytes)
  const architecture = agreed('architecture', file.metadata, ARCHITECTURES, options.architecture)
  const activation = agreed('activation', file.metadata, ACTIVATIONS, options.activation) ?? 'relu'
  const chosen = architecture ?? architectureByNames(file.tensors)
  const { tensors, dimension, units } = checkedTensors(chosen, file.tensors)
  return {
    architecture: chosen,
    activation,
    dimension,
    units,
    tensors,
    ...readExtras(file.metadata, tensors, dimension, options.irreversibleScale),
    confinement: readConfinement(file.metadata.get('confinement')),
    provenance: readProvenance(file.metadata.get('provenance')),
  }
}

/** A value named by the metadata, by the caller, or both alike. */
function agreed<T extends string>(
  key: string,
  metadata: ReadonlyMap<string, string>,
  known: readonly T[],
  option: T | undefined,
): T | undefined {
  const text = metadata.get(key)
  for (const value of [text, option]) {
    if (value !== undefined && !known.includes(value as T)) {
      throw formatError(`network: unknown ${key} ${JSON.stringify(value)}`, {
        argument: key,
        value,
        expected: known.join(', '),
      })
    }
  }
  if (text !== undefined && option !== undefined && text !== option) {
    throw formatError(`network: the file says ${key} ${text}, not ${option}`, {
      argument: key,
      value: option,
      expected: text,
    })
  }
  return (text as T | undefined) ?? option
}

function architectureByNames(tensors: ReadonlyMap<string, Tensor>): Architecture {
  if (RESERVOIR_NAMES.every((name) => tensors.has(name))) return 'reservoir-sampler'
  if (SAMPLER_NAMES.every((name) => tensors.has(name))) {
    throw formatError('network: a sampler-only network without metadata may be of either kind; name the architecture', {
      argument: 'architecture',
      expected: 'sampler-only-rate or sampler-only-current',
    })
  }
  throw formatError(`network: the tensors (${[...tensors.keys()].join(', ') || 'none'}) are of no known architecture`, {
    value: [...tensors.keys()],
    expected: `${RESERVOIR_NAMES.join(', ')}, or ${SAMPLER_NAMES.join(', ')}`,
  })
}

/** Checks names, shapes and finiteness, and puts the tensors in the order of their names. */
function checkedTensors(architecture: Architecture, given: ReadonlyMap<string, Tensor>) {
  const reservoir = architecture === 'reservoir-sampler'
  const required: readonly string[] = reservoir ? RESERVOIR_NAMES : SAMPLER_NAMES
  const allowed: readonly string[] = reservoir ? [...required, ...OPTIONAL_RESERVOIR_NAMES] : required
  for (const name of required) {
    if (!given.has(name)) {
      throw formatError(`network: a ${architecture} needs tensor ${name}`, {
        argument: name,
        expected: required.join(', '),
      })
    }
  }
  for (const name of given.keys()) {
    if (!allowed.includes(name)) {
      throw formatError(`network: a ${architecture} has no tensor ${JSON.stringify(name)}`, {
        argument: name,
        expected: allowed.join(', '),
      })
    }
  }
  const lead = given.get(reservoir ? 'W1.weight' : 'W.weight')!
  const dimension = lead.shape[0] ?? 0
  const units = reservoir ? (lead.shape[1] ?? 0) : dimension
  const [n, m] = [dimension, units]
  const inputs = given.get('W_in.weight')?.shape[1] ?? 1
  const shapes: Record<string, number[]> = reservoir
    ? { 'W1.weight': [n, m], 'W2.weight': [m, n], 'W2.bias': [m], J: [n, n], 'W_in.weight': [m, inputs] }
    : { 'W.weight': [n, n], 'W.bias': [n], gamma: [n], sig: [n, n] }
  if (n < 1 || m < 1 || inputs < 1) {
    throw formatError(`network: a shape of [${lead.shape.join(', ')}] leaves no units`, { value: lead.shape })
  }
  const tensors: Record<string, Tensor> = {}
  for (const name of [...given.keys()].sort()) {
    const { shape, data } = given.get(name)!
    const wanted = shapes[name]!
    if (shape.length !== wanted.length || shape.some((extent, i) => extent !== wanted[i])) {
      throw formatError(`network: tensor ${name} has shape [${shape.join(', ')}]`, {
        argument: name,
        value: shape,
        expected: `[${wanted.join(', ')}]`,
      })
    }
    const bad = data.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) {
      throw formatError(`network: tensor ${name} holds ${data[bad]} at ${bad}`, {
        argument: name,
        value: data[bad],
        expected: 'finite numbers',
      })
    }
    tensors[name] = { shape, data }
  }
  return { tensors, dimension, units }
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber)

type Extras = Pick<Network, 'irreversibleScale' | 'noiseInput' | 'scaling'>

/** What the metadata say of Q, of the input and of units; what is absent there is absent here. */
function readExtras(
  metadata: ReadonlyMap<string, string>,
  tensors: Readonly<Record<string, Tensor>>,
  n: number,
  option: number | undefined,
): Extras {
  const read = (key: string): unknown => {
    const text = metadata.get(key)
    return text === undefined ? undefined : parseJson(text, `network: ${key}`)
  }
  const inputs = tensors['W_in.weight']?.shape[1] ?? 0
  const irreversibleScale = read('irreversible_scale') ?? option
  const noiseInput = read('noise_input') ?? false
  const scaling = read('scaling')
  const wrong = (argument: string, value: unknown, expected: string) =>
    formatError(`network: ${argument} is not ${expected}`, { argument, value: canonicalJson(value), expected })
  if (irreversibleScale !== undefined) {
    const good = isNumber(irreversibleScale) && irreversibleScale >= 0 && tensors['J'] !== undefined
    if (!good) throw wrong('irreversibleScale', irreversibleScale, 'a number, 0 or above, beside a tensor J')
  }
  if (typeof noiseInput !== 'boolean' || (noiseInput && inputs === 0)) {
    throw wrong('noiseInput', noiseInput, 'true or false, true only beside a tensor W_in.weight')
  }
  if (scaling !== undefined && !isScaling(scaling, n, inputs)) {
    throw wrong('scaling', scaling, `{ x, stimulus } of means and positive deviations, ${n} and ${inputs} of each`)
  }
  return {
    ...(irreversibleScale !== undefined && { irreversibleScale: irreversibleScale as number }),
    ...(noiseInput && { noiseInput }),
    ...(scaling !== undefined && { scaling: scaling as Scaling }),
  }
}

function isScaling(value: unknown, n: number, inputs: number): boolean {
  const isUnits = (units: unknown, count: number) =>
    units === undefined ||
    (isPlainObject(units) &&
      isNumbers(units['mean']) &&
      isNumbers(units['deviation']) &&
      units['mean'].length === count &&
      units['deviation'].length === count &&
      units['deviation'].every((deviation) => deviation > 0))
  return isPlainObject(value) && isUnits(value['x'], n) && isUnits(value['stimulus'], inputs)
}

function readConfinement(text: string | undefined): ConfinementReport | null {
  if (text === undefined) return null
  const value = parseJson(text, 'network: the confinement report')
  if (
    !isPlainObject(value) ||
    typeof value['confined'] !== 'boolean' ||
    !isNumber(value['radius']) ||
    !isNumber(value['rays']) ||
    !isNumbers(value['radii']) ||
    !isNumbers(value['outwardDrift']) ||
    !(value['asymptoticSlope'] === null || isNumber(value['asymptoticSlope'])) ||
    !isNumber(value['anchorWeight']) ||
    !(value['warning'] === null || typeof value['warning'] === 'string')
  ) {
    throw formatError('network: the confinement report lacks a field or has one of a wrong type', {
      argument: 'confinement',
      value,
    })
  }
  return value as unknown as ConfinementReport
}

/** Also used for the provenance of draws. */
export function readProvenance(text: string | Uint8Array | undefined): Provenance | null {
  if (text === undefined) return null
  const value = parseJson(text, 'the provenance')
  if (
    !isPlainObject(value) ||
    !Number.isSafeInteger(value['streamVersion']) ||
    !Number.isSafeInteger(value['seed']) ||
    !isPlainObject(value['configuration']) ||
    ['package', 'command'].some((key) => !['undefined', 'string'].includes(typeof value[key]))
  ) {
    throw formatError('the provenance lacks a field or has one of a wrong type', { argument: 'provenance', value })
  }
  return value as unknown as Provenance
}
