// Drawings as values: to an address and back, as a law, and from the points of a file.
import { expect, test } from 'vitest'
import {
  axesOf,
  countOf,
  decode,
  EXAMPLES,
  emptyDrawing,
  encode,
  fromPoints,
  lawOf,
} from '../src/scenes/draw/drawing.ts'
import { DEFAULTS, fromAddress, toAddress } from '../src/scenes/draw/settings.ts'

test('every example comes back from its text, which an address carries as it is', () => {
  for (const { drawing } of EXAMPLES) {
    const text = encode(drawing)
    expect(decode(drawing.kind, text)).toEqual(drawing)
    expect(encodeURIComponent(text)).toBe(text)
    expect(text.length).toBe(drawing.kind === 'curve' ? 25 : 200)
    expect(drawing.heights.length).toBe(countOf(drawing.kind))
    const settings = { ...DEFAULTS, drawing, units: 40, noise: 0.2, seed: 9 }
    expect(fromAddress(toAddress(settings))).toEqual({ settings, refused: [] })
  }
})

test('a text of another length or alphabet is no drawing', () => {
  expect(decode('curve', 'A'.repeat(24))).toBeNull()
  expect(decode('curve', `${'A'.repeat(24)}!`)).toBeNull()
  expect(decode('paint', 'A'.repeat(199))).toBeNull()
  expect(fromAddress('curve=AA&units=7&noise=9').refused).toEqual(['curve = AA', 'units = 7', 'noise = 9'])
})

test('a law has a Gaussian for each height above 0', () => {
  expect(lawOf(emptyDrawing('curve'))).toBeNull()
  const heights = [...emptyDrawing('paint').heights]
  heights[0] = 7
  heights[20 + 2] = 3
  expect(lawOf({ kind: 'paint', heights })).toEqual({
    kind: 'gaussian-mixture',
    weights: [7, 3],
    means: [
      [-2.375, -2.375],
      [-1.875, -2.125],
    ],
    deviations: [0.13, 0.13],
  })
  heights[20 + 3] = 2
  expect(axesOf({ kind: 'paint', heights }).map(({ weights, means }) => [weights, means])).toEqual([
    [
      [7, 3, 2],
      [[-2.375], [-1.875], [-1.625]],
    ],
    [
      [7, 5],
      [[-2.375], [-2.125]],
    ],
  ])
})

test('points of a file: scaled, counted at their nearest node', () => {
  const { drawing, scaling } = fromPoints({ shape: [4, 1], data: Float32Array.of(90, 110, 90, 110) })
  expect(scaling).toEqual({ centre: [100], unit: [10 / 2.4] })
  expect(drawing.heights[0]).toBe(63)
  expect(drawing.heights[24]).toBe(63)
  expect(drawing.heights.filter((height) => height > 0).length).toBe(2)

  const plane = fromPoints({ shape: [3, 2], data: Float32Array.of(-1, 0, 1, 0, 1, 3) }).drawing
  expect(plane.kind).toBe('paint')
  // The farthest of each axis reach the edge: the first column, and the top row.
  expect(plane.heights.flatMap((height, index) => (height > 0 ? [[index % 20, Math.floor(index / 20)]] : []))).toEqual([
    [0, 5],
    [14, 5],
    [14, 19],
  ])

  expect(() => fromPoints({ shape: [1, 3], data: new Float32Array(3) })).toThrow('3 columns')
  expect(() => fromPoints({ shape: [2, 1], data: Float32Array.of(5, 5) })).toThrow('one number only')
})
