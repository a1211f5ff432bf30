// A guide whose commands and Python programs are run in order, in an empty folder, as a reader would type them.
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { arvizVersions, python } from './python.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const execute = promisify(execFile)

/** What a command says. */
interface Said {
  readonly stdout: string
  readonly stderr: string
}

export interface Guide {
  readonly text: string
  /** Where the commands run. */
  readonly work: string
  /** The environment in which `npx` and `langevin-rnn` are what they are after an installation. */
  readonly env: NodeJS.ProcessEnv
  /** Runs a script of bash's as a reader's shell would, with `npx` and `langevin-rnn` in place. */
  readonly shell: (script: string, env?: NodeJS.ProcessEnv) => Promise<Said>
  readonly remove: () => Promise<void>
}

/** A guide and its empty folder, but for copies of `files`. */
export async function openGuide(page: string, files: readonly string[] = []): Promise<Guide> {
  const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-guide-'))
  const work = join(folder, 'work')
  await mkdir(work)
  for (const file of files) await copyFile(join(root, file), join(work, basename(file)))
  // What `npx langevin-rnn` and `langevin-rnn` are after an installation.
  const command = `exec '${process.execPath}' '${join(root, 'ts/cli/dist/main.js')}' "$@"\n`
  for (const [name, script] of Object.entries({ npx: `shift\n${command}`, 'langevin-rnn': command })) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}`)
    await chmod(join(folder, name), 0o755)
  }
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` }
  return {
    text: await readFile(join(root, page), 'utf8'),
    work,
    env,
    shell: (script, more) =>
      execute('bash', ['-euo', 'pipefail', '-c', script], { cwd: work, env: { ...env, ...more, PATH: env.PATH } }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

interface Block {
  readonly language: string
  readonly code: string
  /** Lines of the `text` block that follows: the output has each, whatever else it says. */
  readonly printed: readonly string[]
}

/** Blocks in the shell's language and in Python. */
function blocksOf(text: string): Block[] {
  const all = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => [match[1]!, match[2]!] as const)
  return all.flatMap(([language, code], i) => {
    const [next, said] = all[i + 1] ?? []
    const printed = next === 'text' ? said!.split('\n').filter((line) => line !== '') : []
    return language === 'sh' || language === 'python' ? [{ language, code, printed }] : []
  })
}

/** A test for each block of shell commands and each program in Python. */
export async function testBlocks({ text, work, shell }: Guide): Promise<void> {
  const blocks = blocksOf(text)
  const hasParallel = await execute('parallel', ['--version']).then(
    ({ stdout }) => stdout.includes('GNU'),
    () => false,
  )
  const options = { timeout: 900_000 }
  test.skipIf(process.platform === 'win32').for(blocks)(
    '$code',
    options,
    async ({ language, code, printed }, context) => {
      context.skip(code.startsWith('parallel') && !hasParallel, 'needs GNU parallel')
      const said: Said[] = []
      if (language === 'sh') said.push(await shell(code))
      // What imports ArviZ runs with each of its versions.
      else
        for (const version of code.includes('arviz') ? arvizVersions : arvizVersions.slice(0, 1)) {
          const found = await python(version)
          if ('reason' in found) return context.skip(found.reason)
          said.push(await execute(found.file, ['-c', code], { cwd: work }))
        }
      for (const { stdout, stderr } of said) {
        expect(stderr).not.toContain('█')
        for (const line of printed) expect(`${stdout}${stderr}`).toContain(line)
      }
    },
  )
}
