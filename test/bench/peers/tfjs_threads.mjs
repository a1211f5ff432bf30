// Threads for tfjs-backend-wasm in Node. The package turns them off there because its worker scripts are blobs, which Node's
// workers can't load; here the same scripts are handed over as files, so that the package's own threaded wasm runs.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const folder = join(require.resolve('@tensorflow/tfjs-backend-wasm'), '../../wasm-out')
const stem = join(folder, 'tfjs-backend-wasm-threaded-simd')

/** Sets the package's flag; call it before its backend starts. */
export function enableThreads(tf) {
  const workerThreads = require('node:worker_threads')
  const text = readFileSync(`${stem}.worker.js`, 'utf8')
  // Stored inside a template, its line ends have lost their escapes, as the package knows.
  const script = text.includes('wasmWorkerContents')
    ? require(`${stem}.worker.js`).wasmWorkerContents.replaceAll('\n', '\\n')
    : text
  const NodeWorker = workerThreads.Worker
  workerThreads.Worker = class extends NodeWorker {
    constructor(source, options) {
      const ours = String(source).startsWith('blob:')
      super(ours ? script : source, ours ? { ...options, eval: true } : options)
    }
    postMessage(message, transfer) {
      const load = message?.cmd === 'load'
      super.postMessage(load ? { ...message, urlOrBlob: `${stem}.js` } : message, transfer)
    }
  }
  // Its wasm takes at most half of the logical cores that it is told of.
  const os = require('node:os')
  const cores = os.cpus()
  os.cpus = () => [...cores, ...cores]
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true)
}
