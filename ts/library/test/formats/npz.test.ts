// npy and npz: files of NumPy, round trips, exact bytes in every time zone, bombs, and damage of every kind.
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../src/errors.js'
import { DrawsWriter, drawsFromNpz, drawsToNpz, readNpy, readNpz, writeNpy, writeNpz } from '../../src/formats/index.js'
import { readZip } from '../../src/formats/zip.js'
import { writeZip } from '../../src/formats/zip_writer.js'
import { damage, drawsArbitrary, fixture } from './helpers.js'

const expected = Float32Array.from({ length: 24 }, (_, i) => i / 8)

/** A version 1 array with the header text given, and so many bytes of numbers. */
function npy(header: string, bytes = 0): Uint8Array {
  const text = new TextEncoder().encode(header)
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...text,
    ...new Uint8Array(bytes),
  ])
}

describe('npy', () => {
  test.each(['single.npy', 'fortran.npy', 'big_endian.npy'])('reads %s of NumPy', (name) => {
    const { shape, data } = readNpy(fixture(name))
    expect(shape).toEqual([4, 3, 2])
    expect(Float32Array.from(data, Number)).toEqual(expected)
  })

  test('reads what Node reads from files, wherever it lies in memory', () => {
    for (const offset of [0, 1, 2, 3]) {
      const buffer = Buffer.concat([Buffer.alloc(offset), fixture('single.npy')]).subarray(offset)
      expect(readNpy(buffer)).toEqual(readNpy(fixture('single.npy')))
      expect(new Uint8Array(readNpy(buffer).data.buffer)).toHaveLength(24 * 4)
    }
  })

  test('reads scalars and vectors', () => {
    expect(readNpy(fixture('scalar.npy'))).toEqual({ shape: [], dtype: 'float32', data: Float32Array.of(2.5) })
    expect(readNpy(fixture('vector.npy'))).toEqual({ shape: [5], dtype: 'uint8', data: Uint8Array.of(0, 1, 2, 3, 4) })
  })

  test('writes the bytes that NumPy writes', () => {
    for (const name of ['single.npy', 'scalar.npy', 'vector.npy']) {
      expect(writeNpy(readNpy(fixture(name)))).toEqual(fixture(name))
    }
  })

  test('reads integers of every width, either byte order and bool', () => {
    const { arrays } = readNpz(fixture('integers.npz'))
    expect([...arrays.keys()]).toHaveLength(10)
    for (const [name, { shape, dtype, data }] of arrays) {
      expect([name, dtype]).toEqual([name, name.replace('_big', '')])
      const least = name.startsWith('int') ? -2 : 0
      expect([name, shape, Array.from(data, Number)]).toEqual([
        name,
        [3],
        dtype === 'bool' ? [0, 1, 1] : [least, 1, 100],
      ])
      if (name === dtype && name !== 'bool') expect(readNpy(writeNpy({ shape, data }))).toEqual({ shape, dtype, data })
    }
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /empty/],
    ['another magic', new Uint8Array(64), /no .npy array/],
    ['a structured dtype', fixture('structured.npy'), /not one of a plain array/],
    ['pickled objects', fixture('objects.npy'), /not one of a plain array|can't be read/],
    ['numbers cut short', fixture('single.npy').subarray(0, -1), /bytes of numbers/],
    [
      'a shape that overflows',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }"),
      /too many/,
    ],
    ['a key twice', npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4), /plain array/],
    ['a missing key', npy("{'descr': '<f4', 'shape': (), }", 4), /plain array/],
    ['an expression', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1+1,), }", 8), /plain array/],
    ['a header of blanks', npy(`{${' '.repeat(9000)}`), /plain array/],
    ['a header beyond the end', fixture('single.npy').subarray(0, 40), /doesn't fit/],
    ['version 9', Uint8Array.from([...fixture('single.npy').subarray(0, 6), 9, 0, 0, 0, 0, 0]), /unknown version 9/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(FormatError)
    expect(() => readNpy(bytes)).toThrow(message)
  })

  test('any damage gives a value or a FormatError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('single.npy', 'fortran.npy', 'vector.npy').chain((name) => damage(fixture(name))),
        (bytes) => {
          try {
            readNpy(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('npz of draws', () => {
  test.each(['stored.npz', 'deflated.npz'])('reads %s of NumPy', (name) => {
    const draws = drawsFromNpz(fixture(name))
    expect(draws).toEqual({
      data: expected,
      rates: null,
      rateUnits: [],
      shape: [4, 3, 2],
      states: null,
      provenance: null,
      shard: null,
      partial: null,
    })
  })

  test('the container is what fflate writes for stored entries', () => {
    const entries = fc.dictionary(
      fc.string({ unit: 'grapheme', maxLength: 6 }).filter((name) => !/^\d|^__/.test(name)),
      fc.uint8Array(),
    )
    fc.assert(
      fc.property(entries, (files) => {
        expect(writeZip(files)).toEqual(zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) }))
        expect(Object.fromEntries(readZip(writeZip(files), { entries: 100, bytes: 1e6 }))).toEqual(files)
      }),
    )
  })

  test('arrays of any type come back by name', () => {
    const arrays = {
      rates: { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
      trial: { shape: [2], data: Int32Array.of(7, 8) },
    }
    const { arrays: back, others } = readNpz(writeNpz(arrays))
    expect([...back]).toEqual([
      ['rates', { ...arrays.rates, dtype: 'float64' }],
      ['trial', { ...arrays.trial, dtype: 'int32' }],
    ])
    expect(others.size).toBe(0)
    expect(() => writeNpz({ rates: { shape: [3], data: Float64Array.of(1) } })).toThrow(FormatError)
  })

  test('other arrays of a file are there, too', () => {
    const { arrays } = readNpz(fixture('deflated.npz'))
    expect(arrays.get('other')).toEqual({ shape: [3], dtype: 'int32', data: Int32Array.of(0, 1, 2) })
  })

  test('come back as they were', () => {
    fc.assert(
      fc.property(drawsArbitrary, (draws) => {
        const { data, shape, states, rates, rateUnits, provenance } = draws
        const back = { data, shape, states, rates, rateUnits, provenance }
        expect(drawsFromNpz(drawsToNpz(draws))).toEqual({ ...back, shard: null, partial: null })
        const shard = { index: 2, of: 3, chains: 10 }
        expect(drawsFromNpz(drawsToNpz(draws, shard))).toEqual({ ...back, shard, partial: null })
        const blocks = [{ firstChain: 0, chains: 2, steps: 5, draws: 1 }]
        const stopped = drawsToNpz({ ...draws, complete: false, blocks })
        expect(drawsFromNpz(stopped)).toEqual({ ...back, shard: null, partial: { blocks } })
      }),
    )
  })

  test('written chain by chain, they have the same bytes', () => {
    fc.assert(
      fc.property(drawsArbitrary, ({ data, shape, states, rates, provenance, ...rest }) => {
        const [chains, count, n] = shape
        const pieces: [number, Uint8Array][] = []
        const write = (bytes: Uint8Array, at: number) => pieces.push([at, bytes.slice()])
        const writer = new DrawsWriter(shape, { provenance }, write, rest.rateUnits)
        const k = count * rest.rateUnits.length
        for (let c = 0; c < chains; c++) {
          writer.add({
            data: data.slice(c * count * n, (c + 1) * count * n),
            states: states.slice(c * n, (c + 1) * n),
            rates: rates === null ? null : rates.slice(c * k, (c + 1) * k),
          })
        }
        writer.end()
        const file = new Uint8Array(writer.bytes)
        for (const [at, bytes] of pieces) file.set(bytes, at)
        expect(file).toEqual(drawsToNpz({ data, shape, states, rates, provenance, ...rest }))
      }),
    )
    const one = { data: new Float32Array(1), states: new Float32Array(1), rates: null }
    const documents = { provenance: { streamVersion: 1, seed: 0, configuration: {} } }
    const two = new DrawsWriter([2, 1, 1], documents, () => undefined)
    two.add(one)
    expect(() => two.end()).toThrow(/shorter than was said/)
    two.add(one)
    expect(() => two.add(one)).toThrow(/longer than was said/)
    expect(() => new DrawsWriter([2 ** 20, 2 ** 10, 1], documents, () => undefined)).toThrow(FormatError)
  })

  test.each([
    { shape: [1, 2, 1], data: new Float32Array(2) },
    { shape: [1, 1, 2], data: new Float32Array(2) },
  ])('refuses rates of shape $shape of one draw and one unit', (rates) => {
    const arrays = {
      draws: { shape: [1, 1, 1], data: new Float32Array(1) },
      rates,
      rate_units: { shape: [1], data: Int32Array.of(3) },
    }
    const entries = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)])
    expect(() => drawsFromNpz(zipSync(Object.fromEntries(entries)))).toThrow(/'rates' has shape/)
  })

  test.each([
    [[1]],
    [{ index: 0, of: 1, chains: 1 }],
    [{ index: 2, of: 1, chains: 1 }],
    [{ index: 1, of: 2, chains: 1 }],
    [{ index: 1, of: 1.5, chains: 2 }],
  ])('refuses the shard %j', (shard) => {
    const draws = writeNpy({ shape: [1, 1, 1], data: new Float32Array(1) })
    const bytes = zipSync({ 'draws.npy': draws, 'shard.json': new TextEncoder().encode(JSON.stringify(shard)) })
    expect(() => drawsFromNpz(bytes)).toThrow(/no part of a run/)
  })

  test('have the same bytes whatever the time zone', () => {
    const [draws] = fc.sample(drawsArbitrary, { numRuns: 1, seed: 1 })
    const home = process.env['TZ']
    const files = ['UTC', 'Pacific/Kiritimati', 'America/Adak', 'Asia/Kolkata'].map((zone) => {
      process.env['TZ'] = zone
      return Buffer.from(drawsToNpz(draws!)).toString('hex')
    })
    if (home === undefined) delete process.env['TZ']
    else process.env['TZ'] = home
    expect(new Set(files).size).toBe(1)
    // 1980-01-01 00:00:00 in the DOS format, at the place of the local header.
    expect(files[0]!.slice(20, 28)).toBe('00002100')
  })

  test.each([[[]], [{}], [{ blocks: [{ firstChain: 0, chains: 1, steps: 0.5, draws: 0 }] }]])(
    'refuses to be partial as %j',
    (partial) => {
      const draws = writeNpy({ shape: [1, 1, 1], data: new Float32Array(1) })
      const bytes = zipSync({ 'draws.npy': draws, 'partial.json': new TextEncoder().encode(JSON.stringify(partial)) })
      expect(() => drawsFromNpz(bytes)).toThrow(/does not tell how far/)
    },
  )

  test('[chain, draw] counts as one dimension', () => {
    const bytes = zipSync({ 'draws.npy': writeNpy({ shape: [2, 3], data: new Float32Array(6) }) })
    expect(drawsFromNpz(bytes).shape).toEqual([2, 3, 1])
  })

  test.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['no draws', { 'other.npy': writeNpy({ shape: [1], data: new Float32Array(1) }) }, /no array 'draws'/],
    [
      'draws of rank 1',
      { 'draws.npy': writeNpy({ shape: [1], data: new Float32Array(1) }) },
      /'draws' has shape \[1\]/,
    ],
    [
      'no draws at all',
      { 'draws.npy': writeNpy({ shape: [0, 1, 1], data: new Float32Array(0) }) },
      /has shape \[0, 1, 1\]/,
    ],
    ['whole numbers', { 'draws.npy': writeNpy({ shape: [1, 1, 1], data: new Int32Array(1) }) }, /dtype int32/],
    [
      'states of other chains',
      {
        'draws.npy': writeNpy({ shape: [2, 1, 1], data: new Float32Array(2) }),
        'states.npy': writeNpy({ shape: [1, 1], data: new Float32Array(1) }),
      },
      /'states' has shape/,
    ],
  ])('refuses %s', (_what, entries, message) => {
    expect(() => drawsFromNpz(zipSync(entries))).toThrow(FormatError)
    expect(() => drawsFromNpz(zipSync(entries))).toThrow(message)
  })

  test('a bomb is refused before it is unpacked', () => {
    const bomb = zipSync({ 'draws.npy': new Uint8Array(50_000_000) }, { level: 9 })
    expect(bomb.length).toBeLessThan(100_000)
    expect(() => drawsFromNpz(bomb, { maxBytes: 1_000_000 })).toThrow(/unpacked, the entries/)
    // One that claims to be small is stopped at the size that it claims.
    const view = new DataView(bomb.buffer, bomb.byteOffset)
    const directory = view.getUint32(bomb.length - 22 + 16, true)
    view.setUint32(directory + 24, 1000, true)
    expect(() => drawsFromNpz(bomb, { maxBytes: 1_000_000 })).toThrow(FormatError)
    // One that claims more than DEFLATE can hold is not even tried.
    view.setUint32(directory + 24, 0x7fff0000, true)
    expect(() => drawsFromNpz(bomb)).toThrow(/can't hold/)
  })

  test('too many entries, an entry twice, damaged numbers', () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`${i}`, new Uint8Array(1)]))
    expect(() => readNpz(zipSync(many))).toThrow(/65 entries are too many/)
    const twice = zipSync({ aa: new Uint8Array(1), ab: new Uint8Array(1) })
    const at = twice.lastIndexOf('b'.charCodeAt(0))
    twice[at] = 'a'.charCodeAt(0)
    expect(() => readNpz(twice)).toThrow(/occurs twice/)
    const damaged = fixture('stored.npz').slice()
    damaged[damaged.length - 150]! ^= 1
    expect(() => drawsFromNpz(damaged)).toThrow(/CRC-32 differs/)
  })

  test('any damage gives a value or a FormatError', () => {
    const files = fc.oneof(
      drawsArbitrary.map((draws) => drawsToNpz(draws)),
      fc.constantFrom(fixture('stored.npz'), fixture('deflated.npz')),
    )
    fc.assert(
      fc.property(files.chain(damage), (bytes) => {
        try {
          drawsFromNpz(bytes, { maxBytes: 10_000_000 })
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
