// No call hangs: workers that die, wasm that traps, memory that is exhausted, disposal.
import type { Engine, Network } from 'langevin-rnn'
import * as library from 'langevin-rnn'
import { createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineOn } from '../dist/engine.js'
import { platform } from '../dist/node.js'
import type { Platform, WorkerPort } from '../dist/platform.js'
import { endless, pause, rejected, short, stillWorks, trained } from './helpers.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  network = await trained(engine)
})
afterAll(() => engine.dispose())

describe('workers', () => {
  /** A platform whose workers the test can get at. */
  function spied(): { platform: Platform; ports: WorkerPort[] } {
    const ports: WorkerPort[] = []
    return {
      ports,
      platform: {
        ...platform,
        createWorker() {
          const port = platform.createWorker()
          ports.push(port)
          return port
        },
      },
    }
  }

  test('one that dies rejects its call, and the next call gets a fresh one', async () => {
    const { platform, ports } = spied()
    await using one = await createEngineOn(platform, { workers: 1 })
    const pending = one.sample(network, endless)
    setTimeout(() => ports[0]?.terminate(), 200)
    const began = performance.now()
    const error = await rejected(pending)
    expect(error).toBeInstanceOf(library.WorkerError)
    expect(performance.now() - began).toBeLessThan(1200)
    await stillWorks(one, network)
    expect(ports).toHaveLength(2)
  })

  test('each starts with the first call that needs it, or all at once', async () => {
    for (const startAll of [false, true]) {
      const { platform, ports } = spied()
      await using one = await createEngineOn(platform, { workers: 3, startAll })
      expect(ports).toHaveLength(startAll ? 3 : 1)
      await Promise.all(Array.from({ length: 3 }, () => one.targetDraws('double-peak', 1000, 1)))
      expect(ports).toHaveLength(3)
      await stillWorks(one, network)
    }
  })

  test('a trap of the wasm is an error of that call alone', async () => {
    const { platform, ports } = spied()
    await using one = await createEngineOn(platform, { workers: 1, memoryBudget: 1e15 })
    const error = await rejected(one.train({ target: 'double-peak', method: 'adam', points: 4_000_000_000 }))
    expect(error).toBeInstanceOf(library.WorkerError)
    await stillWorks(one, network)
    expect(ports).toHaveLength(2)
  })

  test('one that dies idle is replaced for the next call', async () => {
    const { platform, ports } = spied()
    await using one = await createEngineOn(platform, { workers: 1 })
    ports[0]?.terminate()
    await pause(300)
    await stillWorks(one, network)
    expect(ports).toHaveLength(2)
  })

  test('one that dies while a run is paused does no harm', async () => {
    const { platform, ports } = spied()
    await using one = await createEngineOn(platform, { workers: 1 })
    const whole = await one.sample(network, short)
    const run = one.sample(network, { ...short, blockSteps: 4 })
    for await (const _ of run) {
      run.pause()
      break
    }
    await pause(300)
    ports[0]?.terminate()
    await pause(300)
    run.resume()
    expect((await run).hash).toBe(whole.hash)
    expect(ports).toHaveLength(2)
  })

  test('memory that is exhausted is an error of that call alone', async () => {
    const { platform, ports } = spied()
    // The budget allows it, wasm's 4 GiB of addresses don't.
    await using one = await createEngineOn(platform, { workers: 1, memoryBudget: 1e12 })
    const began = performance.now()
    const large = { chains: 40_000, steps: 40_000, dt: 0.05, recordEvery: 1, blockChains: 40_000, blockSteps: 40_000 }
    const error = await rejected(one.sample(network, large))
    expect(['worker', 'memory-budget']).toContain(error.code)
    expect(performance.now() - began).toBeLessThan(60_000)
    await stillWorks(one, network)
    expect(ports.length).toBeLessThanOrEqual(2)
  })

  test('a worker that can’t load is an error, and so is each call that waits', async () => {
    let broken = true
    const failing: Platform = {
      ...platform,
      createWorker() {
        const port = platform.createWorker()
        return broken ? { ...port, onDeath: (callback) => setTimeout(() => callback('no script'), 20) } : port
      },
    }
    const refused = await rejected(createEngineOn(failing, { workers: 1 }))
    expect(refused).toBeInstanceOf(library.WorkerError)
    broken = false
    await using one = await createEngineOn(failing, { workers: 1 })
    await stillWorks(one, network)
  })

  test('disposal rejects what is pending and what comes after', async () => {
    const one = await createEngine({ workers: 1 })
    const pending = [one.sample(network, endless), one.sample(network, endless)]
    setTimeout(() => one.dispose(), 100)
    for (const run of pending) expect((await rejected(run)).code).toBe('aborted')
    expect((await rejected(one.sample(network, short))).code).toBe('aborted')
  })

  test('wasm that is none', async () => {
    expect(await rejected(createEngine({ wasm: Uint8Array.of(1, 2, 3) }))).toMatchObject({
      code: 'worker',
      argument: 'wasm',
    })
    expect(await rejected(createEngine({ wasm: 'no/such/file.wasm' }))).toMatchObject({
      code: 'worker',
      argument: 'wasm',
    })
    expect(await rejected(createEngine({ workers: 0 }))).toMatchObject({
      code: 'invalid-argument',
      argument: 'workers',
    })
  })
})
