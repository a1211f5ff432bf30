// The table of features names tests that there are: each file exists, and each title in it is one of a test's.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const page = new URL('../../docs/features.md', import.meta.url)
const text = await readFile(page, 'utf8')
const rows = [...text.matchAll(/^\| (\d+) \| (.+?) \| (.+) \| (.*?) ?\|$/gm)].map((match) => ({
  number: Number(match[1]),
  what: match[2]!,
  tests: [...match[3]!.matchAll(/\[([^\]]+)\]\(([^)]+)\) (“[^[]+”)/g)].map(([, name, link, titles]) => ({
    name: name!,
    file: fileURLToPath(new URL(link!, page)),
    titles: [...titles!.matchAll(/“([^”]+)”/g)].map((title) => title[1]!),
  })),
}))

/** Lines that name a test: a call of vitest's, an argument of it or a table's title on a line of its own, a function in Rust. */
const names = /\b(test|describe)\b.*\(|\btitle: |^\s*['"`].*['"`](,|: .*)$|\bscript\(|^fn \w+\(/

test('the rows are numbered', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 38 }, (_, i) => i + 1))
  expect(text.match(/^\| \d/gm)).toHaveLength(38)
})

test.each(rows)('$number: $what', async ({ tests }) => {
  expect(tests).not.toEqual([])
  for (const { name, file, titles } of tests) {
    expect(file.replaceAll('\\', '/').endsWith(`/${name}`), name).toBe(true)
    expect(titles).not.toEqual([])
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => names.test(line))
    for (const title of titles) {
      const found = lines.some((line) => line.includes(title) || line.includes(title.replaceAll("'", "\\'")))
      expect(found, `${name}: ${title}`).toBe(true)
    }
  }
})
