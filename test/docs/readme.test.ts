// Documents tell the truth: each block of code compiles and runs as a program of its own and prints what the `text` block
// after it says; the commands and options exist; the links lead to files.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside the checkout, so that the packages are found as a user's programs find them.
const folder = join(root, 'out/docs/blocks')
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

interface Block {
  readonly language: string
  readonly code: string
  readonly line: number
}

/** Fenced blocks, in order. */
function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    code: match[2]!,
    line: text.slice(0, match.index).split('\n').length,
  }))
}

interface Program {
  readonly name: string
  readonly file: string
  readonly code: string
  readonly printed: string | undefined
}

/** Blocks in TypeScript and JavaScript, each with the `text` block that follows it as what it prints. */
function programsOf(document: string, text: string): Program[] {
  const blocks = blocksOf(text)
  return blocks.flatMap(({ language, code, line }, i) => {
    if (!['ts', 'js', 'mjs'].includes(language)) return []
    const next = blocks[i + 1]
    const file = join(folder, `${document.replaceAll(/\W/g, '_')}_${line}.mts`)
    return [{ name: `line ${line}`, file, code, printed: next?.language === 'text' ? next.code : undefined }]
  })
}

const pages = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
const documents = await Promise.all(
  ['README.md', 'ts/library/README.md', 'ts/cli/README.md', ...pages].map(async (name) => ({
    name,
    text: await readFile(join(root, name), 'utf8'),
  })),
)
const programs = new Map(documents.map(({ name, text }) => [name, programsOf(name, text)]))

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await Promise.all([...programs.values()].flat().map(({ file, code }) => writeFile(file, code)))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('there is code to run', () => {
  expect(programs.get('README.md')?.length).toBeGreaterThan(0)
})

test('every block compiles', () => {
  const files = [...programs.values()].flat().map(({ file }) => file)
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, compilerOptions))
  expect(
    ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    }),
  ).toBe('')
})

describe.each(documents)('$name', ({ name, text }) => {
  const own = programs.get(name) ?? []
  test.skipIf(own.length === 0).each(own)('$name runs', async ({ file, code, printed }) => {
    // Node 20 knows no `await using`; TypeScript rewrites it.
    const esm = { ...compilerOptions, module: ts.ModuleKind.ESNext }
    const { outputText } = ts.transpileModule(code, { compilerOptions: esm })
    const program = file.replace(/\.mts$/, '.mjs')
    await writeFile(program, outputText)
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { cwd: folder })
    expect(stderr).toBe('')
    if (printed !== undefined) expect(stdout).toBe(printed)
  })

  const commands = blocksOf(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')

  test('its commands exist, with their options', async () => {
    const scriptsIn = async (folder: string) =>
      Object.keys(JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')).scripts)
    const help = new Map<string, string>()
    for (const line of commands) {
      const [first, second, third, fourth] = line.split(/\s+/)
      const workspace = line.match(/--workspace (\S+)/)?.[1] ?? '.'
      if (first === 'npm' && second === 'run') expect(await scriptsIn(workspace), line).toContain(third)
      if (first === 'node' || first === 'python3') expect(existsSync(join(root, second!)), line).toBe(true)
      if (first !== 'npx' || second !== 'langevin-rnn') continue
      // `slurm` has commands of its own.
      const command = third === 'slurm' ? [third, fourth!] : [third!]
      const name = command.join(' ')
      if (!help.has(name)) {
        const main = join(root, 'ts/cli/dist/main.js')
        help.set(name, (await promisify(execFile)(process.execPath, [main, ...command, '--help'])).stdout)
      }
      for (const option of line.match(/--[a-z-]+/g) ?? []) expect(help.get(name), line).toContain(option)
    }
  })

  test('its links lead to files', () => {
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, dirname(name), target!)), target).toBe(true)
    }
  })
})
