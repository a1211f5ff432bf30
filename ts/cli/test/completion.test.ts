// Completion scripts: they hold every command, option and name; the shells that are there accept them, and complete by them.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFake } from './fake_host.js'
import { scratch } from './real_host.js'

const execute = promisify(execFile)
const there = (shell: string) =>
  execute(shell, ['-c', 'true']).then(
    () => true,
    () => false,
  )
const shells = { bash: await there('bash'), zsh: await there('zsh'), fish: await there('fish') }

let { path, remove } = {} as Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  ;({ path, remove } = await scratch())
  await writeFile(path('a network.safetensors'), '')
})
afterAll(() => remove())

test.each(['bash', 'zsh', 'fish'])('%s: every command, many options, names', async (shell) => {
  const { code, stdout, stderr } = await runFake(['completion', shell])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { stdout: help } = await runFake(['--help'])
  const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!)
  expect(commands).toEqual(expect.arrayContaining(['train', 'sample', 'merge', 'diagnose', 'reproduce']))
  for (const word of [...commands, 'record-every', 'leimkuhler-matthews', 'double-peak', 'closed-form']) {
    expect(stdout).toContain(word)
  }
})

test('--json has the shell and the script', async () => {
  const { stdout } = await runFake(['completion', 'bash', '--json'])
  expect(JSON.parse(stdout)).toEqual({ shell: 'bash', script: (await runFake(['completion', 'bash'])).stdout })
})

test('every command has --json, --help and examples', async () => {
  for (const parent of [[], ['slurm']]) {
    const { stdout } = await runFake([...parent, '--help'])
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) \[/gm)].map((match) => match[1]!)
    expect(commands.length).toBeGreaterThan(4)
    for (const command of commands.filter((name) => name !== 'help' && name !== 'slurm')) {
      const { stdout: help } = await runFake([...parent, command, '--help'])
      expect(help, command).toMatch(/^ {2}--json /m)
      expect(help, command).toMatch(/^Examples:\n {2}# /m)
    }
  }
})

test('another shell is answered with the nearest', async () =>
  expect(await runFake(['completion', 'fisch'])).toMatchObject({ code: 2, stderr: expect.stringContaining('fish?') }))

describe.skipIf(!shells.bash)('bash', () => {
  const complete = async (...words: string[]) => {
    const { stdout } = await runFake(['completion', 'bash'])
    const quoted = ['langevin-rnn', ...words].map((word) => `'${word}'`).join(' ')
    const script = `${stdout}
cd '${path()}'; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _langevin_rnn; printf '%s\\n' "\${COMPREPLY[@]}"`
    return (await execute('bash', ['-c', script])).stdout.trim().split('\n')
  }

  test.each<[string[], string[]]>([
    [['tr'], ['train']],
    [['sample', '--int'], ['--integrator']],
    [
      ['sample', '--integrator', 'e'],
      ['euler-maruyama', 'exponential-euler'],
    ],
    [['reproduce', 'dou'], ['double-peak']],
    [['sample', 'a'], ['a network.safetensors']],
    [
      ['slurm', 're'],
      ['reproduce', 'resubmit'],
    ],
    [['slurm', 'sample', '--sha'], ['--shards']],
    [
      ['slurm', 'sample', '--integrator', 'e'],
      ['euler-maruyama', 'exponential-euler'],
    ],
    [['slurm', 'status', 'a'], ['a network.safetensors']],
    [['sample', '--start', 'a'], ['a network.safetensors']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('%j', async (words, expected) => expect(await complete(...words)).toEqual(expected))
})

test.skipIf(!shells.zsh)('zsh accepts its script', async () => {
  await writeFile(path('_langevin-rnn'), (await runFake(['completion', 'zsh'])).stdout)
  expect((await execute('zsh', ['-n', path('_langevin-rnn')])).stderr).toBe('')
})

test.skipIf(!shells.fish)('fish completes by its script', async () => {
  await writeFile(path('langevin-rnn.fish'), (await runFake(['completion', 'fish'])).stdout)
  const ask = `source '${path('langevin-rnn.fish')}'; complete -C 'langevin-rnn sample --integrator e'`
  const { stdout } = await execute('fish', ['--no-config', '-c', ask])
  const words = stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0])
  expect(words).toEqual(['euler-maruyama', 'exponential-euler'])
})
