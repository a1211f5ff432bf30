// The guide to the command line does what it says: its commands run in order, in an empty folder, as a reader would type them.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = await readFile(join(root, 'docs/command-line.md'), 'utf8')
const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)
const run = promisify(execFile)
const hasParallel = await run('parallel', ['--version']).then(
  ({ stdout }) => stdout.includes('GNU'),
  () => false,
)

let folder: string
const work = () => join(folder, 'work')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-guide-'))
  // What `npx langevin-rnn` is after an installation.
  const npx = `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(root, 'ts/cli/dist/main.js')}' "$@"\n`
  await writeFile(join(folder, 'npx'), npx)
  await chmod(join(folder, 'npx'), 0o755)
  await mkdir(work())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.skipIf(process.platform === 'win32').for(blocks)('%s', { timeout: 300_000 }, async (block, { skip }) => {
  skip(block.startsWith('parallel') && !hasParallel, 'needs GNU parallel')
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` }
  const { stderr } = await run('bash', ['-euo', 'pipefail', '-c', block], { cwd: work(), env })
  expect(stderr).not.toContain('█')
})

test('the files are those that the guide names', async () => {
  const found = await readdir(work(), { recursive: true })
  for (const name of ['ring/figures/density.svg', 'ring/results.json', 'points/figures/density.png', 'merged.npz'])
    expect(found).toContain(name)
  expect(found.filter((name) => /checkpoint|unfinished/.test(name))).toEqual([])
  expect(JSON.parse(await readFile(join(work(), 'few.json'), 'utf8'))).toMatchObject({ shape: [100, 1, 2] })
})
