// Keeps the whole page for use without a network, by a service worker.

/**
 * Registers the service worker of the built page.
 * @returns true once everything is kept; false where that is not possible (development, plain http, private windows).
 */
export async function keepForOffline(): Promise<boolean> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return false
  try {
    // The worker is active only after all files are in its cache.
    await navigator.serviceWorker.register('./sw.js')
    await navigator.serviceWorker.ready
    // It takes the page over a moment later; a worker started before that would still be asked of the server.
    if (navigator.serviceWorker.controller === null) {
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      )
    }
    return true
  } catch {
    return false
  }
}
