// One listener on each signal, whoever waits for it: an engine's calls by the dozen share a signal, and Node takes more than ten
// listeners for a leak.

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back when the signal aborts, never if it has already; the function returned takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? listen(signal)
  // A function of its own, so that the same callback may wait twice.
  const entry = () => callback()
  callbacks.add(entry)
  return () => {
    callbacks.delete(entry)
  }
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  waiting.set(signal, callbacks)
  signal.addEventListener(
    'abort',
    () => {
      for (const callback of callbacks) callback()
    },
    { once: true },
  )
  return callbacks
}
