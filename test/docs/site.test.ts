// The site of documents and API: built without a warning, and each link within it leads to a page and a place on it.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildDocs } from '../../scripts/build-docs.mjs'

const root = new URL('../../', import.meta.url)

const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-site-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const decode = (text: string) => decodeURIComponent(text.replaceAll('&amp;', '&'))

test('it builds, and its links resolve', async () => {
  expect(await buildDocs(folder)).toBe(folder)
  const files = (await readdir(folder, { recursive: true })).map((name) => join(folder, name))
  const pages = new Map<string, string>()
  for (const file of files.filter((name) => name.endsWith('.html'))) pages.set(file, await readFile(file, 'utf8'))

  const places = (page: string) => new Set([...page.matchAll(/\sid="([^"]*)"/g)].map((match) => decode(match[1]!)))
  const ids = new Map([...pages].map(([file, page]) => [file, places(page)]))
  const known = new Set(files)
  const broken: string[] = []
  let links = 0
  for (const [file, page] of pages) {
    for (const [, target] of page.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(target!)) continue
      links++
      const [path, place] = target!.split('#')
      const to = path === '' ? file : resolve(dirname(file), decode(path!))
      if (!known.has(to)) broken.push(`${file}: ${target}`)
      else if (place && ids.has(to) && !ids.get(to)!.has(decode(place))) broken.push(`${file}: ${target}`)
    }
  }
  expect(links).toBeGreaterThan(1000)
  expect(broken.map((line) => line.slice(folder.length + 1))).toEqual([])
})

test('it has every page, the tutorial first, then how to do things, experiments and reference', async () => {
  const { projectDocuments } = JSON.parse(await readFile(new URL('typedoc.json', root), 'utf8'))
  const pages: string[] = projectDocuments.filter((name: string) => name.startsWith('docs/'))
  const there = (await readdir(new URL('docs', root))).filter((name) => name.endsWith('.md'))
  expect(pages.toSorted()).toEqual(there.map((name) => `docs/${name}`).sort())
  expect(pages[0]).toBe('docs/tutorial.md')
  const order = ['how-to-posterior', 'how-to-reproduce', 'how-to-check-bits', 'double-peak', 'mnist', 'mathematics']
  const places = order.map((name) => pages.indexOf(`docs/${name}.md`))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})
