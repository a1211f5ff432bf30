// The table of docs/equal-bits.md is of the manifests that are committed now, has every engine, and nothing in it differs.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { engines, isRowOf } from './engines.mjs'
import { compared, digest } from './golden.mjs'

const advice = 'node test/engines/all.mjs computes the table anew'
const text = await readFile(new URL('../../docs/equal-bits.md', import.meta.url), 'utf8')
const [head = '', , ...rows] =
  text
    .match(/<!-- table -->\n([\s\S]*)<!-- end -->/)?.[1]
    ?.trim()
    .split('\n') ?? []
const cellsOf = (line: string) => line.slice(2, -2).split(' | ')

test('it is of the committed manifests', async () => {
  const wanted = await Promise.all(compared.map(async (name) => `${name} \`${await digest(name)}\``))
  expect(cellsOf(head).slice(3), advice).toEqual(wanted)
})

test.each(engines.map((engine) => [`${engine.name}, ${engine.processor}, ${engine.runs}`, engine] as const))(
  '%s',
  (_, engine) => {
    const row = rows.filter((line) => isRowOf(engine, line))
    expect(row, advice).toHaveLength(1)
    const cells = cellsOf(row[0]!).slice(3)
    expect(cells).toHaveLength(compared.length)
    const good = engine.core ? /^(equal(, \d+ of \d+ arrays)?|not run: .+)$/ : /^(equal|not run: .+)$/
    for (const cell of cells) expect(cell).toMatch(good)
  },
)

test('no row is of an engine that is not tried', () => {
  expect(rows).toHaveLength(engines.length)
})
