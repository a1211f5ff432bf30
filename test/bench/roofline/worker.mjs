// One core's share of the roofline: runs `peak`, `hinges`, `triad` or `products` for about a given time when told, and tells how much it did.
import { parentPort, workerData } from 'node:worker_threads'

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(workerData.binary))
new Float32Array(exports.memory.buffer).fill(1e-3)

const kernels = new WebAssembly.Instance(new WebAssembly.Module(workerData.kernels)).exports

const FIRST = { peak: 20_000, hinges: 20_000, triad: 1, products: 1 }

/** Calls that take some hundredths of a second, so that the engine's best code runs and the clock costs nothing. */
function run({ name, shape, milliseconds }) {
  const work = name === 'products' ? kernels.products : exports[name]
  if (name === 'products') kernels.prepare_products(shape)
  const turns = FIRST[name]
  let done = 0
  const began = performance.now()
  let now = began
  while (now - began < milliseconds) {
    work(turns)
    done += turns
    now = performance.now()
  }
  return { turns: done, seconds: (now - began) / 1000 }
}

parentPort.on('message', (message) => parentPort.postMessage(run(message)))
