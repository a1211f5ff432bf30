// What the tests of the file formats share: fixtures, and generators of networks and draws.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Architecture, Draws, Network, Tensor } from '../../src/types.js'

export const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)))

const finite = fc.float({ noNaN: true, noDefaultInfinity: true })

function tensor(...shape: number[]): fc.Arbitrary<Tensor> {
  const count = shape.reduce((a, b) => a * b, 1)
  return fc
    .array(finite, { minLength: count, maxLength: count })
    .map((data) => ({ shape, data: Float32Array.from(data) }))
}

// JSON knows no negative zero; a report has no use for one.
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0)

const confinement = fc.record({
  confined: fc.boolean(),
  radius: number(0, 1e3),
  rays: fc.nat(1000),
  radii: fc.array(number(0, 1e3), { maxLength: 4 }),
  outwardDrift: fc.array(number(-1, 1), { maxLength: 4 }),
  asymptoticSlope: fc.option(number(-1, 1)),
  anchorWeight: number(0, 1),
  warning: fc.option(fc.string({ unit: 'grapheme' })),
})

const provenance = fc.record({
  streamVersion: fc.constant(1),
  seed: fc.nat(),
  configuration: fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
    fc.oneof(fc.nat(), fc.string(), fc.boolean()),
  ),
})

export const networks: fc.Arbitrary<Network> = fc
  .record({
    architecture: fc.constantFrom<Architecture>('reservoir-sampler', 'sampler-only-rate', 'sampler-only-current'),
    activation: fc.constantFrom('relu' as const, 'tanh' as const, 'softplus' as const, 'sigmoid' as const),
    n: fc.integer({ min: 1, max: 3 }),
    m: fc.integer({ min: 1, max: 6 }),
    confinement: fc.option(confinement),
    provenance: fc.option(provenance),
  })
  .chain(({ architecture, activation, n, m, confinement, provenance }) => {
    const reservoir = architecture === 'reservoir-sampler'
    const tensors: fc.Arbitrary<Record<string, Tensor>> = reservoir
      ? fc.record({ 'W1.weight': tensor(n, m), 'W2.weight': tensor(m, n), 'W2.bias': tensor(m) })
      : fc.record({ 'W.weight': tensor(n, n), 'W.bias': tensor(n), gamma: tensor(n), sig: tensor(n, n) })
    return tensors.map((tensors) => ({
      architecture,
      activation,
      dimension: n,
      units: reservoir ? m : n,
      tensors,
      confinement,
      provenance,
    }))
  })

export const drawsArbitrary: fc.Arbitrary<Draws> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), provenance)
  .chain(([chains, count, n, provenance]) =>
    fc
      .tuple(tensor(chains, count, n), tensor(chains, n), tensor(chains, count, 2), fc.boolean())
      .map(([draws, states, rates, some]) => ({
        data: draws.data,
        shape: [chains, count, n] as const,
        seed: provenance.seed,
        states: states.data,
        complete: true,
        blocks: [{ firstChain: 0, chains, steps: count, draws: count }],
        rates: some ? rates.data : null,
        rateUnits: some ? [7, 0] : [],
        hash: '',
        ratesHash: null,
        provenance,
      })),
  )

/** Cuts a file short, flips bits in it, or puts numbers of all sizes where its own stood. */
export const damage = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.nat(bytes.length).map((length) => bytes.slice(0, length)),
    fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(7)), { minLength: 1, maxLength: 6 }).map((flips) => {
      const copy = bytes.slice()
      for (const [at, bit] of flips) copy[at]! ^= 1 << bit
      return copy
    }),
    fc
      .tuple(
        fc.nat(Math.max(0, bytes.length - 4)),
        fc.constantFrom(0, 0x7f, 0x80, 0xff),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([at, value, length]) => bytes.slice().fill(value, at, at + length)),
    fc.tuple(fc.nat(bytes.length), fc.uint8Array({ maxLength: 8 })).map(([at, extra]) => {
      return Uint8Array.from([...bytes.subarray(0, at), ...extra, ...bytes.subarray(at)])
    }),
  )
