// Runs as objects: pause, resume, stop, inspect, abort, a slow loop, and conditions that change while a run goes on.
import type { Change, Conditions, DrawBlock, Draws, Engine, Network, Progress, SampleOptions } from 'langevin-rnn'
import { AbortedError, createEngine } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endless, pause, rejected, short, stillWorks, trained } from '../helpers.js'

let engine: Engine
let network: Network

beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
  network = await trained(engine)
})
afterAll(() => engine.dispose())

/** Many small blocks, a second or so in all. */
const blocks = {
  chains: 256,
  steps: 20_000,
  dt: 0.05,
  seed: 5,
  recordEvery: 100,
  blockChains: 64,
  blockSteps: 400,
} as const

/** The configuration of a run, as one would sample by it again. */
const again = (draws: Draws) => draws.provenance.configuration as unknown as SampleOptions

describe('sampling', () => {
  test('a paused run rests, lets others work, and ends with the same bits', async () => {
    const whole = await engine.sample(network, blocks)
    const progress: Progress[] = []
    const run = engine.sample(network, { ...blocks, onProgress: (p) => progress.push(p) })
    expect(run.state).toBe('running')
    while (progress.length < 3) await pause(5)
    run.pause()
    expect(run.state).toBe('paused')
    await pause(300)
    const before = progress.length
    await stillWorks(engine, network)
    await pause(200)
    expect(progress.length).toBe(before)
    run.resume()
    const draws = await run
    expect(run.state).toBe('ended')
    expect(draws.hash).toBe(whole.hash)
    expect(draws.complete).toBe(true)
    expect(draws.blocks).toEqual([{ firstChain: 0, chains: 256, steps: 20_000, draws: 200 }])
    expect(progress.at(-1)).toMatchObject({ done: 256 * 20_000, total: 256 * 20_000, secondsLeft: 0 })
  })

  test('a stopped run gives what there is, each draw as in the whole', async () => {
    const whole = await engine.sample(network, blocks)
    const run = engine.sample(network, blocks)
    let seen = 0
    for await (const _ of run) {
      seen += 1
      if (seen === 30) {
        void run.stop()
        expect(run.state).toBe('stopping')
      }
    }
    const draws = await run
    expect(draws.complete).toBe(false)
    const [chains, count] = draws.shape
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(200)
    expect(draws.hash).not.toBe(whole.hash)
    const rows = draws.blocks
      .filter((block) => block.draws >= count)
      .flatMap(({ firstChain, chains }) => Array.from({ length: chains }, (_, k) => firstChain + k))
    expect(rows).toHaveLength(chains)
    for (const [row, chain] of rows.entries()) {
      expect(draws.data.subarray(row * count, (row + 1) * count)).toEqual(
        whole.data.subarray(chain * 200, chain * 200 + count),
      )
    }
    expect(draws.states).toHaveLength(chains)
    expect(await run.stop()).toBe(draws)
    await stillWorks(engine, network)
  })

  test('stopped at once there are no draws, and no error', async () => {
    const run = engine.sample(network, endless)
    const draws = await run.stop()
    expect(draws.complete).toBe(false)
    expect(draws.data).toHaveLength(0)
    expect(draws.shape[1]).toBe(0)
  })

  test('looked into, it tells how far each chain block is', async () => {
    const run = engine.sample(network, blocks)
    let early = await run.inspect()
    while (early.shape[1] < 4) early = await run.inspect()
    expect(early.complete).toBe(false)
    expect(early.diagnostics?.coordinates[0]?.essBulk).toBeGreaterThan(0)
    expect((await run.inspect({ diagnostics: false })).diagnostics).toBeNull()
    expect(early.progress?.total).toBe(256 * 20_000)
    expect(early.blocks.reduce((sum, block) => sum + block.chains * block.steps, 0)).toBe(early.progress?.done)
    const draws = await run
    const [chains, count] = early.shape
    for (let chain = 0; chains === 256 && chain < chains; chain += 1) {
      expect(early.data.subarray(chain * count, (chain + 1) * count)).toEqual(
        draws.data.subarray(chain * 200, chain * 200 + count),
      )
    }
    expect(await run.inspect()).toMatchObject({ complete: true, shape: draws.shape, data: draws.data })
  })

  test('an abort rejects, and its error keeps the draws made so far', async () => {
    const controller = new AbortController()
    const run = engine.sample(network, { ...blocks, signal: controller.signal })
    const emitted: DrawBlock[] = []
    const error = await rejected(
      (async () => {
        for await (const block of run) {
          emitted.push(block)
          if (emitted.length === 20) controller.abort()
        }
      })(),
    )
    expect(error).toBeInstanceOf(AbortedError)
    const { partial } = error as AbortedError
    expect(partial?.complete).toBe(false)
    expect(partial?.shape[1]).toBeGreaterThan(0)
    const steps = emitted.reduce((sum, block) => sum + block.chains * block.steps, 0)
    expect(partial!.blocks.reduce((sum, block) => sum + block.chains * block.steps, 0)).toBeGreaterThanOrEqual(steps)
    await stillWorks(engine, network)
  })

  test('an abort and a disposal end a paused run, too', async () => {
    const controller = new AbortController()
    const run = engine.sample(network, { ...endless, signal: controller.signal })
    run.pause()
    await pause(50)
    controller.abort()
    expect((await rejected(run)).code).toBe('aborted')
    const other = await createEngine({ workers: 1 })
    const paused = other.sample(network, endless)
    paused.pause()
    await pause(200)
    await other.dispose()
    expect((await rejected(paused)).code).toBe('aborted')
  })

  test('dozens at once share a signal without a warning of leaks, and abort together', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    const abort = new AbortController()
    const { signal } = abort
    const runs = Array.from({ length: 24 }, () => engine.sample(network, { ...endless, signal }))
    await pause(50)
    abort.abort()
    for (const error of await Promise.all(runs.map(rejected))) expect(error).toBeInstanceOf(AbortedError)
    process.off('warning', listen)
    expect(warnings).toEqual([])
    await stillWorks(engine, network)
  })

  test('a slow loop holds the workers back; an awaited run never waits', async () => {
    const many = { ...blocks, blockSteps: 100 }
    let done = 0
    const run = engine.sample(network, { ...many, onProgress: () => (done += 1) })
    let taken = 0
    for await (const _ of run) {
      taken += 1
      // Eight that wait, and one that each of two workers was at.
      expect(done - taken).toBeLessThanOrEqual(8 + 2)
      if (taken < 6) await pause(100)
      if (taken === 6) break
    }
    await run
    expect(done).toBe(800)
    const awaited = engine.sample(network, many)
    for await (const _ of awaited) {
      expect((await awaited).complete).toBe(true)
      break
    }
  })
})

describe('conditions that change while it runs', () => {
  test('at the same step for all chains, recorded, and replayed to the same bits', async () => {
    const run = engine.sample(network, { ...blocks, firstStep: 1000 })
    const steps: (number | null)[] = []
    let seen = 0
    for await (const _ of run) {
      seen += 1
      if (seen === 10) steps.push(await run.set({ temperature: 2 }))
      if (seen === 20) steps.push(...(await Promise.all([run.set({ dt: 0.02 }), run.set({ temperature: 0.5 })])))
    }
    const draws = await run
    const changes = draws.provenance.configuration['changes'] as Change[]
    for (const step of steps) {
      expect(step).toBeGreaterThan(1000)
      expect((step! - 1000) % 400).toBe(0)
      expect(changes.map((change) => change.step)).toContain(step)
    }
    expect(changes[0]).toEqual({ step: steps[0], temperature: 2 })
    expect(changes.at(-1)).toMatchObject({ step: steps[2], temperature: 0.5 })
    const replayed = await engine.sample(network, again(draws))
    expect(replayed.hash).toBe(draws.hash)
    expect(replayed.states).toEqual(draws.states)
    expect((await engine.sample(network, { ...blocks, firstStep: 1000 })).hash).not.toBe(draws.hash)
    expect(await run.set({ dt: 0.1 })).toBeNull()
  })

  test('in a paused run at once, before scheduled ones', async () => {
    const scheduled = [{ step: 12_000, dt: 0.01 }]
    const run = engine.sample(network, { ...blocks, changes: scheduled })
    await run.inspect()
    run.pause()
    const step = await run.set({ temperature: 3 })
    const same = await run.set({ temperature: 4, dt: 0.03 })
    run.resume()
    const draws = await run
    expect(draws.provenance.configuration['changes']).toEqual([
      ...(step === same ? [] : [{ step, temperature: 3 }]),
      { step: same, temperature: 4, dt: 0.03 },
      ...scheduled,
    ])
    expect((await engine.sample(network, again(draws))).hash).toBe(draws.hash)
  })

  test.each([
    ['changes.dt', { dt: 0 }],
    ['dt', { dt: Number.NaN }],
    ['changes.temperature', { temperature: -1 }],
    ['colour', { colour: 1 }],
  ])('bad %s is refused, and the run goes on as it was', async (argument, conditions) => {
    const whole = await engine.sample(network, short)
    const run = engine.sample(network, { ...short, blockSteps: 4 })
    run.pause()
    expect(await rejected(run.set(conditions as Partial<Conditions>))).toMatchObject({
      code: 'invalid-argument',
      argument,
    })
    run.resume()
    expect((await run).hash).toBe(whole.hash)
  })

  test('without a step left there is nothing to change', async () => {
    const run = engine.sample(network, { ...short, blockSteps: 50 })
    while ((await run.inspect()).progress === null) await pause(1)
    expect(await run.set({ dt: 0.1 })).toBeNull()
    expect((await run).provenance.configuration).not.toHaveProperty('changes')
  })
})

describe('training', () => {
  const adam = { target: 'double-peak', method: 'adam', units: 200, epochs: 200, levels: 4, seed: 2 } as const

  test('pauses, is looked into, and ends with the same bits', async () => {
    const whole = await engine.train(adam)
    const run = engine.train(adam)
    const first = await run.inspect()
    run.pause()
    await pause(400)
    const paused = await run.inspect()
    expect(paused.losses.length).toBeGreaterThanOrEqual(first.losses.length)
    expect(paused.losses).toEqual(whole.losses.subarray(0, paused.losses.length))
    await pause(200)
    expect((await run.inspect()).losses).toHaveLength(paused.losses.length)
    expect(paused.network?.tensors['W1.weight']?.shape).toEqual([1, 200])
    run.resume()
    const network = await run
    expect(network.hash).toBe(whole.hash)
    expect(network.complete).toBe(true)
    const after = await run.inspect()
    expect(after.losses).toEqual(whole.losses)
    expect(after.progress).toMatchObject({ done: 200, total: 200 })
  })

  test.each(['adam', 'closed-form'] as const)('stopped, %s gives the network that there is', async (method) => {
    // Long enough that a fast machine isn't done when it is told to stop.
    const epochs = 20_000
    const options =
      method === 'adam' ? { ...adam, epochs } : ({ target: 'double-peak', method, levels: 30, seed: 2 } as const)
    const run = engine.train(options)
    for await (const progress of run) if (progress.done >= 2) void run.stop()
    const network = await run
    expect(network.complete).toBe(false)
    expect(network.losses.length).toBeGreaterThanOrEqual(2)
    expect(network.losses.length).toBeLessThan(method === 'adam' ? epochs : 30)
    expect(network.confinement).not.toBeNull()
    await stillWorks(engine, network)
    expect((await engine.train(options).stop()).losses.length).toBeGreaterThan(0)
  })

  test('a failed one tells its error to whoever looks', async () => {
    const run = engine.train({ ...adam, units: 0 })
    expect(await rejected(run.inspect())).toMatchObject({ argument: 'units' })
    expect(await rejected(run)).toMatchObject({ argument: 'units' })
    expect(await rejected(run.inspect())).toMatchObject({ argument: 'units' })
  })
})
