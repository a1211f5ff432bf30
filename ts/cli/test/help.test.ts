// Every command explains itself: help with examples that name its own options, flags called as the library's options are.
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addFlags, type Flag } from '../src/flags.js'
import { SAMPLE_FLAGS } from '../src/sample_flags.js'
import { TRAIN_FLAGS } from '../src/train_flags.js'
import { runFake } from './fake_host.js'

/** The commands that a help lists. */
async function commandsOf(...group: string[]): Promise<string[][]> {
  const { stdout } = await runFake([...group, '--help'])
  const [, list = ''] = stdout.split('\nCommands:\n')
  const names = [...list.split('\n\n')[0]!.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1]!)
  return names.filter((name) => name !== 'help').map((name) => [...group, name])
}
const commands = [...(await commandsOf()), ...(await commandsOf('slurm'))]

test('there are commands', () => expect(commands.length).toBeGreaterThanOrEqual(15))

test.each(commands)('%s %s --help has examples, with options that it has', async (...path) => {
  const name = path.filter((word) => typeof word === 'string')
  const { code, stdout: help, stderr } = await runFake([...name, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const examples = [...help.matchAll(/^ {2}\$ langevin-rnn (.*)$/gm)].map((match) => match[1]!)
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples) {
    const words = example.split(' ')
    expect(words.slice(0, name.length)).toEqual(name)
    // A group's examples are of its commands.
    const full = name.join() === 'slurm' ? words.slice(0, 2) : name
    const [options] = (await runFake([...full, '--help'])).stdout.split('\nExamples:')
    for (const option of example.match(/--[a-z-]+/g) ?? []) expect(options).toContain(option)
  }
})

describe.each(Object.entries({ train: TRAIN_FLAGS, sample: SAMPLE_FLAGS }))('%s', (_name, table) => {
  test.each(Object.entries(table as Record<string, Flag>))('the option %s is called so', (name, flag) => {
    const [option] = addFlags(new Command(), { [name]: flag }).options
    expect(option?.attributeName()).toBe(name)
  })
})
