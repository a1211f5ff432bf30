// What the page needs of a browser, and what to tell a person whose browser lacks it.

/** Something that a person can act on. */
export interface Problem {
  readonly title: string
  readonly detail: string
  readonly advice: string
}

/** The smallest module with a 128-bit vector: `(func (result v128) i32.const 0 i8x16.splat)`. */
const SIMD_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  8,
  1,
  6,
  0,
  65,
  0,
  253,
  15,
  11,
)

const NEWER = 'Update the browser, or open the page in a recent Chrome, Edge, Firefox or Safari (16.4 or newer).'

/** The first thing that is missing, or null. */
export function missingSupport(): Problem | null {
  if (typeof WebAssembly !== 'object') {
    return {
      title: 'This browser has no WebAssembly',
      detail: 'The circuits are trained and run by a WebAssembly module.',
      advice: `If WebAssembly is switched off (lockdown or strict security mode), allow it for this page. ${NEWER}`,
    }
  }
  if (typeof Worker !== 'function') {
    return {
      title: 'This browser has no web workers',
      detail: 'The circuits run in worker threads, so that the page stays responsive.',
      advice: NEWER,
    }
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    return {
      title: 'This browser’s WebAssembly has no SIMD',
      detail: 'The circuits are computed with 128-bit vector instructions.',
      advice: NEWER,
    }
  }
  return null
}

/** An error of the engine, in words for a visitor. */
export function describe(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error)
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'worker') {
    return {
      title: 'The engine could not work',
      detail: message,
      advice:
        'Try again. If that fails, load the page anew, and check that no extension blocks its worker or wasm file.',
    }
  }
  if (code === 'memory-budget') {
    return { title: 'Too large for this machine', detail: message, advice: 'Choose fewer chains.' }
  }
  if (code === 'diverged') {
    return { title: 'The chains ran away', detail: message, advice: 'Choose a smaller time step dt, then reset.' }
  }
  return { title: 'Something went wrong', detail: message, advice: 'Try again, or load the page anew.' }
}
