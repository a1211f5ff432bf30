// The mathematics names what is there: each linked function is defined in the file it leads to, each method and option in the API.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const docs = fileURLToPath(new URL('../../docs', import.meta.url))
const library = join(docs, '../ts/library/src')
const text = await readFile(join(docs, 'mathematics.md'), 'utf8')

const functions = [...text.matchAll(/\[`(\w+)`\]\(([^)]+\.rs)\)/g)].map(([, name, file]) => ({
  name: name!,
  file: file!,
}))

test('there are functions to look for', () => {
  expect(functions.length).toBeGreaterThan(30)
})

test.for(functions)('$name is defined in $file', async ({ name, file }) => {
  const source = await readFile(join(docs, file), 'utf8')
  expect(source).toMatch(new RegExp(`\\b(fn|struct|enum|trait) ${name}\\b`))
})

test('methods, options and values are those of the API', async () => {
  const engine = await readFile(join(library, 'engine.ts'), 'utf8')
  const types = await Promise.all(
    (await readdir(join(library, 'types'))).map((name) => readFile(join(library, 'types', name), 'utf8')),
  )
  const api = types.join('\n')
  const named = [...text.replaceAll(/\[`[^\]]*\]/g, '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  expect(named).toContain('noiseMax')
  for (const name of named) {
    if (['engine', 'createEngine', 'langevin-rnn'].includes(name)) continue
    const method = /^engine\.(\w+)$/.exec(name)?.[1]
    if (method !== undefined) expect(engine, name).toMatch(new RegExp(`^ {2}(async )?${method}\\(`, 'm'))
    // An option, a value, or both: `method: 'adam'`.
    else
      for (const part of name.replaceAll("'", '').split(': '))
        expect(api, name).toMatch(new RegExp(`\\b${part}\\??:|'${part}'`))
  }
})
