// Where what is said goes: bars on a terminal only, one document with --json, a reader that leaves early.
import { exec } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runHere, scratch, start } from './real_host.js'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let { path, remove } = {} as Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  ;({ path, remove } = await scratch())
  const quick = ['--units', '16', '--levels', '1', '--noise-min', '0.5', '--points', '1000']
  expect(await runHere(['train', '--target', 'ring', ...quick, '--out', path('network')])).toMatchObject({ code: 0 })
  const sample = ['sample', path('network'), '--chains', '4', '--steps', '9', '--dt', '0.1', '--shard', '1/1']
  expect(await runHere([...sample, '--out', path('part.npz')])).toMatchObject({ code: 0 })
})
afterAll(() => remove())

const commands = (): Record<string, string[]> => ({
  train: [
    'train',
    '--target',
    'double-peak',
    '--units',
    '8',
    '--points',
    '500',
    '--out',
    path('n'),
    '--report',
    path('r'),
  ],
  sample: ['sample', path('network'), '--chains', '8', '--steps', '50', '--dt', '0.1', '--out', path('d.csv')],
  merge: ['merge', path('part.npz'), '--out', path('m.npy')],
})

describe.each(['train', 'sample', 'merge'])('%s', (name) => {
  test('shows bars on a terminal, and leaves the cursor there', async () => {
    const { code, stderr } = await runHere(commands()[name]!, new AbortController(), true)
    expect(code).toBe(0)
    expect(stderr).toContain('█')
    expect(stderr).toContain('done')
  })

  test('is quiet in a pipe', async () =>
    expect(await start(path(), commands()[name]!).ended).toMatchObject({ code: 0, stderr: '' }))

  test('--json is one document, and the rest is elsewhere', async () => {
    const { code, stdout, stderr } = await start(path(), [...commands()[name]!, '--json']).ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(stderr).not.toContain('{')
  })
})

test.skipIf(process.platform === 'win32')('a reader that has seen enough is no failure', async () => {
  const command = `'${process.execPath}' '${main}' completion bash | head -c 5; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = await promisify(exec)(command, { shell: '/bin/bash' })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/0\n$/)
})
