// What the README says of speed is what the benchmarks' last whole run measured.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { withMedians } from '../bench/compare/report.mjs'

const text = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test("the README's table holds the medians of results.json", async () => {
  const readme = await text('../../README.md')
  const results = JSON.parse(await text('../bench/results.json')) as { rows: { row: { title: string } }[] }
  expect(results.rows.length).toBeGreaterThan(8)
  for (const { row } of results.rows) expect(readme).toContain(`\n| ${row.title} | `)
  expect(withMedians(readme, results)).toBe(readme)
})

test('a README without the table is refused', () => {
  expect(() => withMedians('# langevin-rnn\n', { rows: [] })).toThrow('no table')
})
