// Principal components, projections and nearest points through the engine: the oracle's numbers, equal bits, refusals.
import { readFileSync } from 'node:fs'
import type { Engine, PrincipalComponents, Tensor } from 'langevin-rnn'
import { createEngine, InvalidArgumentError, MemoryBudgetError } from 'langevin-rnn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejected } from './helpers.js'

interface Case {
  name: string
  d: number
  n: number
  x: number[]
  total: number
  components: number[]
  projected: number[]
  reconstructed: number[]
}
const oracle = JSON.parse(
  readFileSync(new URL('../../../test/oracle/principal_components.json', import.meta.url), 'utf8'),
) as { cases: Case[]; nearest: { n: number; x: number[]; y: number[]; index: number[] } }
const tensor = (values: readonly number[], n: number): Tensor => ({
  shape: [values.length / n, n],
  data: Float32Array.from(values),
})
const close = (found: ArrayLike<number>, expected: readonly number[], tolerance: number) => {
  const scale = Math.max(...expected.map(Math.abs))
  expect(found).toHaveLength(expected.length)
  expect(Math.max(...expected.map((value, i) => Math.abs(found[i]! - value)))).toBeLessThan(tolerance * scale)
}

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 2 })
})
afterAll(() => engine.dispose())

describe('principal components', () => {
  test.each(oracle.cases)('$name: as NumPy has them', async ({ d, n, x, ...expected }) => {
    const points = tensor(x, d)
    const found = await engine.principalComponents(points, n)
    close(found.components, expected.components, 1e-9)
    expect(found.totalVariance).toBeCloseTo(expected.total, 6)
    const projected = await engine.project(points, found)
    expect(projected.shape).toEqual([x.length / d, n])
    close(projected.data, expected.projected, 1e-6)
    close((await engine.reconstruct(projected, found)).data, expected.reconstructed, 1e-6)
  })

  test('bits depend on no number of workers', async () => {
    const { x, d, n } = oracle.cases[3]!
    const hash = async (by: Engine) => {
      const { components, variances } = await by.principalComponents(tensor(x, d), n)
      return Promise.all([
        engine.hash({ shape: [n, d], data: components }),
        engine.hash({ shape: [n], data: variances }),
      ])
    }
    await using other = await createEngine({ workers: 3 })
    expect(await hash(other)).toEqual(await hash(engine))
    // The same is in crates/core/tests/principal_components.rs.
    expect((await hash(engine))[0]).toBe('74795d4328a362e84ba17c9cb9ef6069b82b5cf2de52622064cb5b45c8603e7a')
  })

  test.each([
    ['more components than coordinates', tensor([1, 2, 3, 5], 2), 3, 'components'],
    ['none', tensor([1, 2, 3, 5], 2), 0, 'components'],
    ['more than points', tensor([1, 2, 3, 5, 0, 1], 3), 3, 'components'],
    ['one point', tensor([1, 2], 2), 1, 'data.shape'],
    ['what is not finite', tensor([1, Number.NaN, 3, 5], 2), 1, 'data'],
    ['points that are all the same', tensor([1, 2, 1, 2], 2), 1, 'data'],
    ['no points', tensor([], 2), 1, 'data.shape'],
  ])('refuses %s', async (_what, data, n, argument) => {
    const error = await rejected(engine.principalComponents(data, n))
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error.argument).toBe(argument)
  })

  test('counts its memory before it takes any', async () => {
    await using small = await createEngine({ workers: 1, memoryBudget: 100_000 })
    const data = { shape: [2, 200], data: new Float32Array(400) }
    expect(await rejected(small.principalComponents(data, 1))).toBeInstanceOf(MemoryBudgetError)
  })

  test('refuses points and a basis that do not fit', async () => {
    const basis = await engine.principalComponents(tensor([1, 2, 3, 5, 0, 1], 2), 1)
    expect((await rejected(engine.project(tensor([1, 2, 3], 3), basis))).argument).toBe('points.shape')
    expect((await rejected(engine.reconstruct(tensor([1, 2], 2), basis))).argument).toBe('points.shape')
    const none = { ...basis, components: new Float64Array() } as PrincipalComponents
    expect((await rejected(engine.project(tensor([1, 2], 2), none))).argument).toBe('basis')
  })
})

describe('nearest points', () => {
  test('as all distances say, whoever looks', async () => {
    const { n, x, y, index } = oracle.nearest
    await using other = await createEngine({ workers: 3 })
    for (const by of [engine, other]) {
      const found = await by.nearest(tensor(x, n), tensor(y, n))
      expect([...found.index]).toEqual(index)
      const [first] = index
      const squares = Array.from({ length: n }, (_, d) => (x[d]! - y[first! * n + d]!) ** 2)
      expect(found.distance[0]).toBeCloseTo(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)), 5)
    }
  })

  test('the first of equals, across workers', async () => {
    const found = await engine.nearest(tensor([0, 7], 1), tensor(new Array<number>(101).fill(1), 1))
    expect([...found.index]).toEqual([0, 0])
    expect([...found.distance]).toEqual([1, 6])
  })

  test('refuses what does not fit', async () => {
    expect((await rejected(engine.nearest(tensor([1, 2], 2), tensor([1], 1)))).argument).toBe('reference.shape')
    expect((await rejected(engine.nearest(tensor([1], 1), tensor([], 1)))).argument).toBe('reference.shape')
    expect((await rejected(engine.nearest(tensor([Number.NaN], 1), tensor([1], 1)))).argument).toBe('points')
  })
})
