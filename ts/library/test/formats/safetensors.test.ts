// safetensors: files of the reference implementation, round trips, exact bytes, and damage of every kind.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../src/errors.js'
import {
  networkFromSafetensors,
  networkToSafetensors,
  readSafetensors,
  writeSafetensors,
} from '../../src/formats/index.js'
import { damage, fixture, networks } from './helpers.js'

/** A file with the header given, and so many bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}
const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: offsets })

describe('reading files of the reference implementation', () => {
  test('widens half precision exactly and rounds double precision', () => {
    const { tensors, metadata } = readSafetensors(fixture('dtypes.safetensors'))
    const exact = Float32Array.of(0, -0, 1, -2.5, 0.15625, 384)
    for (const name of ['single', 'double', 'half']) expect(tensors.get(name)?.data).toEqual(exact)
    expect(Object.fromEntries(metadata)).toEqual({ note: 'naïve ✓', empty: '' })
  })

  test('knows the limits of half precision', () => {
    const { data } = readSafetensors(fixture('half_limits.safetensors')).tensors.get('half')!
    expect([...data]).toEqual([65504, 2 ** -24, 2 ** -14, Infinity, -Infinity, NaN])
  })

  test('reads bfloat16', () => {
    const bytes = file({ a: entry([2], [0, 4], 'BF16') }, 4)
    bytes.set([0x80, 0x3f, 0x20, 0xc0], bytes.length - 4)
    expect([...readSafetensors(bytes).tensors.get('a')!.data]).toEqual([1, -2.5])
  })

  test('refuses whole numbers by name', () => {
    expect(() => readSafetensors(fixture('whole_numbers.safetensors'))).toThrow(/"whole" has dtype "I64"/)
  })
})

describe('networks', () => {
  test('a state dictionary of the authors tells its architecture by its names', () => {
    const network = networkFromSafetensors(fixture('authors_reservoir.safetensors'))
    expect(network).toMatchObject({ architecture: 'reservoir-sampler', activation: 'relu', dimension: 2, units: 5 })
    expect(network).toMatchObject({ confinement: null, provenance: null })
    expect(Object.keys(network.tensors)).toEqual(['J', 'W1.weight', 'W2.bias', 'W2.weight'])
    expect(networkFromSafetensors(fixture('authors_reservoir.safetensors'), { activation: 'tanh' }).activation).toBe(
      'tanh',
    )
  })

  test('a sampler-only one needs to be told which of the two it is', () => {
    const bytes = fixture('authors_sampler.safetensors')
    expect(() => networkFromSafetensors(bytes)).toThrow(/name the architecture/)
    expect(networkFromSafetensors(bytes, { architecture: 'sampler-only-rate' })).toMatchObject({
      dimension: 1,
      units: 1,
    })
  })

  test('come back as they were, and equal values give equal bytes', () => {
    fc.assert(
      fc.property(networks, (network) => {
        const bytes = networkToSafetensors(network)
        const back = networkFromSafetensors(bytes)
        expect(back).toEqual(network)
        expect(networkToSafetensors(back)).toEqual(bytes)
      }),
    )
  })

  test('the caller cannot contradict the metadata', () => {
    const network = networkFromSafetensors(fixture('authors_reservoir.safetensors'))
    const bytes = networkToSafetensors(network)
    expect(() => networkFromSafetensors(bytes, { activation: 'tanh' })).toThrow(/the file says activation relu/)
    expect(() => networkFromSafetensors(bytes, { architecture: 'sampler-only-rate' })).toThrow(FormatError)
  })

  test.each([
    ['a foreign tensor', { 'W2.weightx': [2] }, /no tensor "W2.weightx"/],
    ['a wrong shape', { 'W2.bias': [3] }, /W2.bias has shape \[3\]/],
    ['a rank too many', { 'W1.weight': [1, 2, 1] }, /W1.weight has shape/],
  ])('refuse %s', (_what, change: Record<string, number[]>, message) => {
    const shapes: Record<string, number[]> = { 'W1.weight': [1, 2], 'W2.weight': [2, 1], 'W2.bias': [2], ...change }
    const tensors = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        { shape, data: new Float32Array(shape.reduce((a, b) => a * b)) },
      ]),
    )
    expect(() => networkFromSafetensors(writeSafetensors(tensors))).toThrow(message)
  })

  test('refuse NaN, no units, and names of no architecture', () => {
    const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) })
    const square = { shape: [1, 1], data: Float32Array.of(1) }
    const sampler = { 'W.weight': square, 'W.bias': one(NaN), gamma: one(1), sig: square }
    const options = { architecture: 'sampler-only-current' } as const
    expect(() => networkFromSafetensors(writeSafetensors(sampler), options)).toThrow(/W.bias holds NaN at 0/)
    const none = { shape: [0, 0], data: new Float32Array() }
    expect(() => networkFromSafetensors(writeSafetensors({ ...sampler, 'W.weight': none }), options)).toThrow(
      /no units/,
    )
    expect(() => networkFromSafetensors(writeSafetensors({ other: square }))).toThrow(/of no known architecture/)
    expect(() => networkFromSafetensors(writeSafetensors({}))).toThrow(/\(none\)/)
  })

  test('bad metadata is refused', () => {
    const tensors = networkFromSafetensors(fixture('authors_reservoir.safetensors')).tensors
    for (const metadata of [
      { architecture: 'perceptron' },
      { activation: 'gelu' },
      { confinement: '{}' },
      { confinement: 'nonsense' },
      { provenance: '{"seed":1}' },
      { provenance: '[]' },
    ]) {
      expect(() => networkFromSafetensors(writeSafetensors(tensors, metadata as Record<string, string>))).toThrow(
        FormatError,
      )
    }
  })
})

describe('the container', () => {
  test('is written to these very bytes', () => {
    const bytes = writeSafetensors(
      { b: { shape: [], data: Float32Array.of(1) }, a: { shape: [0], data: new Float32Array() } },
      { z: '1', y: '2' },
    )
    const header =
      '{"__metadata__":{"y":"2","z":"1"},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded)
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 128, 63])
  })

  test('reads from a view that starts at an odd byte', () => {
    const bytes = fixture('dtypes.safetensors')
    const shifted = new Uint8Array(bytes.length + 3).subarray(3)
    shifted.set(bytes)
    expect(readSafetensors(shifted).tensors.get('double')).toEqual(readSafetensors(bytes).tensors.get('double'))
  })

  const huge = new Uint8Array(16)
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true)
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /cut short or empty/],
    ['a header of 2⁶³ bytes', huge, /too large/],
    ['a header beyond the end', fixture('dtypes.safetensors').subarray(0, 40), /ends inside its header/],
    ['a header that is no object', file('[1]'), /doesn't start with/],
    ['JSON cut short', file('{"a":'), /no valid JSON/],
    ['bad UTF-8', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff]), /no valid JSON/],
    ['very deep JSON', file(`{"a":${'['.repeat(200_000)}`), /no valid JSON/],
    ['data cut short', fixture('dtypes.safetensors').subarray(0, -1), /cut short/],
    ['bytes at the end', file({ a: entry([1], [0, 4]) }, 5), /bytes follow/],
    ['a gap', file({ a: entry([1], [4, 8]) }, 8), /a gap/],
    ['an overlap', file({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, 8), /another ends later/],
    ['a shape that overflows', file({ a: entry([2 ** 40, 2 ** 40], [0, 0]) }), /too many elements/],
    ['a negative extent', file({ a: entry([-1], [0, 4]) }, 4), /no valid shape/],
    ['a fractional offset', file({ a: entry([1], [0.5, 4.5]) }, 5), /no valid data_offsets/],
    ['offsets of another size', file({ a: entry([1], [0, 8]) }, 8), /has 8 bytes where/],
    ['a dtype called like a method', file({ a: entry([0], [0, 0], 'toString') }), /has dtype "toString"/],
    ['metadata that is a number', file({ __metadata__: { a: 1 } }), /is no text/],
    ['an entry that is a number', file({ a: 1 }), /not described/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(FormatError)
    expect(() => readSafetensors(bytes)).toThrow(message)
  })

  test('a tensor called __proto__ is a tensor', () => {
    const { tensors } = readSafetensors(file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4))
    expect([...tensors.keys()]).toEqual(['__proto__'])
  })

  test('any damage gives a value or a FormatError', () => {
    const files = fc.oneof(
      networks.map(networkToSafetensors),
      fc.constantFrom(fixture('authors_reservoir.safetensors'), fixture('dtypes.safetensors')),
    )
    fc.assert(
      fc.property(files.chain(damage), (bytes) => {
        try {
          networkFromSafetensors(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
