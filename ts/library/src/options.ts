// Checks of what callers pass: types and names here, by valibot; ranges in the core, where the bounds are known.
import * as v from 'valibot'
import { InvalidArgumentError, invalid, UnsupportedError } from './errors.js'
import type {
  Conditions,
  EngineOptions,
  Network,
  PointStreamSource,
  SampleOptions,
  ScoreErrorOptions,
  Target,
  Tensor,
  TrainOptions,
} from './types.js'

export const whole = v.pipe(
  v.number('a whole number'),
  v.integer('a whole number'),
  v.minValue(0, 'a whole number, 0 or above'),
  v.maxValue(Number.MAX_SAFE_INTEGER, 'a whole number up to 2^53 − 1'),
)
export const real = v.number('a number')
export const flag = v.boolean('true or false')
const numbers = v.array(v.number('a number'), 'an array of numbers')
const matrix = v.array(numbers, 'a matrix as an array of rows')
const choice = <const T extends readonly string[]>(names: T) => v.picklist(names, `one of ${names.join(', ')}`)

/** A field that may be absent or explicitly undefined. */
export const maybe = <T extends v.GenericSchema>(schema: T) => v.optional(schema)

const activation = choice(['relu', 'tanh', 'softplus', 'sigmoid'])
const architecture = choice(['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current'])

export const tensorSchema = v.object(
  {
    shape: v.array(whole, 'an array of whole numbers'),
    data: v.instance(Float32Array, 'a Float32Array'),
  },
  'an object { shape, data } with a Float32Array',
)

const arraySchema = v.object(
  {
    shape: v.array(whole, 'an array of whole numbers'),
    data: v.union([v.instance(Float32Array), v.instance(Float64Array)], 'a Float32Array or a Float64Array'),
  },
  'an object { shape, data } with a Float32Array or a Float64Array',
)

/** Whether data come in blocks. */
export const isStream = (data: unknown): data is PointStreamSource =>
  typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data)

const mixtureSchema = v.strictObject(
  {
    kind: v.literal('gaussian-mixture', "'gaussian-mixture'"),
    weights: numbers,
    means: v.array(numbers, 'an array of means, each an array of numbers'),
    deviations: numbers,
  },
  "a target's name or { kind: 'gaussian-mixture', weights, means, deviations }",
)
const targetSchema = v.union([v.string(), mixtureSchema], "a target's name or { kind: 'gaussian-mixture', … }")

const run = {
  signal: maybe(v.instance(AbortSignal, 'an AbortSignal')),
  onProgress: maybe(v.function('a function')),
}

const checkpoints = {
  checkpointSeconds: maybe(v.pipe(real, v.minValue(0, 'a number of seconds, 0 or above'))),
  onCheckpoint: maybe(v.function('a function')),
}
const singles = v.instance(Float32Array, 'a Float32Array')
/** What every checkpoint has. */
const kept = {
  format: v.literal('langevin-rnn checkpoint', "'langevin-rnn checkpoint'"),
  streamVersion: whole,
  configuration: v.record(v.string(), v.unknown()),
}

const trainSchema = v.strictObject({
  ...run,
  target: maybe(targetSchema),
  // Looked at block by block.
  data: maybe(v.lazy((data) => (isStream(data) ? v.any() : tensorSchema))),
  stimuli: maybe(tensorSchema),
  standardise: maybe(flag),
  commonDeviation: maybe(flag),
  noiseInput: maybe(flag),
  irreversible: maybe(matrix),
  irreversibleScale: maybe(real),
  architecture: maybe(v.string('the name of an architecture')),
  units: maybe(whole),
  activation: maybe(activation),
  method: maybe(choice(['closed-form', 'adam'])),
  seed: maybe(whole),
  points: maybe(whole),
  noiseMax: maybe(real),
  noiseMin: maybe(real),
  levels: maybe(whole),
  solveLevels: maybe(choice(['all', 'last'])),
  epochs: maybe(whole),
  batch: maybe(whole),
  learningRate: maybe(real),
  finalLearningRate: maybe(real),
  weightDecay: maybe(real),
  amsgrad: maybe(flag),
  restartLevels: maybe(flag),
  ridges: maybe(numbers),
  anchorPull: maybe(real),
  initial: maybe(v.any()),
  warmStart: maybe(choice(['closed-form'])),
  ...checkpoints,
  resume: maybe(
    v.object(
      {
        ...kept,
        stage: v.literal('train', "'train'"),
        epoch: whole,
        steps: whole,
        adamSteps: whole,
        arrays: v.record(v.string(), singles),
        losses: v.instance(Float64Array, 'a Float64Array'),
        levels: v.array(v.any()),
      },
      'a checkpoint of training',
    ),
  ),
})

const startSchema = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('uniform'), low: real, high: real }),
    v.strictObject({ kind: v.literal('normal'), mean: real, deviation: real }),
    v.strictObject({ kind: v.literal('data') }),
    v.strictObject({ kind: v.literal('states'), states: tensorSchema }),
  ],
  "{ kind: 'uniform', low, high }, { kind: 'normal', mean, deviation }, { kind: 'data' } or { kind: 'states', states }",
)

/** What may change while a run goes on. */
const conditions = { dt: maybe(real), temperature: maybe(real), stimulus: maybe(numbers), noise: maybe(real) }

const sampleSchema = v.strictObject({
  ...run,
  chains: whole,
  steps: whole,
  dt: real,
  temperature: maybe(real),
  stimulus: maybe(numbers),
  noise: maybe(real),
  irreversible: maybe(matrix),
  changes: maybe(v.array(v.strictObject({ step: whole, ...conditions }), 'an array of { step, … }')),
  integrator: maybe(choice(['euler-maruyama', 'exponential-euler', 'leimkuhler-matthews'])),
  dynamics: maybe(choice(['projected', 'recurrent'])),
  evaluator: maybe(choice(['direct', 'piecewise-linear'])),
  start: maybe(startSchema),
  recordEvery: maybe(whole),
  burnIn: maybe(whole),
  rates: maybe(v.array(whole, 'an array of whole numbers')),
  seed: maybe(whole),
  antithetic: maybe(flag),
  firstChain: maybe(whole),
  firstStep: maybe(whole),
  blockSteps: maybe(v.pipe(whole, v.minValue(1, 'a whole number, 1 or more'))),
  blockChains: maybe(v.pipe(whole, v.minValue(1, 'a whole number, 1 or more'))),
  ...checkpoints,
  resume: maybe(
    v.object(
      {
        ...kept,
        stage: v.literal('sample', "'sample'"),
        network: v.string('a hash'),
        blocks: v.array(v.object({ firstChain: whole, chains: whole, steps: whole, draws: whole })),
        arrays: v.object({ draws: singles, rates: maybe(singles), states: singles, carry: singles }),
      },
      'a checkpoint of sampling',
    ),
  ),
})

const noise = v.pipe(real, v.minValue(0, 'a number, 0 or above'), v.finite('a finite number'))
const scoreErrorSchema = v.strictObject({
  noise: v.optional(noise, 0),
  points: v.optional(whole, 20_000),
  seed: v.optional(whole, 0),
})

const engineSchema = v.strictObject({
  workers: maybe(v.pipe(whole, v.minValue(1, 'from 1 to 256 workers'), v.maxValue(256, 'from 1 to 256 workers'))),
  startAll: maybe(flag),
  memoryBudget: maybe(v.pipe(real, v.minValue(1, 'a number of bytes above 0'), v.finite('a finite number of bytes'))),
  wasm: maybe(v.any()),
})

const units = v.strictObject({ mean: numbers, deviation: numbers }, '{ mean, deviation }')
const networkSchema = v.object(
  {
    architecture,
    activation,
    dimension: whole,
    units: whole,
    tensors: v.record(v.string(), tensorSchema, 'an object of tensors'),
    irreversibleScale: maybe(real),
    noiseInput: maybe(flag),
    scaling: maybe(v.strictObject({ x: maybe(units), stimulus: maybe(units) })),
  },
  'a network',
)

function text(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value
}

export function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown, root: string): T {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue)
  const argument = path ?? root
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    throw new InvalidArgumentError(
      `${argument} is not an option of ${root}; see the documentation for those it takes`,
      {
        argument,
        value: text(issue.input),
        expected: 'a documented option',
      },
    )
  }
  const expected =
    issue.input === undefined && issue.kind === 'schema' ? `${issue.expected} (it is missing)` : issue.message
  throw new InvalidArgumentError(`${argument} is ${text(issue.input)}; expected ${expected}`, {
    argument,
    value: text(issue.input),
    expected,
  })
}

export function checkTarget(target: unknown): Target {
  return check(targetSchema as v.GenericSchema<unknown, Target>, target, 'target')
}

export function checkTensor(tensor: unknown, argument: string, rank?: number): Tensor {
  return checkShape(check(tensorSchema, tensor, argument), argument, rank)
}

/** Of either precision. */
export const checkArray = (array: unknown, argument: string) =>
  checkShape(check(arraySchema, array, argument), argument)

type Shaped = v.InferOutput<typeof arraySchema>

function checkShape<T extends Shaped>({ shape, data }: T, argument: string, rank?: number): T {
  const size = shape.reduce((product, extent) => product * extent, 1)
  if (size !== data.length || (rank !== undefined && shape.length !== rank)) {
    const expected =
      rank === 2 ? '[points, n] whose product is the number of values' : 'a shape whose product is the number of values'
    throw new InvalidArgumentError(
      `${argument}.shape is [${shape.join(', ')}] for ${data.length} values; expected ${expected}`,
      {
        argument: `${argument}.shape`,
        value: `[${shape.join(', ')}]`,
        expected,
      },
    )
  }
  return { shape, data } as T
}

export function checkTrain(options: unknown): TrainOptions {
  const checked = check(trainSchema as v.GenericSchema<unknown, TrainOptions>, options, 'train')
  if ((checked.target === undefined) === (checked.data === undefined)) {
    const value = checked.target === undefined ? 'neither' : 'both'
    throw new InvalidArgumentError(`${value} of target and data given; expected exactly one`, {
      argument: 'target',
      value,
      expected: 'exactly one of target and data',
    })
  }
  if (checked.data !== undefined && !isStream(checked.data)) checkTensor(checked.data, 'data', 2)
  checkStimuli(checked)
  checkBeginning(checked)
  return checked
}

/** At most one beginning, and for Adam alone. */
function checkBeginning({ initial, warmStart, method, architecture }: TrainOptions): void {
  if (initial !== undefined) checkNetwork(initial)
  if (warmStart === undefined) return
  const adam = method === 'adam' && (architecture ?? 'reservoir-sampler') === 'reservoir-sampler'
  if (adam && initial === undefined) return
  const expected = adam ? 'none beside initial' : "none without method 'adam' and architecture 'reservoir-sampler'"
  throw new InvalidArgumentError(`warmStart is '${warmStart}'; expected ${expected}`, {
    argument: 'warmStart',
    value: warmStart,
    expected,
  })
}

/** A stimulus for each point. */
function checkStimuli({ data, stimuli }: TrainOptions): void {
  if (stimuli === undefined) return
  const [points, k] = checkTensor(stimuli, 'stimuli', 2).shape
  const tensor = isStream(data) ? undefined : data
  if (tensor === undefined || points !== tensor.shape[0] || k === 0) {
    const none = data === undefined ? 'none without data' : 'none beside a stream, whose blocks are { data, stimuli }'
    const expected = tensor === undefined ? none : `[${tensor.shape[0]}, k], one for each point of the data`
    throw new InvalidArgumentError(`stimuli has shape [${stimuli.shape.join(', ')}]; expected ${expected}`, {
      argument: 'stimuli',
      value: `[${stimuli.shape.join(', ')}]`,
      expected,
    })
  }
}

export function checkSample(options: unknown): SampleOptions {
  const checked = check(sampleSchema as v.GenericSchema<unknown, SampleOptions>, options, 'sample')
  if (checked.start?.kind === 'states') checkTensor(checked.start.states, 'start.states', 2)
  return checked
}

export function checkScoreError(options: unknown): Required<ScoreErrorOptions> {
  return check(scoreErrorSchema, options, 'scoreError')
}

export function checkNoise(value: unknown): void {
  check(noise, value, 'noise')
}

export function checkConditions(conditions: unknown): Pick<SampleOptions, 'stimulus' | 'noise'> {
  const schema = v.strictObject({ stimulus: maybe(numbers), noise: maybe(real) })
  return check(schema as v.GenericSchema<unknown, Pick<SampleOptions, 'stimulus' | 'noise'>>, conditions, 'conditions')
}

/** What a run is to change. */
export function checkSet(given: unknown): Partial<Conditions> {
  const checked = check(v.strictObject(conditions), given, 'set') as Partial<Conditions>
  // Explicitly undefined is the same as left out.
  return Object.fromEntries(Object.entries(checked).filter(([, value]) => value !== undefined))
}

export function checkEngine(options: unknown): EngineOptions {
  return check(engineSchema as v.GenericSchema<unknown, EngineOptions>, options, 'createEngine')
}

export function checkNetwork(network: unknown): Network {
  const name = (network as { architecture?: unknown } | null | undefined)?.architecture
  if (typeof name === 'string' && /^(reservoir(-sampler)?-current|rs-sc)$/.test(name)) {
    throw new UnsupportedError(
      `architecture = ${name} is not supported: a reservoir with synaptic-current dynamics has no tractable stationary law`,
      { argument: 'architecture', value: name, expected: 'reservoir-sampler' },
    )
  }
  check(networkSchema as v.GenericSchema<unknown, object>, network, 'network')
  return network as Network
}

/** A whole number between two bounds. */
export function checkWhole(argument: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  throw invalid(argument, value, `a whole number from ${least} to ${most}`)
}
