// `sample` and `merge` with the real library: kinds of files, parts that make the whole, interruption, damaged parts, mistakes.
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import {
  createEngine,
  type Draws,
  drawsFromNpz,
  drawsToNpz,
  networkFromSafetensors,
  readIdx,
  readNpy,
  writeNpy,
  writeSafetensors,
} from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ArrayHash } from '../src/array_hash.js'
import { shardChains } from '../src/shards.js'
import { runHere, scratch, start } from './real_host.js'

let { path, remove } = {} as Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  ;({ path, remove } = await scratch())
  for (const [target, name] of [
    ['double-peak', 'line'],
    ['ring', 'plane'],
  ]) {
    const options = ['--target', target!, '--units', '24', '--levels', '1', '--noise-min', '0.3', '--points', '2000']
    expect(await runHere(['train', ...options, '--out', path(name!)])).toMatchObject({ code: 0 })
  }
})
afterAll(() => remove())

async function ok(...args: string[]) {
  const { code, stdout, stderr } = await runHere([...args, '--json'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return JSON.parse(stdout)
}
const sample = (network: string, out: string, ...args: string[]) =>
  ok('sample', path(network), '--out', path(out), ...args)
const bytes = (name: string) => readFile(path(name))
const SHORT = ['--chains', '7', '--steps', '12', '--dt', '0.1', '--record-every', '4', '--seed', '5']

describe('sample', () => {
  test('.npz, .npy, .csv and .idx hold the draws that the library gives', async () => {
    const told = await sample('plane', 'draws.npz', ...SHORT, '--burn-in', '2', '--antithetic')
    const network = networkFromSafetensors(await bytes('plane'))
    await using engine = await createEngine({ workers: 1 })
    const settings = { chains: 7, steps: 12, dt: 0.1, recordEvery: 4, burnIn: 2, antithetic: true, seed: 5 }
    const draws = await engine.sample(network, settings)
    expect(told).toMatchObject({ shape: [7, 2, 2], sha256: draws.hash, seed: 5, complete: true, shard: null })
    const file = drawsFromNpz(await bytes('draws.npz'))
    expect(file).toMatchObject({ data: draws.data, states: draws.states, shard: null, partial: null })
    expect(file.provenance).toEqual(told.provenance)
    const { configuration } = draws.provenance
    expect(file.provenance?.configuration).toMatchObject({ ...configuration, network: { activation: 'relu' } })
    expect(file.provenance?.configuration['network']).toMatchObject({
      sha256: (
        await ok(
          'train',
          ...'--target ring --units 24 --levels 1 --noise-min 0.3 --points 2000 --out'.split(' '),
          path('again'),
        )
      ).sha256,
    })

    await sample('plane', 'draws.npy', ...SHORT, '--burn-in', '2', '--antithetic')
    expect(readNpy(await bytes('draws.npy'))).toMatchObject({ shape: [7, 2, 2], data: draws.data })
    await sample('plane', 'draws.idx', ...SHORT, '--burn-in', '2', '--antithetic')
    expect(readIdx(await bytes('draws.idx'))).toMatchObject({ shape: [7, 2, 2], dtype: 'float32', data: draws.data })
    await sample('plane', 'draws.csv', ...SHORT, '--burn-in', '2', '--antithetic')
    const [header, ...rows] = (await bytes('draws.csv')).toString().trim().split('\n')
    expect(header).toBe('chain,draw,x0,x1')
    const values = rows.flatMap((row) => row.split(',').slice(2).map(Number))
    expect(Float32Array.from(values)).toEqual(draws.data)
    expect(rows[3]).toMatch(/^1,1,/)
    expect((await readdir(path())).filter((name) => /unfinished|checkpoint/.test(name))).toEqual([])
  })

  test('other integrators, dynamics, evaluators and starts reach the library', async () => {
    const more = ['--integrator', 'euler-maruyama', '--dynamics', 'recurrent', '--start', 'uniform:-1,2']
    const { provenance } = await sample(
      'line',
      'other.npz',
      ...SHORT,
      ...more,
      '--changes',
      '6:dt=0.05; 9:temperature=0.5',
    )
    expect(provenance.configuration).toMatchObject({
      integrator: 'euler-maruyama',
      dynamics: 'recurrent',
      start: { kind: 'uniform', low: -1, high: 2 },
      changes: [
        { step: 6, dt: 0.05 },
        { step: 9, temperature: 0.5 },
      ],
    })
    const fast = await sample('line', 'other.npz', ...SHORT, '--evaluator', 'piecewise-linear')
    expect(fast.provenance.configuration).toMatchObject({ evaluator: 'piecewise-linear' })
  })

  test('from the states of a file it goes on with the bits of one go', async () => {
    const whole = await sample('plane', 'whole.npz', ...SHORT)
    await sample('plane', 'first.npz', '--chains', '7', '--steps', '8', '--dt', '0.1', '--seed', '5')
    const rest = ['--chains', '7', '--steps', '4', '--dt', '0.1', '--seed', '5', '--first-step', '8']
    const second = await sample('plane', 'second.npz', ...rest, '--start', path('first.npz'))
    expect(second.provenance.configuration.start).toMatchObject({ kind: 'states', sha256: expect.any(String) })
    expect(drawsFromNpz(await bytes('second.npz')).states).toEqual(drawsFromNpz(await bytes('whole.npz')).states)
    expect(whole.shape).toEqual([7, 3, 2])
    const { code, stderr } = await runHere([
      ...['sample', path('plane'), '--out', path('x.npz'), '--start', path('first.npz')],
      ...['--chains', '8', '--steps', '4', '--dt', '0.1'],
    ])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('[8, 2], a state for each chain') })
  })

  test('a network of the authors’ code takes its activation from the command line', async () => {
    const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.1) })
    const tensors = { 'W1.weight': tensor(1, 3), 'W2.weight': tensor(3, 1), 'W2.bias': tensor(3) }
    await writeFile(path('authors'), writeSafetensors(tensors))
    const one = await sample('authors', 'authors.npz', ...SHORT, '--activation', 'tanh')
    const other = await sample('authors', 'authors.npz', ...SHORT)
    expect(one.sha256).not.toBe(other.sha256)
    expect(one.provenance.configuration.network.activation).toBe('tanh')
    const samplers = { 'W.weight': tensor(1, 1), 'W.bias': tensor(1), gamma: tensor(1), sig: tensor(1, 1) }
    await writeFile(path('samplers'), writeSafetensors(samplers))
    expect((await runHere(['sample', path('samplers'), ...SHORT, '--out', path('x.npz')])).code).toBe(1)
    await sample('samplers', 'samplers.npz', ...SHORT, '--architecture', 'sampler-only-rate')
  })

  test.each<[string[], string]>([
    [['--steps', '1', '--dt', '0.1', '--out', 'x.npz'], '--chains'],
    [['--chains', '1', '--steps', '1', '--dt', '0.1'], '--out'],
    [[...SHORT, '--out', 'x.txt'], 'a name that ends with .npz, .npy, .csv'],
    [[...SHORT, '--out', 'x.csv', '--shard', '1/2'], 'a name that ends with .npz'],
    [[...SHORT, '--out', 'x.npz', '--shard', '3/2'], "--shard '3/2' is no part"],
    [[...SHORT, '--out', 'x.npz', '--shard', '1/8'], 'at most 7 parts'],
    [[...SHORT, '--out', 'x.npz', '--start', 'normal:1'], 'uniform:LOW,HIGH'],
    [[...SHORT, '--out', 'x.npz', '--changes', '6:dd=3'], '--changes'],
    [[...SHORT, '--out', 'x.npz', '--integrator', 'euler-maruyma'], 'did you mean euler-maruyama?'],
    [[...SHORT, '--out', 'x.npz', '--dt', '7'], '--dt is 7'],
    [[...SHORT, '--out', 'x.npz', '--chans', '7'], 'Did you mean --chains?'],
    [[...SHORT, '--uot=x.npz'], 'Did you mean --out?'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await runHere(['sample', path('line'), ...args])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
  })
})

describe('merge', () => {
  test('any parts in any order give the bytes of the whole run', { timeout: 300_000 }, async () => {
    const plans = fc.record({
      chains: fc.integer({ min: 1, max: 40 }),
      parts: fc.integer({ min: 1, max: 12 }),
      records: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(),
      workers: fc.integer({ min: 1, max: 3 }),
      antithetic: fc.boolean(),
      first: fc.constantFrom(0, 1, 100),
      network: fc.constantFrom('line', 'plane'),
      order: fc.infiniteStream(fc.nat()),
    })
    const check = async ({
      chains,
      records,
      seed,
      workers,
      antithetic,
      first,
      network,
      order,
      ...plan
    }: PlanOf<typeof plans>) => {
      const parts = Math.min(plan.parts, chains)
      const options = `--chains ${chains} --steps ${3 * records} --dt 0.1 --record-every 3 --seed ${seed} --first-chain ${first}`
      const common = [...options.split(' '), ...(antithetic ? ['--antithetic'] : [])]
      const whole = await sample(network, 'unbroken.npz', ...common, '--workers', '1')
      const files: string[] = []
      for (let index = 1; index <= parts; index++) {
        const shard = ['--shard', `${index}/${parts}`, '--workers', String(workers)]
        const part = await sample(network, `part${index}.npz`, ...common, ...shard)
        expect(part.shard).toEqual({ index, of: parts, chains })
        files.splice(order.next().value! % (files.length + 1), 0, path(`part${index}.npz`))
      }
      const merged = await ok('merge', ...files, '--out', path('merged.npz'))
      expect(merged).toMatchObject({ sha256: whole.sha256, shape: whole.shape, provenance: whole.provenance })
      expect((await bytes('merged.npz')).equals(await bytes('unbroken.npz'))).toBe(true)
      await ok('merge', ...files, '--out', path('merged.npy'))
      const { data } = drawsFromNpz(await bytes('unbroken.npz'))
      expect(readNpy(await bytes('merged.npy'))).toEqual({ shape: whole.shape, dtype: 'float32', data })
    }
    await fc.assert(fc.asyncProperty(plans, check), { numRuns: 12 })
  })

  test('a thousand parts', async () => {
    const whole = await sample(
      'plane',
      'thousand.npz',
      '--chains',
      '1500',
      '--steps',
      '4',
      '--dt',
      '0.1',
      '--seed',
      '1',
    )
    const { data, states, provenance } = drawsFromNpz(await bytes('thousand.npz'))
    const files: string[] = []
    for (let index = 1; index <= 1000; index++) {
      const { first, count } = shardChains(1500, { index, of: 1000 })
      const configuration = { ...provenance!.configuration, chains: count, firstChain: first }
      const cut = (values: Float32Array) => values.slice(2 * first, 2 * (first + count))
      const part: Draws = {
        data: cut(data),
        states: cut(states!),
        shape: [count, 1, 2],
        seed: 1,
        complete: true,
        blocks: [{ firstChain: 0, chains: count, steps: 1, draws: 1 }],
        rates: null,
        rateUnits: [],
        hash: '',
        ratesHash: null,
        provenance: { ...provenance!, configuration },
      }
      files.push(path(`of1000_${index}.npz`))
      await writeFile(files.at(-1)!, drawsToNpz(part, { index, of: 1000, chains: 1500 }))
    }
    const merged = await ok('merge', ...files, '--out', path('merged.npz'))
    expect(merged.sha256).toBe(whole.sha256)
    expect((await bytes('merged.npz')).equals(await bytes('thousand.npz'))).toBe(true)
  })

  test('shards tile the chains', () => {
    const runs = fc
      .integer({ min: 1, max: 2 ** 32 - 1 })
      .chain((chains) => fc.tuple(fc.constant(chains), fc.integer({ min: 1, max: Math.min(chains, 50) })))
    fc.assert(
      fc.property(runs, ([chains, of]) => {
        let next = 0
        for (let index = 1; index <= of; index++) {
          const { first, count } = shardChains(chains, { index, of })
          expect(first).toBe(next)
          expect(count).toBeGreaterThanOrEqual(1)
          next += count
        }
        expect(next).toBe(chains)
      }),
    )
  })

  describe('refuses', () => {
    const four = [1, 2, 3, 4].map((index) => `q${index}.npz`)
    beforeAll(async () => {
      for (const [i, name] of four.entries()) await sample('line', name, ...SHORT, '--shard', `${i + 1}/4`)
      await sample('line', 'seed.npz', ...SHORT.with(-1, '6'), '--shard', '2/4')
      await sample('plane', 'network.npz', ...SHORT, '--shard', '2/4')
      await sample('line', 'dt.npz', ...SHORT, '--dt', '0.2', '--shard', '2/4')
      await sample('line', 'five.npz', ...SHORT, '--shard', '2/5')
      await sample('line', 'none.npz', ...SHORT)
      await writeFile(path('array.npz'), writeNpy({ shape: [1], data: new Float32Array(1) }))
      const good = await bytes('q2.npz')
      await writeFile(path('cut.npz'), good.subarray(0, -100))
      const flipped = Buffer.from(good)
      flipped[170]! ^= 4
      await writeFile(path('flipped.npz'), flipped)
    })

    test.each<[string, string[], string]>([
      ['a missing part', ['q1.npz', 'q3.npz'], '2 of 4 parts are missing: 2/4, 4/4'],
      ['a part twice', [...four, 'q3.npz'], 'are both part 3/4'],
      ['another seed', ['q1.npz', 'seed.npz', 'q3.npz', 'q4.npz'], "seed.npz' is of another run"],
      ['another network', ['q1.npz', 'network.npz', 'q3.npz', 'q4.npz'], "network.npz' is of another run"],
      ['another step', ['dt.npz', 'q1.npz', 'q3.npz', 'q4.npz'], "dt.npz' is of another run"],
      ['another number of parts', ['q1.npz', 'five.npz', 'q3.npz', 'q4.npz'], 'number of parts is 5, not 4'],
      ['a whole run', ['none.npz'], "none.npz' is no part of a run"],
      ['another kind of file', ['array.npz'], 'array.npz'],
      ['a file cut short', ['q1.npz', 'cut.npz', 'q3.npz', 'q4.npz'], 'cut.npz'],
      ['a bit that fell over', ['q1.npz', 'flipped.npz', 'q3.npz', 'q4.npz'], 'flipped.npz'],
      ['a file that is not there', ['q1.npz', 'q9.npz'], "q9.npz': there is no such file"],
    ])('%s, by name', async (_what, files, message) => {
      const { code, stdout, stderr } = await runHere([
        'merge',
        ...files.map((file) => path(file)),
        '--out',
        path('never.npz'),
        '--json',
      ])
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) })
      expect(JSON.parse(stdout).error.message).toContain(message)
      expect((await readdir(path())).filter((name) => name.startsWith('never'))).toEqual([])
    })
  })

  test('the hash of pieces is the core’s', async () => {
    await using engine = await createEngine({ workers: 1 })
    const data = Float32Array.of(1, -0, Number.NaN, Infinity, -Infinity, 1e-45, 3)
    const bits = new Uint32Array(data.buffer)
    bits[6] = 0xffc12345
    const hash = new ArrayHash('float32', [7, 1]).update(data.slice(0, 2)).update(data.slice(2)).hex()
    expect(hash).toBe(await engine.hash({ shape: [7, 1], data }))
    expect(bits[6]).toBe(0xffc12345)
  })
})

type PlanOf<A> = A extends fc.Arbitrary<infer T> ? T : never

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  const long = [
    '--chains',
    '2000',
    '--steps',
    '20000',
    '--dt',
    '0.01',
    '--record-every',
    '2000',
    '--workers',
    '2',
    '--seed',
    '1',
  ]

  test('keeps what was drawn; resumed, the bits are those of one go', { timeout: 300_000 }, async () => {
    const args = [
      'sample',
      path('plane'),
      ...long,
      '--checkpoint-seconds',
      '0.2',
      '--json',
      '--out',
      path('broken.npz'),
    ]
    const { child, ended } = start(path(), args)
    while (!(await readdir(path())).includes('broken.npz.checkpoint.npz')) {
      expect(child.exitCode).toBe(null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    child.kill('SIGINT')
    const stopped = await ended
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toContain('--resume goes on')
    const told = JSON.parse(stopped.stdout)
    expect(told.complete).toBe(false)
    if (told.draws !== null) {
      const { shape, partial } = drawsFromNpz(await bytes('broken.npz'))
      expect(shape).toEqual(told.shape)
      expect(partial).toEqual({ blocks: told.blocks })
    }

    const resumed = await runHere([...args, '--resume'])
    expect(resumed).toMatchObject({ code: 0, stderr: expect.stringMatching(/Going on after \d+ chain-steps/) })
    const whole = await sample('plane', 'unbroken.npz', ...long)
    expect(JSON.parse(resumed.stdout).sha256).toBe(whole.sha256)
    const digest = async (name: string) =>
      createHash('sha256')
        .update(await bytes(name))
        .digest('hex')
    expect(await digest('broken.npz')).toBe(await digest('unbroken.npz'))
    expect((await readdir(path())).filter((name) => /checkpoint|unfinished/.test(name))).toEqual([])
  })

  test('an unfinished part is not merged', async () => {
    const abort = new AbortController()
    // Far longer than anyone waits, in short records, so that some are done soon wherever it runs.
    const endless = [
      '--chains',
      '2000',
      '--steps',
      '2000000',
      '--dt',
      '0.01',
      '--record-every',
      '1000',
      '--workers',
      '2',
    ]
    const out = ['--shard', '1/1', '--no-checkpoint', '--out', path('stopped.npz')]
    const running = runHere(['sample', path('plane'), ...endless, '--seed', '1', ...out], abort)
    setTimeout(() => abort.abort(), 1500)
    expect(await running).toMatchObject({ code: 130, stderr: expect.stringContaining('holds what was drawn') })
    const merged = await runHere(['merge', path('stopped.npz'), '--out', path('never.npz')])
    expect(merged).toMatchObject({ code: 1, stderr: expect.stringContaining('is unfinished') })
  })
})
