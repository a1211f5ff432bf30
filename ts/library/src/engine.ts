// The engine: a pool of workers with the wasm in each, and the calls that a user makes.
import { checkBox, checkDirection, checkDraws, checkReference, checkSignal, checkTask } from './call_options.js'
import { diagnose } from './diagnose.js'
import { checkDiagnose } from './diagnose_options.js'
import { InvalidArgumentError, WorkerError } from './errors.js'
import { withoutReports } from './network.js'
import {
  checkArray,
  checkConditions,
  checkEngine,
  checkNetwork,
  checkNoise,
  checkScoreError,
  checkTarget,
  checkTensor,
  checkWhole,
} from './options.js'
import type { Platform } from './platform.js'
import { nearest, principalComponents, project } from './points.js'
import { Pool } from './pool.js'
import { type Context, SampleRun } from './sampling.js'
import { simulations } from './simulations.js'
import { TrainRun } from './training.js'
import type {
  Box,
  Conditions,
  DiagnoseOptions,
  Diagnostics,
  EngineOptions,
  NearestPoints,
  Network,
  PrincipalComponents,
  SampleOptions,
  ScoreError,
  ScoreErrorOptions,
  ScoreQuality,
  Simulations,
  Target,
  TargetValues,
  Task,
  Tensor,
  TrainOptions,
} from './types.js'

const DEFAULT_BUDGET = 2 ** 30
const MOST_DEFAULT_WORKERS = 8

/**
 * Trains and samples networks in workers. Made by {@link createEngine}; ended by `dispose()` or `await using`. After an error
 * it can go on being used.
 *
 * What is wrong with options rejects the run before work starts, as every other method rejects. All of them reject with an {@link AbortedError} once the
 * engine is disposed of, and with a {@link WorkerError} when a worker dies.
 */
export class Engine implements AsyncDisposable {
  readonly #pool: Pool
  readonly #context: Context
  /** The version of everything that decides bits. */
  readonly streamVersion: number
  /** Whether the SIMD kernels run; the bits are the same without. */
  readonly simd: boolean

  /** @internal */
  constructor(pool: Pool, budget: number, facts: { streamVersion: number; simd: boolean }) {
    this.#pool = pool
    this.#context = { pool, streamVersion: facts.streamVersion, budget }
    this.streamVersion = facts.streamVersion
    this.simd = facts.simd
  }

  /** How many workers there are at most. */
  get workers(): number {
    return this.#pool.size
  }

  /**
   * Trains a network by denoising score matching, L = ½ E ‖s(x + σε) + ε/σ‖², on fresh draws of `target` or on `data`
   * [point, n]. It starts at once. Await the run for the network, or iterate over it for its progress.
   *
   * It runs in one worker, or, by Adam with three outputs or more and steps of a millisecond or more (10·n·m·batch ≥ 5·10⁷
   * operations), in the workers that are free when it begins: as many as the memory budget allows, 16 at most. The bits don't
   * depend on their number, and other calls get in between.
   *
   * @param options - what to train on, and how; see {@link TrainOptions} for units and defaults
   * @throws {@link InvalidArgumentError}, {@link UnsupportedError} or {@link MemoryBudgetError} before work starts;
   *   {@link DivergenceError} when the loss stops being finite; {@link AbortedError} when the signal aborts
   */
  train(options: TrainOptions): TrainRun {
    // What is wrong with the options rejects as everything else does: one place to catch.
    return new TrainRun(this.#context, options)
  }

  /**
   * Runs a network's Langevin dynamics, dx = s(x) dt + √2 dB, in all workers. It starts at once. Await the run for all draws
   * [chain, draw, n], or iterate over it for blocks as they come. The bits don't depend on the number of workers.
   *
   * @param network - trained here, read from a file, or made by hand
   * @param options - chains, steps, dt and more; see {@link SampleOptions} for units and defaults
   * @throws {@link InvalidArgumentError}, {@link UnsupportedError} or {@link MemoryBudgetError} before work starts;
   *   {@link DivergenceError} when a state stops being finite; {@link AbortedError} when the signal aborts
   */
  sample(network: Network, options: SampleOptions): SampleRun {
    return new SampleRun(this.#context, network, options)
  }

  /**
   * The network with a stimulus u and a noise level σ held: W_in u enters the bias, b + W_in u = b′, and what is left is a network without an
   * input, whose score, quality and diagnostics can be asked for.
   *
   * @param conditions - `stimulus`, k numbers in the units that the network was trained on, and `noise`, σ in units of x; as many of
   *   them as the network takes
   * @throws {@link InvalidArgumentError} for conditions that don't fit the network
   */
  async at(network: Network, conditions: Partial<Pick<Conditions, 'stimulus' | 'noise'>>): Promise<Network> {
    const bare = withoutReports(checkNetwork(network))
    const { stimulus = [], noise } = checkConditions(conditions)
    const held = await this.#pool.run((api) => api.at(bare, Float64Array.from(stimulus), noise))
    return { ...held, confinement: null, provenance: null }
  }

  /**
   * The score s(x) ≈ ∇ log p(x), in units of 1/x: the drift of the outputs, (I + Q)⁻¹ of it for a network with a Q of its own.
   * A network with an input needs its stimulus held first, see {@link Engine.at}.
   *
   * @param points - finite points [point, n]
   * @returns [point, n], row-major
   * @throws {@link InvalidArgumentError} for a network or points that don't fit
   */
  async score(network: Network, points: Tensor): Promise<Float32Array> {
    const bare = withoutReports(checkNetwork(network))
    const { data, shape } = checkTensor(points, 'points', 2)
    if (shape[1] !== network.dimension) {
      const expected = `[point, ${network.dimension}]`
      throw new InvalidArgumentError(`points.shape is [${shape.join(', ')}]; expected ${expected}`, {
        argument: 'points.shape',
        value: `[${shape.join(', ')}]`,
        expected,
      })
    }
    return this.#pool.run((api) => api.score(bare, data))
  }

  /**
   * Fisher divergence, stationary law and its W1 for a network with one output, by quadrature.
   *
   * @throws {@link InvalidArgumentError} unless network and target have one dimension
   */
  async evaluate(network: Network, target: Target): Promise<ScoreQuality> {
    const bare = withoutReports(checkNetwork(network))
    const checked = checkTarget(target)
    return this.#pool.run((api) => api.evaluate(bare, checked) as Promise<ScoreQuality>)
  }

  /**
   * How far a network's score is from a target's, over exact draws of the target with noise, in any number of dimensions.
   *
   * @throws {@link InvalidArgumentError} for a target or options that don't fit the network
   */
  async scoreError(network: Network, target: Target, options: ScoreErrorOptions = {}): Promise<ScoreError> {
    const bare = withoutReports(checkNetwork(network))
    const checked = checkTarget(target)
    const { noise, points, seed } = checkScoreError(options)
    return this.#pool.run((api) => api.scoreError(bare, checked, noise, points, seed) as Promise<ScoreError>)
  }

  /**
   * Density p and score ∇ log p of a target, exact.
   *
   * @param points - points [point, n] of the target's dimension
   * @param noise - σ of noise added to the target, in units of x; default 0, the target itself
   * @throws {@link InvalidArgumentError} for a target or points that don't fit
   */
  async targetValues(target: Target, points: Tensor, noise = 0): Promise<TargetValues> {
    const checked = checkTarget(target)
    const { data } = checkTensor(points, 'points', 2)
    checkNoise(noise)
    return this.#pool.run((api) => api.targetValues(checked, data, noise) as Promise<TargetValues>)
  }

  /**
   * Exact, independent draws of a target, [count, n].
   *
   * @param count - how many, 1 … 2²⁸
   * @param seed - a whole number, 0 … 2⁵³ − 1; default 0. Its stream is not that of a training run with the same seed
   * @throws {@link InvalidArgumentError} for a target or count out of range
   */
  async targetDraws(target: Target, count: number, seed = 0): Promise<Tensor> {
    const checked = checkTarget(target)
    checkWhole('count', count, 1, 2 ** 28)
    checkWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    const data = await this.#pool.run((api) => api.targetDraws(checked, count, seed))
    return { shape: [count, data.length / count], data }
  }

  /**
   * Simulations of a task: parameters from its prior, data from its simulator. Each depends on the seed and its own number alone.
   *
   * @param count - how many, 1 … 2²²
   * @param seed - a whole number, 0 … 2⁵³ − 1; default 0
   * @throws {@link InvalidArgumentError} for an unknown task, or a count or seed out of range
   */
  async simulate(task: Task, count: number, seed = 0): Promise<Simulations> {
    checkWhole('count', count, 1, 2 ** 22)
    checkWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    const checked = checkTask(task)
    return simulations(checked, count, await this.#pool.run((api) => api.simulate(checked, count, seed)))
  }

  /**
   * Takes parameters of a bounded prior to the whole line, where a network can learn them, or draws `back`.
   *
   * @param values - parameters or draws, in any shape: [point, n]
   * @throws {@link InvalidArgumentError} for a box whose centres and widths aren't as many as the values, or out of range
   */
  async changeVariable(values: Tensor, box: Box, direction: 'forth' | 'back' = 'forth'): Promise<Tensor> {
    const { shape, data } = checkTensor(values, 'values')
    const checked = checkBox(box, data.length)
    const back = checkDirection(direction) === 'back'
    return { shape, data: await this.#pool.run((api) => api.changeVariable(data, checked, back)) }
  }

  /**
   * W1 = ∫ |F_N(x) − F(x)| dx between one-dimensional draws and a target, or other draws of any number; exact in both cases,
   * in units of x.
   *
   * @param draws - finite numbers [draw], one or more; all axes of a `Draws.data` are taken together
   * @param reference - the target, or other draws [draw]
   * @param axis - the coordinate of the target that the draws are of, from 0; needed when it has more than one
   * @throws {@link InvalidArgumentError} for draws that are empty or not finite, or no such axis
   */
  async wasserstein(draws: Float32Array, reference: Target | Float32Array, axis?: number): Promise<number> {
    const checked = checkDraws(draws)
    const target = checkReference(reference)
    if (target instanceof Float32Array) return this.#pool.run((api) => api.wassersteinBetween(checked, target))
    if (axis !== undefined) checkWhole('axis', axis, 0, 2 ** 16)
    return this.#pool.run((api) => api.wassersteinToLaw(checked, target, axis))
  }

  /**
   * What draws tell: of each coordinate moments, effective sample sizes, R̂, autocorrelation and spectrum; with `reference` draws
   * the distances between the two; with a `network` or `target` the Stein discrepancy to its law. It runs in all workers.
   *
   * @param draws - [chain, draw, n], finite, two draws or more: what {@link Engine.sample} gave, or a file held
   * @param options - what to compare with, and how; see {@link DiagnoseOptions} for units and defaults
   * @throws {@link InvalidArgumentError} for draws or options that don't fit, {@link MemoryBudgetError} for more of them than the
   *   budget holds, both before work starts but for draws that are not finite; {@link AbortedError} when the signal aborts
   */
  async diagnose(draws: Tensor, options: DiagnoseOptions = {}): Promise<Diagnostics> {
    return diagnose(this.#pool, this.#context.budget, checkDiagnose(draws, options))
  }

  /**
   * The first principal components of points: directions of largest variance, by the eigenvectors of their covariance
   * Σ (x − μ)(x − μ)ᵀ/(N − 1). All workers share the sums over points; the decomposition takes about 3 d³ operations in one of them.
   *
   * @param data - finite points [point, d] that are not all the same
   * @param components - how many, 1 … min(points, d)
   * @throws {@link InvalidArgumentError} for data without so many components, {@link MemoryBudgetError} for more coordinates than
   *   the budget holds, both before work starts but where all points are the same; {@link AbortedError} when the signal aborts
   */
  async principalComponents(
    data: Tensor,
    components: number,
    options: {
      /** Ends the call. Default none. */
      readonly signal?: AbortSignal
    } = {},
  ): Promise<PrincipalComponents> {
    return principalComponents(this.#pool, this.#context.budget, data, components, checkSignal(options))
  }

  /**
   * Coordinates of points along principal components, y = C (x − μ).
   *
   * @param points - finite points [point, d]
   * @returns [point, n]
   * @throws {@link InvalidArgumentError} for points or a basis that don't fit
   */
  async project(points: Tensor, basis: PrincipalComponents): Promise<Tensor> {
    return project(this.#pool, points, basis, false)
  }

  /**
   * Points from their coordinates along principal components, x ≈ μ + Cᵀ y.
   *
   * @param points - finite coordinates [point, n]
   * @returns [point, d]
   * @throws {@link InvalidArgumentError} for points or a basis that don't fit
   */
  async reconstruct(points: Tensor, basis: PrincipalComponents): Promise<Tensor> {
    return project(this.#pool, points, basis, true)
  }

  /**
   * The nearest of some reference points to each point, by Euclidean distance: are draws copies of the data? All workers share it.
   *
   * @param points - finite points [point, n]
   * @param reference - finite points [point, n], of the same n
   * @throws {@link InvalidArgumentError} for points that don't fit; {@link AbortedError} when the signal aborts
   */
  async nearest(
    points: Tensor,
    reference: Tensor,
    options: {
      /** Ends the call. Default none. */
      readonly signal?: AbortSignal
    } = {},
  ): Promise<NearestPoints> {
    return nearest(this.#pool, points, reference, checkSignal(options))
  }

  /**
   * SHA-256 over dtype, shape and little-endian bytes, NaNs made canonical, as 64 hexadecimal digits: the hash that manifests
   * hold.
   *
   * @param array - numbers of either precision, row-major, and their shape
   * @throws {@link InvalidArgumentError} for no such array, or a shape whose product isn't the number of values
   */
  async hash(array: {
    /** Extents, outermost first. */
    readonly shape: readonly number[]
    /** The numbers, row-major, as many as the product of the extents [a, b, …]. */
    readonly data: Float32Array | Float64Array
  }): Promise<string> {
    const { shape, data } = checkArray(array, 'array')
    return this.#pool.run((api) => api.hash(shape, data))
  }

  /** Ends the workers and frees their memory; what is pending rejects with an {@link AbortedError}. */
  async dispose(): Promise<void> {
    this.#pool.dispose()
  }

  /** The same as `dispose()`: what `await using` calls. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }
}

async function compiled(platform: Platform, wasm: EngineOptions['wasm']): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm
  try {
    if (wasm instanceof ArrayBuffer) return await WebAssembly.compile(wasm)
    if (wasm instanceof Uint8Array) return await WebAssembly.compile(new Uint8Array(wasm))
    return await platform.compile(wasm)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkerError(`the wasm could not be loaded: ${reason}`, {
      argument: 'wasm',
      value: wasm === undefined ? "the package's own file" : String(wasm),
      expected: 'the bytes, address or compiled module of this package’s wasm, in an engine with SIMD',
    })
  }
}

/** Makes an engine on a platform. */
export async function createEngineOn(platform: Platform, options: EngineOptions = {}): Promise<Engine> {
  const { workers, startAll = false, memoryBudget, wasm } = checkEngine(options)
  const size = workers ?? Math.max(1, Math.min(platform.cores, MOST_DEFAULT_WORKERS))
  const module = compiled(platform, wasm)
  const pool = new Pool(platform, module, size)
  // Wasm that can't be loaded is told as such, not as a worker that didn't start.
  const [facts] = await Promise.all([pool.facts(startAll), module])
  return new Engine(pool, memoryBudget ?? DEFAULT_BUDGET, facts)
}
