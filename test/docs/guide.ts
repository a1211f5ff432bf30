// A guide whose commands are run in order, in an empty folder, as a reader would type them.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const execute = promisify(execFile)

export interface Guide {
  readonly text: string
  /** Where the commands run. */
  readonly work: string
  /** Runs a script of bash's as a reader's shell would, with `npx` and `langevin-rnn` in place; gives what it says on standard error. */
  readonly shell: (script: string, env?: NodeJS.ProcessEnv) => Promise<string>
  readonly remove: () => Promise<void>
}

export async function openGuide(page: string): Promise<Guide> {
  const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-guide-'))
  const work = join(folder, 'work')
  await mkdir(work)
  // What `npx langevin-rnn` and `langevin-rnn` are after an installation.
  const command = `exec '${process.execPath}' '${join(root, 'ts/cli/dist/main.js')}' "$@"\n`
  for (const [name, script] of Object.entries({ npx: `shift\n${command}`, 'langevin-rnn': command })) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}`)
    await chmod(join(folder, name), 0o755)
  }
  const path = `${folder}${delimiter}${process.env['PATH']}`
  return {
    text: await readFile(join(root, page), 'utf8'),
    work,
    shell: async (script, env) => {
      const options = { cwd: work, env: { ...process.env, ...env, PATH: path } }
      return (await execute('bash', ['-euo', 'pipefail', '-c', script], options)).stderr
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A test for each block of shell commands. */
export async function testBlocks({ text, shell }: Guide): Promise<void> {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)
  const hasParallel = await execute('parallel', ['--version']).then(
    ({ stdout }) => stdout.includes('GNU'),
    () => false,
  )
  test.skipIf(process.platform === 'win32').for(blocks)('%s', { timeout: 300_000 }, async (block, { skip }) => {
    skip(block.startsWith('parallel') && !hasParallel, 'needs GNU parallel')
    expect(await shell(block)).not.toContain('█')
  })
}
