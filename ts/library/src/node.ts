// Node: worker threads, files.
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import type { Platform } from './platform.js'

function asUrl(address: URL | string): URL {
  if (address instanceof URL) return address
  return URL.canParse(address) ? new URL(address) : pathToFileURL(address)
}

export const platform: Platform = {
  cores: availableParallelism(),

  createWorker() {
    const worker = new Worker(new URL('./worker.node.js', import.meta.url), { name: 'langevin-rnn' })
    worker.unref()
    return {
      endpoint: nodeEndpoint(worker),
      onDeath(callback) {
        worker.once('error', (error: unknown) => callback(error instanceof Error ? error.message : String(error)))
        worker.once('messageerror', () => callback('a message could not be read'))
        worker.once('exit', (status) => callback(`it ended with status ${status}`))
      },
      setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
      terminate: () => void worker.terminate(),
    }
  },

  async compile(address = new URL('../wasm/langevin_rnn_wasm_bg.wasm', import.meta.url)) {
    const url = asUrl(address)
    if (url.protocol === 'file:') return WebAssembly.compile(await readFile(fileURLToPath(url)))
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${response.status} ${response.statusText} for ${url}`)
    return WebAssembly.compile(await response.arrayBuffer())
  },
}
