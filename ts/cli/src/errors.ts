// What can go wrong at the command line, and the exit code of each.

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const

/** The command line itself is wrong: unknown name, value out of range. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
  readonly argument: string
  readonly value: unknown
  readonly expected: string

  constructor(message: string, details: { argument: string; value: unknown; expected: string }) {
    super(message)
    this.argument = details.argument
    this.value = details.value
    this.expected = details.expected
  }
}

/** Something in the world stands in the way: a file that isn't there, or isn't what it should be. */
export class FailedError extends Error {
  override readonly name = 'FailedError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/** The work was done, and its outcome is a failure that has been reported already. */
export class ReportedFailure extends Error {
  override readonly name = 'ReportedFailure'
}

/** The work was ended from outside; the message says what is kept, and how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** The parts of an error that a program can use; the library's errors carry the same names. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly argument?: string
  readonly value?: unknown
  readonly expected?: string
}

export function describeError(error: unknown): ErrorReport {
  if (!(error instanceof Error)) return { code: 'failed', message: String(error) }
  const { code, argument, value, expected } = error as Partial<ErrorReport>
  return {
    code: typeof code === 'string' ? code : 'failed',
    message: error.message,
    ...(typeof argument === 'string' && { argument }),
    ...(value !== undefined && { value: presentable(value) }),
    ...(typeof expected === 'string' && { expected }),
  }
}

/** Numbers that JSON has no word for are written out. */
function presentable(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value)
  return value
}
