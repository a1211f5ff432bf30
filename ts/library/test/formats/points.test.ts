// Data of one's own: CSV, IDX and every other kind as points; what is wrong with them by row and column; damage of every kind.
import fc from 'fast-check'
import { gzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../src/errors.js'
import { readCsv, readIdx, readPoints, shortestSingle, writeCsv, writeIdx, writeNpy } from '../../src/formats/index.js'
import { damage, fixture } from './helpers.js'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const single = fc.float({ noNaN: true, noDefaultInfinity: true })
const tables = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) =>
    fc
      .array(single, { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ shape: [rows, columns], data: Float32Array.from(values) })),
  )

function rowsOf({ shape, data }: { shape: readonly number[]; data: Float32Array }): number[][] {
  const [rows, columns] = shape as [number, number]
  return Array.from({ length: rows }, (_, i) =>
    Array.from(data.subarray(i * columns, (i + 1) * columns), shortestSingle),
  )
}

/** An IDX file: type, extents, and the numbers' bytes. */
function idx(type: number, shape: readonly number[], body: ArrayLike<number>): Uint8Array {
  const extents = shape.flatMap((extent) => [extent >>> 24, (extent >>> 16) & 255, (extent >>> 8) & 255, extent & 255])
  return Uint8Array.from([0, 0, type, shape.length, ...extents, ...Array.from(body)])
}
const images = idx(0x08, [2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255])

function bigEndian(width: number, set: (view: DataView, at: number, value: number) => void, values: number[]) {
  const view = new DataView(new ArrayBuffer(width * values.length))
  values.forEach((value, i) => {
    set(view, width * i, value)
  })
  return new Uint8Array(view.buffer)
}

describe('CSV', () => {
  test.each<[string, string]>([
    ['plain', '1,2\n3,-4e-1\n'],
    ['names', 'x,y\n1,2\n3,-.4\n'],
    ['quoted, with carriage returns and a mark of its byte order', '\ufeff"x, first","y"\r\n"1","2"\r\n3,-0.4'],
    ['tabs', '1\t2\n3\t-0.4\n'],
    ['semicolons', 'x;y\n1; 2\n3;-0.4\n'],
    ['what savetxt of NumPy writes', '# x y\n1.0e+00 2.0e+00\n3.0e+00 -4.0e-01\n'],
    ['blank lines and several blanks', '\n 1   2\n\n3 -0.4 \n\n'],
  ])('reads %s', (_what, text) => {
    expect(readCsv(text)).toEqual({ shape: [2, 2], data: Float32Array.of(1, 2, 3, -0.4) })
    expect(readPoints(bytesOf(text))).toEqual(readCsv(text))
    expect(readPoints(gzipSync(bytesOf(text)))).toEqual(readCsv(text))
  })

  test('one column needs no delimiter', () =>
    expect(readCsv('x\n1\n2.5\n')).toEqual({ shape: [2, 1], data: Float32Array.of(1, 2.5) }))

  test('what is written comes back', () => {
    fc.assert(
      fc.property(tables, fc.boolean(), (table, named) => {
        const header = named ? Array.from({ length: table.shape[1]! }, (_, i) => `x, ${i}`) : null
        const { shape, data } = readCsv(writeCsv(header, rowsOf(table)))
        expect(shape).toEqual(table.shape)
        // Text knows -0.
        expect(new Uint32Array(data.buffer)).toEqual(new Uint32Array(table.data.map((value) => value + 0).buffer))
      }),
    )
  })

  test.each<[string, string, RegExp, string | undefined]>([
    ['nothing', '', /no numbers/, undefined],
    ['names alone', 'x,y\n', /no numbers/, undefined],
    ['a word', 'x,y\n1,2\n3,four\n', /row 3, column 2: 'four' is no number/, 'row 3, column 2'],
    ['a gap', '1,2\n,4\n', /row 2, column 1: '' is no number/, 'row 2, column 1'],
    ['hexadecimal', '1,0x10\n', /row 1, column 2: '0x10'/, 'row 1, column 2'],
    ['nan', '1,2\n3,nan\n', /row 2, column 2: NaN is not finite/, 'row 2, column 2'],
    ['too large', '1e39\n', /row 1, column 1: 1e\+39 is not finite/, 'row 1, column 1'],
    ['a short row', 'x,y\n1,2\n3\n', /row 3 has 1 columns, the first has 2/, 'row 3'],
    ['a long row', '1,2\n3,4,5\n', /row 2 has 3 columns/, 'row 2'],
    ['a quote that never ends', '1,"2\n3,4\n', /row 1, column 2/, 'row 1, column 2'],
  ])('refuses %s', (_what, text, message, argument) => {
    expect(() => readCsv(text)).toThrow(FormatError)
    expect(() => readCsv(text)).toThrow(message)
    expect(() => readCsv(text)).toThrow(expect.objectContaining({ argument }))
  })

  test('refuses bytes that are no text', () => expect(() => readPoints(Uint8Array.of(0x31, 0xff))).toThrow(/no text/))
})

describe('IDX', () => {
  const values = [-2, 1, 100]
  test.each<[string, number, ArrayLike<number>]>([
    ['int8', 0x09, Int8Array.from(values)],
    ['int16', 0x0b, bigEndian(2, (view, at, value) => view.setInt16(at, value), values)],
    ['int32', 0x0c, bigEndian(4, (view, at, value) => view.setInt32(at, value), values)],
    ['float32', 0x0d, bigEndian(4, (view, at, value) => view.setFloat32(at, value), values)],
    ['float64', 0x0e, bigEndian(8, (view, at, value) => view.setFloat64(at, value), values)],
  ])('reads %s', (dtype, type, body) => {
    const bytes = body instanceof Int8Array ? new Uint8Array(body.buffer) : body
    const array = readIdx(idx(type, [3], bytes))
    expect({ ...array, data: Array.from(array.data, Number) }).toEqual({ dtype, shape: [3], data: values })
  })

  test('what is written comes back, as the bytes that were there', () => {
    const arrays = [
      Uint8Array.of(0, 1, 255),
      Int8Array.of(-128, 0, 127),
      Int16Array.of(-2, 1, 300),
      Int32Array.of(-2, 1, 2 ** 20),
      Float32Array.of(-0.5, 1e-40, Number.NaN),
      Float64Array.of(Math.PI, -0, Number.POSITIVE_INFINITY),
    ]
    for (const data of arrays) {
      for (const shape of [[3], [1, 3], [3, 1, 1, 1, 1, 1, 1, 1]]) {
        expect(readIdx(writeIdx({ shape, data }))).toMatchObject({ shape, data })
      }
    }
    expect(writeIdx(readIdx(images))).toEqual(images)
  })

  test.each<[string, Parameters<typeof writeIdx>[0], RegExp]>([
    ['a type that it lacks', { shape: [1], data: Uint16Array.of(1) }, /no arrays of uint16/],
    ['another shape', { shape: [2], data: Uint8Array.of(1) }, /1 numbers are not those of a shape \[2\]/],
    ['no axis', { shape: [], data: Uint8Array.of(1) }, /expected|not those/],
  ])('refuses to write %s', (_what, array, message) => {
    expect(() => writeIdx(array)).toThrow(FormatError)
    expect(() => writeIdx(array)).toThrow(message)
  })

  test('images become points of pixels, gzipped or not', () => {
    expect(readIdx(images)).toMatchObject({ shape: [2, 2, 3], dtype: 'uint8' })
    const points = { shape: [2, 6], data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255) }
    expect(readPoints(images)).toEqual(points)
    expect(readPoints(gzipSync(images))).toEqual(points)
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /empty/],
    ['another beginning', Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 0), /no IDX/],
    ['an unknown type', idx(0x0a, [1], [1]), /unknown type of numbers 0x0a/],
    ['no axis', idx(0x08, [], [1]), /0 axes/],
    ['too many axes', idx(0x08, Array(9).fill(1), [1]), /9 axes/],
    ['a header cut short', images.subarray(0, 10), /inside its header/],
    ['numbers cut short', images.subarray(0, -1), /cut short \(11 bytes of numbers, \[2, 2, 3\] needs 12\)/],
    ['bytes after the last', Uint8Array.from([...images, 0]), /bytes follow/],
    ['a size that overflows', idx(0x0e, Array(3).fill(0xffffffff), []), /too many elements/],
    ['a cut gzip', gzipSync(images).subarray(0, -3), /gzip/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => readIdx(bytes)).toThrow(FormatError)
    expect(() => readIdx(bytes)).toThrow(message)
  })

  test('a bomb is refused before it is unpacked', () => {
    const bomb = gzipSync(new Uint8Array(20_000_000), { level: 9 })
    expect(() => readIdx(bomb, { maxBytes: 1_000_000 })).toThrow(/unpacked, the file has 20000000/)
    const view = new DataView(bomb.buffer, bomb.byteOffset + bomb.length - 8)
    view.setUint32(4, 1000, true)
    expect(() => readIdx(bomb)).toThrow(FormatError)
    view.setUint32(4, 0x7fffffff, true)
    expect(() => readIdx(bomb)).toThrow(/can't hold/)
  })
})

describe('points', () => {
  test('npy of any number of axes', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    for (const [shape, points] of [
      [[8], [8, 1]],
      [
        [4, 2],
        [4, 2],
      ],
      [
        [2, 2, 2],
        [2, 4],
      ],
    ]) {
      expect(readPoints(writeNpy({ shape: shape!, data }))).toEqual({ shape: points, data })
    }
    expect(readPoints(fixture('fortran.npy')).data).toEqual(readPoints(fixture('single.npy')).data)
  })

  test('npz: the only array, the one named, or draws as chain × draw points', () => {
    const file = zipSync({
      'a.npy': writeNpy({ shape: [2, 1], data: Float64Array.of(1, 0.1) }),
      'b.npy': writeNpy({ shape: [1, 2], data: BigInt64Array.of(3n, -4n) }),
    })
    expect(readPoints(file, { array: 'b' })).toEqual({ shape: [1, 2], data: Float32Array.of(3, -4) })
    expect(readPoints(file, { array: 'a' }).data).toEqual(Float32Array.of(1, 0.1))
    expect(() => readPoints(file)).toThrow(/2 arrays, and none is named/)
    expect(() => readPoints(file, { array: 'c' })).toThrow(
      expect.objectContaining({ value: 'c', expected: 'a [2, 1], b [1, 2]' }),
    )
    expect(readPoints(fixture('stored.npz')).shape).toEqual([12, 2])
    expect(readPoints(fixture('deflated.npz')).shape).toEqual([12, 2])
  })

  test.each<[string, () => Uint8Array, RegExp]>([
    ['an empty file', () => new Uint8Array(), /is empty/],
    ['no points', () => writeNpy({ shape: [0, 3], data: new Float32Array() }), /has no points/],
    ['a scalar', () => fixture('scalar.npy'), /has no points/],
    [
      'infinity',
      () => writeNpy({ shape: [2, 2], data: Float32Array.of(1, 2, 3, Infinity) }),
      /point 2, column 2: Infinity/,
    ],
    ['a double too large', () => writeNpy({ shape: [1], data: Float64Array.of(1e300) }), /point 1, column 1: 1e\+300/],
    ['whole numbers too large', () => writeNpy({ shape: [1], data: BigInt64Array.of(2n ** 60n) }), /may not hold/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => readPoints(bytes())).toThrow(FormatError)
    expect(() => readPoints(bytes())).toThrow(message)
  })

  test('an array can only be named in an .npz', () =>
    expect(() => readPoints(images, { array: 'a' })).toThrow(expect.objectContaining({ argument: 'array' })))

  test('any damage gives points or a FormatError', () => {
    const files = fc.constantFrom(
      images,
      gzipSync(images),
      bytesOf('x,y\n1,2\n3,4.5e-3\n"5",6\n'),
      fixture('integers.npz'),
      fixture('big_endian.npy'),
    )
    fc.assert(
      fc.property(files.chain(damage), (bytes) => {
        try {
          const { shape, data } = readPoints(bytes, { maxBytes: 10_000_000 })
          expect(shape[0]! * shape[1]!).toBe(data.length)
          expect(data.every(Number.isFinite)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
