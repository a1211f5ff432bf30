// The tarballs as npm would publish them: complete, the same bytes twice, small, with types and exports that every tool resolves.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import esbuildPlugin from '@size-limit/esbuild'
import filePlugin from '@size-limit/file'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import sizeLimit from 'size-limit'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeConsumer, pack } from '../engines/consumer.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const workspaces = ['ts/library', 'ts/cli'] as const

let consumer: Awaited<ReturnType<typeof makeConsumer>>
beforeAll(async () => {
  consumer = await makeConsumer()
})
afterAll(() => consumer?.remove())

const installed = (...parts: string[]) => join(consumer.folder, 'node_modules', ...parts)
const nameOf = { 'ts/library': 'langevin-rnn', 'ts/cli': 'langevin-rnn-cli' } as const
const tarballOf = (workspace: (typeof workspaces)[number]) => consumer.tarballs[workspaces.indexOf(workspace)]!

describe.each(workspaces)('%s', (workspace) => {
  test('packed twice, the bytes are the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-pack-'))
    const sum = async (file: string) =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex')
    try {
      expect(await sum(await pack(workspace, folder))).toBe(await sum(tarballOf(workspace)))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('has its licences, a read-me, and every file that its package.json names', async () => {
    const folder = installed(nameOf[workspace])
    for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) {
      expect(await readFile(join(folder, licence), 'utf8')).toBe(await readFile(join(root, licence), 'utf8'))
    }
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(`# ${nameOf[workspace]}\n`)
    const { exports, bin = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const named = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap(named)
    for (const file of [...named(exports), ...named(bin)]) expect(existsSync(join(folder, file)), file).toBe(true)
    // Neither sources, nor tests, nor maps that would point to them.
    const files = await readdir(folder, { recursive: true })
    expect(files.filter((file) => /(\.map|\.test\.\w+|(?<!\.d)\.ts|tsconfig\.json)$/.test(file))).toEqual([])
  })

  test('is published to everyone, with its provenance', async () => {
    const json = JSON.parse(await readFile(join(installed(nameOf[workspace]), 'package.json'), 'utf8'))
    expect(json.publishConfig).toEqual({ access: 'public', provenance: true })
    expect(json.private).toBeUndefined()
  })

  test('publint has nothing to say', async () => {
    const bytes = await readFile(tarballOf(workspace))
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('the types are right for every way of import', async () => {
    const pkg = createPackageFromTarballData(new Uint8Array(await readFile(tarballOf(workspace))))
    const { problems } = (await checkPackage(pkg, { excludeEntrypoints: ['./module.wasm'] })) as {
      problems: { kind: string; resolutionKind?: string }[]
    }
    // A wasm file has no types. TypeScript's mode `node10` knows no exports. A require() of these packages, which are ES modules, TypeScript takes under
    // `module: node20` and `nodenext`, as do the Nodes that are supported; environments.test.ts does it.
    const ours = problems.filter(
      ({ kind, resolutionKind }) => resolutionKind !== 'node10' && kind !== 'CJSResolvesToESM',
    )
    expect(ours).toEqual([])
  })
})

test('there is one version', async () => {
  const text = (path: string) => readFile(join(root, path), 'utf8')
  const json = async (path: string) => JSON.parse(await text(path))
  const { version } = await json('ts/library/package.json')
  const [cli, demo] = [await json('ts/cli/package.json'), await json('demo/package.json')]
  expect([cli.version, cli.dependencies['langevin-rnn'], demo.version]).toEqual([version, version, version])
  for (const name of ['langevin-rnn', 'langevin-rnn-cli']) {
    const asked = { ...demo.dependencies, ...demo.devDependencies }[name]
    expect(asked, name).toBe(version)
  }
  expect(await text('Cargo.toml')).toContain(`\nversion = "${version}"\n`)
})

test('the library has no side effects', async () => {
  expect(JSON.parse(await readFile(installed('langevin-rnn', 'package.json'), 'utf8')).sideEffects).toBe(false)
})

/** What a page loads, minified and gzipped, in bytes at most. */
const limits = [
  { name: 'wasm', file: 'wasm/langevin_rnn_wasm_bg.wasm', most: 200_000, esbuild: false },
  { name: 'worker', file: 'dist/worker.js', most: 12_000 },
  { name: 'createEngine alone, with dependencies', file: 'dist/index.js', most: 22_000, names: '{ createEngine }' },
  { name: 'the whole library, with dependencies', file: 'dist/index.js', most: 40_000 },
]

test('what a page loads stays small', async () => {
  const checks = limits.map(({ file, names, esbuild }) => {
    const path = installed('langevin-rnn', file)
    return {
      files: [path],
      gzip: true,
      ...(names && { import: { [path]: names } }),
      ...(esbuild === false && { esbuild }),
    }
  })
  const measured = (await sizeLimit([...esbuildPlugin, ...filePlugin] as never[], { checks })) as { size: number }[]
  for (const [i, { name, most }] of limits.entries()) {
    expect(measured[i]!.size, name).toBeGreaterThan(1000)
    expect(measured[i]!.size, name).toBeLessThan(most)
  }
})

describe('types of the library', () => {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
    allowJs: true,
    checkJs: true,
    strict: true,
    noEmit: true,
    // Theirs and ours alike: what a user who checks everything sees.
    skipLibCheck: false,
  }

  test('`tsc --strict` passes the examples', async () => {
    const files = await exampleModules(consumer.folder)
    expect(files.map((file) => relative(consumer.folder, file)).sort()).toEqual([
      'examples/node.mjs',
      'examples/notebook/cells.js',
      'examples/notebook/notebook.js',
      'examples/page/index.html.mts',
      'examples/vite/main.js',
    ])
    const untyped = join(root, 'test/packaging/observable.d.ts')
    const program = ts.createProgram([...files, untyped], options)
    // Plot's own types want those of d3, which don't come with it.
    const own = ts.getPreEmitDiagnostics(program).filter(({ file }) => !file?.fileName.includes('/@observablehq/'))
    const said = own.map(({ messageText, file, start }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : ''
      return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
    expect(said).toEqual([])
    const library = program.getSourceFiles().filter(({ fileName }) => fileName.includes('langevin-rnn/dist/index.'))
    expect(library.map(({ fileName }) => fileName)).toEqual([installed('langevin-rnn/dist/index.d.ts')])
  })

  test('no `any` in the public API', async () => {
    const entries = ['index.d.ts', 'experiments/index.d.ts'].map((file) => installed('langevin-rnn/dist', file))
    const program = ts.createProgram(entries, options)
    const found: string[] = []
    const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(installed('langevin-rnn')))
    expect(ours.length).toBeGreaterThan(10)
    for (const source of ours) {
      const visit = (node: ts.Node): void => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${source.fileName}: ${node.parent.getText(source)}`)
        ts.forEachChild(node, visit)
      }
      // Generated bindings are no part of the API.
      if (!source.fileName.includes('/wasm/')) visit(source)
    }
    expect(found).toEqual([])
  })
})

/** The modules of examples/, those in pages too, in a copy beside the installed packages. */
async function exampleModules(folder: string): Promise<string[]> {
  const examples = join(folder, 'examples')
  await cp(join(root, 'examples'), examples, { recursive: true })
  const names = (await readdir(examples, { recursive: true })).filter((name) => /\.(html|mjs|js|ts)$/.test(name))
  const modules = names.map(async (name) => {
    const file = join(examples, name)
    if (!name.endsWith('.html')) return [file]
    const code = (await readFile(file, 'utf8')).match(/<script type="module">([\s\S]*?)<\/script>/)?.[1]
    if (code === undefined) return []
    await writeFile(`${file}.mts`, code)
    return [`${file}.mts`]
  })
  return (await Promise.all(modules)).flat()
}
