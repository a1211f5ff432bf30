// Simulations and the change of variable of a bounded prior, as a caller meets them.
import { type Box, createEngine, type Engine, type Task } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ workers: 1 })
})
afterAll(() => engine.dispose())

test.each<[Task, number, number, number]>([
  ['two-moons', 2, 2, 1],
  ['gaussian-mixture', 2, 2, 10],
  ['gaussian-linear', 10, 10, 2],
  ['slcp', 5, 8, 3],
])('%s: shapes, the range of the prior', async (task, d, k, most) => {
  const { parameters, data } = await engine.simulate(task, 1001, 4)
  expect([parameters.shape, data.shape]).toEqual([
    [1001, d],
    [1001, k],
  ])
  expect(Math.max(...parameters.data.map(Math.abs))).toBeLessThan(most)
  const fewer = await engine.simulate(task, 2, 4)
  expect(parameters.data.subarray(0, 2 * d)).toEqual(fewer.parameters.data)
  expect(data.data.subarray(0, 2 * k)).toEqual(fewer.data.data)
})

test('a bounded prior becomes a line, and draws go back', async () => {
  const { parameters } = await engine.simulate('slcp', 500, 1)
  const count = parameters.data.length
  const box: Box = { bound: 3, centres: new Float64Array(count).fill(0.5), widths: new Float64Array(count).fill(0.4) }
  const line = await engine.changeVariable(parameters, box)
  // Deep in the box it is (θ − μ)/w.
  parameters.data.forEach((theta, i) => {
    if (Math.abs(theta) < 0.5) expect(line.data[i]).toBeCloseTo((theta - 0.5) / 0.4, 1)
  })
  const back = await engine.changeVariable(line, box, 'back')
  for (const [i, theta] of parameters.data.entries()) expect(back.data[i]).toBeCloseTo(theta, 5)
  const far = { shape: [count], data: new Float32Array(count).fill(1e9) }
  expect(new Set((await engine.changeVariable(far, box, 'back')).data)).toEqual(new Set([3]))
})

test('what does not fit is refused', async () => {
  await expect(engine.simulate('sir' as Task, 1)).rejects.toMatchObject({ argument: 'task' })
  await expect(engine.simulate('slcp', 0)).rejects.toMatchObject({ argument: 'count' })
  await expect(engine.simulate('slcp', 1, -1)).rejects.toMatchObject({ argument: 'seed' })
  const one = { shape: [1], data: Float32Array.of(0.5) }
  const box = { bound: 1, centres: Float64Array.of(0), widths: Float64Array.of(1) }
  for (const [argument, wrong] of [
    ['box.bound', { bound: -1 }],
    ['box.centres', { centres: Float64Array.of(2) }],
    ['box.centres', { centres: new Float64Array(2) }],
    ['box.widths', { widths: Float64Array.of(0) }],
  ] as const) {
    await expect(engine.changeVariable(one, { ...box, ...wrong })).rejects.toMatchObject({ argument })
  }
})
