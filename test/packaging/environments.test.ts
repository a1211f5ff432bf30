// The packed tarball in every environment: it installs, trains, samples, aborts, and gives the committed bits, without any
// setting. The table in README.md says what these tests found.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browsers, installed, opener } from '../engines/browsers.mjs'
import { makeConsumer } from '../engines/consumer.mjs'
import { committed } from '../engines/golden.mjs'
import { Missing } from '../engines/install.mjs'
import type { Report } from '../engines/probe.mjs'
import { runScript, runtimes } from '../engines/runtimes.mjs'
import { type Site, serveFolder } from '../engines/site.mjs'
import { cases } from '../golden/cases.mjs'
import { viteBuild, viteServer, webpackBuild } from './bundlers.ts'
import { allowingImportMap, documentedPolicy } from './policy.ts'

const SECONDS = 60
// The whole paper preset takes minutes in all of these: test/engines/all.mjs runs it.
const short = Object.fromEntries(Object.entries(cases).filter(([name]) => /^double-peak-(?!paper$)/.test(name)))

let consumer: Awaited<ReturnType<typeof makeConsumer>>
beforeAll(async () => {
  consumer = await makeConsumer()
})
afterAll(() => consumer?.remove())

/** A row of README.md's table: how the environment is called there, and how it is tried. */
interface Row {
  readonly title: string
  /** What cannot be had here throws `Missing`. */
  readonly ways: Readonly<Record<string, () => Promise<Report>>>
}

const script = (name: string, file: string) => async () => {
  const find = runtimes[name]
  if (find === undefined) throw new Error(`no runtime ${name}`)
  return runScript(await find(), consumer.folder, file, { cases: short }, SECONDS)
}

const page =
  (name: string, open: (folder: string) => Promise<Site>, path = '') =>
  async () => {
    const browser = browsers.find((one) => one.name === name)
    if (browser === undefined) throw new Error(`no browser ${name}`)
    const binary = installed(browser)
    const site = await open(consumer.folder)
    try {
      const answer = await site.visit(opener(browser, binary), path, { cases: short }, SECONDS)
      expect(answer.failure).toBeUndefined()
      expect(answer.complaints).toEqual([])
      return answer.report as Report
    } finally {
      site.close()
    }
  }

const plain = (name: string) => page(name, (folder) => serveFolder(folder), 'page.html')
const strict = (name: string) =>
  page(
    name,
    async (folder) => {
      const policy = allowingImportMap(await documentedPolicy(), await readFile(join(folder, 'page.html'), 'utf8'))
      return serveFolder(folder, { headers: { 'content-security-policy': policy } })
    },
    'page.html',
  )
const each = <T>(names: readonly string[], make: (name: string) => T) =>
  Object.fromEntries(names.map((name) => [name, make(name)]))
const names = browsers.map(({ name }) => name)

const rows: readonly Row[] = [
  {
    title: 'Node 20, 24, 26, by `import`',
    ways: each(['Node 20', 'Node 24', 'Node 26'], (name) => script(name, 'script.mjs')),
  },
  {
    title: 'the same, by `require()`',
    ways: each(['Node 20', 'Node 24', 'Node 26'], (name) => script(name, 'script.cjs')),
  },
  { title: 'Bun', ways: { import: script('Bun', 'script.mjs'), require: script('Bun', 'script.cjs') } },
  { title: 'Deno', ways: { import: script('Deno', 'script.mjs'), require: script('Deno', 'script.cjs') } },
  {
    title: 'Vite 8: development server, build, build with vite-plugin-wasm',
    ways: {
      'development server': page('Chromium', viteServer),
      build: page('Chromium', (folder) => viteBuild(folder)),
      'build with vite-plugin-wasm': page('Chromium', (folder) => viteBuild(folder, true)),
    },
  },
  { title: 'webpack 5', ways: { build: page('Chromium', webpackBuild) } },
  { title: 'a page without a bundler in Chromium, Firefox, WebKitGTK', ways: each(names, plain) },
  { title: 'the same under a strict Content-Security-Policy', ways: each(names, strict) },
]

test('the table in README.md has these rows and no other', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const table = readme.match(/^\| \| install \|.*\n\|[-|]*\|\n((?:\|.*\n)*)/m)?.[1] ?? ''
  expect(table.match(/^\| [^|]+/gm)?.map((cell) => cell.slice(2).trim())).toEqual(rows.map(({ title }) => title))
})

/** 'yes' only where every way that was tried says so. */
function cellsOf(found: readonly { readonly report: Report | undefined; readonly equal: boolean }[]): string[] {
  const all = (holds: (one: (typeof found)[number]) => boolean) => (found.every(holds) ? 'yes' : 'no')
  return [
    all(({ report }) => report !== undefined),
    all(({ report }) => report?.calls.sample === 'ok'),
    all(({ report }) => report?.calls.train === 'ok'),
    all(({ report }) => report?.calls.abort === 'ok'),
    all(({ equal }) => equal),
  ]
}

describe.each(rows)('$title', ({ title, ways }) => {
  const found: { report: Report | undefined; equal: boolean }[] = []

  // The first time an engine may have to be fetched.
  test.for(Object.entries(ways))('%s', { timeout: 500_000 }, async ([, run], context) => {
    const one: (typeof found)[number] = { report: undefined, equal: false }
    const report = await run().catch((error: unknown) => {
      if (error instanceof Missing) context.skip(error.message)
      found.push(one)
      throw error
    })
    const expected = Object.fromEntries(
      await Promise.all(Object.keys(short).map(async (name) => [name, await committed(name)] as const)),
    )
    found.push({ report, equal: isDeepStrictEqual(report.arrays, expected) })
    expect(report.calls).toEqual({ train: 'ok', sample: 'ok', abort: 'ok' })
    expect(report.arrays).toEqual(expected)
    expect(report.simd).toBe(true)
  })

  test('README.md says so', async (context) => {
    if (found.length === 0) context.skip('none of these could be tried here')
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    const line = readme.split('\n').find((one) => one.startsWith(`| ${title} |`))
    expect(line).toBe(`| ${[title, ...cellsOf(found)].join(' | ')} |`)
  })
})
