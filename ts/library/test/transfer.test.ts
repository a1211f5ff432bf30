// Large results change threads by transfer: their buffers are gone from where they were computed, and no copy is made.
import * as Comlink from 'comlink'
import { expect, test } from 'vitest'
import { createEngineOn } from '../dist/engine.js'
import { platform } from '../dist/node.js'
import type { Platform } from '../dist/platform.js'
import { WorkerApi } from '../dist/worker_api.js'

/** Of each message: the bytes of its arrays before it was sent, and those that stayed with the sender, so that they were copied. */
const sent: { readonly bytes: number; readonly left: number }[] = []

/** The bytes of all arrays in a message. */
function bytesIn(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, part) => sum + bytesIn(part), 0)
}

/** A worker in this thread, so that the test sees what it sends. */
function createWorker(): ReturnType<Platform['createWorker']> {
  const { port1, port2 } = new MessageChannel()
  const watched = new Proxy(port2, {
    get(port, key) {
      if (key !== 'postMessage') {
        const value = Reflect.get(port, key)
        return typeof value === 'function' ? value.bind(port) : value
      }
      return (message: unknown, moved: ArrayBuffer[] = []) => {
        const bytes = bytesIn(message)
        port.postMessage(message, moved)
        sent.push({ bytes, left: bytesIn(message) })
      }
    },
  })
  Comlink.expose(new WorkerApi(), watched as unknown as Comlink.Endpoint)
  return {
    endpoint: port1 as unknown as Comlink.Endpoint,
    onDeath: () => {},
    setBusy: () => {},
    terminate: () => port1.close(),
  }
}

test('results leave the worker without a copy', async () => {
  await using engine = await createEngineOn({ ...platform, createWorker }, { workers: 1 })
  const network = await engine.train({ target: 'double-peak', units: 8, method: 'closed-form', seed: 1, points: 2000 })
  const [chains, steps] = [100, 30]
  const draws = await engine.sample(network, { chains, steps, dt: 0.05, recordEvery: 1 })
  expect(draws.shape).toEqual([chains, steps, 1])
  await engine.score(network, { shape: [500, 1], data: new Float32Array(500) })
  const bytes = sent.reduce((sum, message) => sum + message.bytes, 0)
  expect(bytes).toBeGreaterThanOrEqual(4 * (chains * steps + 500))
  expect(sent.filter(({ left }) => left > 0)).toEqual([])
})
