// `sample --rates`: firing rates in the file, in parts that make the whole, in CSV; lists of units, and mistakes in them.
import { readFile } from 'node:fs/promises'
import { drawsFromNpz } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wholeRanges } from '../src/options.js'
import { runHere, scratch } from './real_host.js'

let { path, remove } = {} as Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  ;({ path, remove } = await scratch())
  const options = ['--target', 'ring', '--units', '24', '--levels', '1', '--noise-min', '0.3', '--points', '2000']
  expect(await runHere(['train', ...options, '--out', path('network')])).toMatchObject({ code: 0 })
})
afterAll(() => remove())

const RUN = [
  '--chains',
  '7',
  '--steps',
  '24',
  '--dt',
  '0.1',
  '--record-every',
  '4',
  '--seed',
  '5',
  '--rates',
  '3,20-22',
]

async function ok(...args: string[]) {
  const { code, stdout, stderr } = await runHere([...args, '--json'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return JSON.parse(stdout)
}
const sample = (out: string, ...args: string[]) => ok('sample', path('network'), '--out', path(out), ...RUN, ...args)

describe('rates', () => {
  test('are in the file, and so is what they are of', async () => {
    const told = await sample('draws.npz')
    const { rates, rateUnits, provenance } = drawsFromNpz(await readFile(path('draws.npz')))
    expect(rateUnits).toEqual([3, 20, 21, 22])
    expect(rates).toHaveLength(7 * 6 * 4)
    expect(provenance?.configuration['rates']).toEqual([3, 20, 21, 22])
    const inspected = await ok('inspect', path('draws.npz'))
    const found = Object.fromEntries(inspected.arrays.map((row: { name: string }) => [row.name, row]))
    expect(found.rates).toMatchObject({ shape: [7, 6, 4], sha256: told.rates.sha256 })
    expect(found.rate_units).toMatchObject({ dtype: 'int32', shape: [4] })
    expect(told.rates.units).toEqual([3, 20, 21, 22])
  })

  test('of parts make those of the whole, bit for bit', async () => {
    await sample('whole.npz')
    for (const part of [1, 2, 3]) await sample(`part${part}.npz`, '--shard', `${part}/3`)
    await ok('merge', ...[3, 1, 2].map((part) => path(`part${part}.npz`)), '--out', path('merged.npz'))
    expect((await readFile(path('merged.npz'))).equals(await readFile(path('whole.npz')))).toBe(true)
  })

  test('are columns of a CSV', async () => {
    await sample('draws.csv')
    const [header, first] = (await readFile(path('draws.csv'), 'utf8')).split('\n')
    expect(header).toBe('chain,draw,x0,x1,r3,r20,r21,r22')
    await sample('draws.npz')
    const { rates } = drawsFromNpz(await readFile(path('draws.npz')))
    expect(
      first!
        .split(',')
        .slice(4)
        .map((text) => Math.fround(Number(text))),
    ).toEqual([...rates!.subarray(0, 4)])
  })

  test.each([
    [['--rates', '0,24'], '--rates is 24; expected different units from 0 to 23'],
    [['--rates', '5-3'], "--rates '5-3' is no list of whole numbers"],
    [['--rates', '1,,2'], 'such as 0,5,9 or 0-31'],
    [['--rates', '1,1'], '--rates is 1; expected different units'],
    [['--out', 'x.npy'], 'a name that ends with .npz, .csv'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await runHere(['sample', path('network'), '--out', path('x.npz'), ...RUN, ...args])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
  })

  test('lists of units are ranges and numbers', () => {
    expect(wholeRanges('--rates')(' 0, 5 ,9-11')).toEqual([0, 5, 9, 10, 11])
    expect(wholeRanges('--rates')('7-7')).toEqual([7])
  })
})
