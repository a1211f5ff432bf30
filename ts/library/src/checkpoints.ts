// When checkpoints are kept, and that one goes on only as the run that it was: anything else would be a result that no
// configuration describes.
import { InvalidArgumentError } from './errors.js'
import { canonicalJson } from './formats/json.js'

/** @throws {@link InvalidArgumentError} for a checkpoint of other bits */
export function checkStreamVersion(resume: { readonly streamVersion: number }, streamVersion: number): void {
  if (resume.streamVersion === streamVersion) return
  throw new InvalidArgumentError(
    `resume.streamVersion is ${resume.streamVersion}; expected ${streamVersion}, the version of this package's bits`,
    { argument: 'resume.streamVersion', value: resume.streamVersion, expected: streamVersion },
  )
}

/**
 * Compares what a checkpoint was made with and what the run has, name by name.
 *
 * @throws {@link InvalidArgumentError} for the first that differs
 */
export function checkSame(was: Readonly<Record<string, unknown>>, is: Readonly<Record<string, unknown>>): void {
  for (const name of new Set([...Object.keys(is), ...Object.keys(was)])) {
    // Files have their keys in an order of their own.
    const [before, now] = [text(was[name]), text(is[name])]
    if (before === now) continue
    throw new InvalidArgumentError(`${name} is ${now}, but the checkpoint was made with ${before}; expected the same`, {
      argument: name,
      value: now,
      expected: before,
    })
  }
}

/** JSON that doesn't depend on the order of keys. */
function text(value: unknown): string | undefined {
  return value === undefined ? undefined : canonicalJson(value)
}

/** Every so many seconds; but however large checkpoints are, keeping them takes no more than a twentieth of the time. */
export class CheckpointClock {
  readonly #every: number
  #due: number

  constructor(every: number) {
    this.#every = every
    this.#due = every
  }

  /** Whether one is due by now; not while one is being kept. */
  due(seconds: number): boolean {
    return seconds >= this.#due
  }

  /** Keeps one if it is due. */
  async keep(seconds: number, work: () => Promise<void>): Promise<void> {
    if (!this.due(seconds)) return
    this.#due = Number.POSITIVE_INFINITY
    const began = performance.now()
    await work()
    const took = this.#every > 0 ? (performance.now() - began) / 1000 : 0
    this.#due = seconds + took + Math.max(this.#every, 19 * took)
  }
}
