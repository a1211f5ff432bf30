// Browsers: module workers, fetch.
import type { Platform } from './platform.js'

export const platform: Platform = {
  cores: globalThis.navigator?.hardwareConcurrency ?? 2,

  createWorker() {
    // The literal form is what bundlers look for.
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'langevin-rnn' })
    return {
      endpoint: worker,
      onDeath(callback) {
        worker.addEventListener('error', (event) => callback(event.message || 'its script could not be loaded'), {
          once: true,
        })
        worker.addEventListener('messageerror', () => callback('a message could not be read'), { once: true })
      },
      setBusy() {},
      terminate: () => worker.terminate(),
    }
  },

  async compile(address = new URL('../wasm/langevin_rnn_wasm_bg.wasm', import.meta.url)) {
    const response = await fetch(address)
    if (!response.ok) throw new Error(`${response.status} ${response.statusText} for ${address}`)
    // Not every server says application/wasm, which streaming compilation insists on.
    return WebAssembly.compile(await response.arrayBuffer())
  },
}
