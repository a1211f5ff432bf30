// One family of errors, the same in Node and in browsers: each names the argument, its value and what would be valid.
import type { DrawsSoFar } from './types.js'

/** What went wrong, as a stable word; one for each class of error. */
export type ErrorCode =
  | 'invalid-argument'
  | 'unsupported'
  | 'diverged'
  | 'memory-budget'
  | 'aborted'
  | 'worker'
  | 'format'

/** The facts behind an error. */
export interface ErrorDetails {
  /** The argument at fault; absent where there is none. */
  readonly argument?: string | undefined
  /** Its value; kept as text; absent where there is none. */
  readonly value?: unknown
  /** What would be valid, or what to do; kept as text; absent where nothing would. */
  readonly expected?: unknown
}

/** Values as they stand in messages. */
function asText(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}

/** The root of every error that this package throws; the same class and text in Node and in browsers. */
export class LangevinError extends Error {
  /** What went wrong, as a stable word. */
  readonly code: ErrorCode
  /** The argument at fault, such as `dt` or `start.states`; undefined where there is none. */
  readonly argument: string | undefined
  /** Its value, as text. */
  readonly value: string | undefined
  /** What would be valid, or what to do, as text. */
  readonly expected: string | undefined

  /** Made by the package; the classes below fix `code`. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    this.name = new.target.name
    this.code = code
    this.argument = details.argument
    this.value = asText(details.value)
    this.expected = asText(details.expected)
  }
}

/** An argument outside its domain, such as a negative `dt` or data that holds NaN; nothing has started. */
export class InvalidArgumentError extends LangevinError {
  /** @param details - argument, value and what would be valid; default none of them */
  constructor(message: string, details?: ErrorDetails) {
    super('invalid-argument', message, details)
  }
}

/** An argument that isn't what it should be, in the library's one wording. */
export function invalid(argument: string, value: unknown, expected: string): InvalidArgumentError {
  return new InvalidArgumentError(`${argument} is ${String(value)}; expected ${expected}`, {
    argument,
    value,
    expected,
  })
}

/**
 * A combination that has no meaning, such as a reservoir with synaptic currents or a sampler-only network in closed form;
 * nothing has started.
 */
export class UnsupportedError extends LangevinError {
  /** @param details - argument, value and what would be valid; default none of them */
  constructor(message: string, details?: ErrorDetails) {
    super('unsupported', message, details)
  }
}

/** A chain's state or a training loss that stopped being finite; the message says where, and what to change. */
export class DivergenceError extends LangevinError {
  /** @param details - argument, value and what would be valid; default none of them */
  constructor(message: string, details?: ErrorDetails) {
    super('diverged', message, details)
  }
}

/** Work that needs more memory than its budget; nothing has been allocated. */
export class MemoryBudgetError extends LangevinError {
  /** @param details - argument, value and what would be valid; default none of them */
  constructor(message: string, details?: ErrorDetails) {
    super('memory-budget', message, details)
  }
}

/** A run ended by its `AbortSignal` or by disposal of the engine. Its `name` is 'AbortError', as the platform's is. */
export class AbortedError extends LangevinError {
  /** What a sampling run had drawn by then; undefined for other work, or when nothing had begun. */
  readonly partial: DrawsSoFar | undefined

  constructor(
    message: string,
    options: {
      /** The signal's reason; default none. */
      readonly cause?: unknown
      /** Draws made so far; default none. */
      readonly partial?: DrawsSoFar | undefined
    } = {},
  ) {
    super('aborted', message)
    this.name = 'AbortError'
    if (options.cause !== undefined) this.cause = options.cause
    this.partial = options.partial
  }
}

/** The error for a signal that has aborted. */
export function abortedBy(signal: AbortSignal | undefined): AbortedError {
  const reason: unknown = signal?.reason
  return reason instanceof AbortedError ? reason : new AbortedError('the run was aborted', { cause: reason })
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedBy(signal)
}

/** A worker or the wasm that could not start, or a worker that died or trapped. The next call gets a fresh one. */
export class WorkerError extends LangevinError {
  /** @param details - argument, value and what would be valid; default none of them */
  constructor(message: string, details?: ErrorDetails) {
    super('worker', message, details)
  }
}

/** A file that is not what it should be, or a value that a file can't hold. */
export class FormatError extends LangevinError {
  /** @param details - argument, value and what would be valid; default none of them */
  constructor(message: string, details?: ErrorDetails) {
    super('format', message, details)
  }
}

/** An error as it crosses from a worker: classes don't survive structured cloning. */
export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly argument?: string
  readonly value?: string
  readonly expected?: string
}

/** True for the plain form of one of our errors. */
export function isPlainError(value: unknown): value is PlainError {
  return (
    typeof value === 'object' && value !== null && 'code' in value && 'message' in value && !(value instanceof Error)
  )
}

/** The typed error that a plain one stands for. */
export function revive(plain: PlainError): LangevinError {
  const { code, message, ...details } = plain
  switch (code) {
    case 'invalid-argument':
      return new InvalidArgumentError(message, details)
    case 'unsupported':
      return new UnsupportedError(message, details)
    case 'diverged':
      return new DivergenceError(message, details)
    case 'memory-budget':
      return new MemoryBudgetError(message, details)
    case 'aborted':
      return new AbortedError(message)
    case 'format':
      return new FormatError(message, details)
    default:
      return new WorkerError(message, details)
  }
}
