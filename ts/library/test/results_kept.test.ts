// An engine keeps nothing of what its calls gave: whoever lets go of results gets their memory back, however long the engine lives.
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEngine } from 'langevin-rnn'
import { expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('results that nobody holds are freed', async () => {
  await using engine = await createEngine({ workers: 2 })
  const network = await engine.train({ target: 'double-peak', units: 8, method: 'closed-form', seed: 1, points: 2000 })
  const { signal } = new AbortController()
  const chains = 50_000
  const held = async () => {
    // What is referred to in this turn of the loop lasts until its end.
    for (let turn = 0; turn < 5; turn += 1) {
      await wait(20)
      collectGarbage()
    }
    return process.memoryUsage().arrayBuffers
  }
  const calls = async (count: number) => {
    for (let k = 0; k < count; k += 1) await engine.sample(network, { chains, steps: 2, dt: 0.1, seed: k, signal })
  }
  await calls(5)
  const before = await held()
  await calls(30)
  // One call's states are chains × 4 bytes; the last one's may still be there.
  expect((await held()) - before).toBeLessThan(5 * chains * 4)
})
