// Every command explains itself: help with examples that name its own options, flags called as the library's options are.
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addFlags, type Flag } from '../src/flags.js'
import { SAMPLE_FLAGS } from '../src/sample_flags.js'
import { TRAIN_FLAGS } from '../src/train_flags.js'
import { runFake } from './fake_host.js'

const { stdout } = await runFake(['--help'])
const commands = [...stdout.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1]!).filter((name) => name !== 'help')

test('there are commands', () => expect(commands.length).toBeGreaterThanOrEqual(8))

test.each(commands)('%s --help has examples, with options that it has', async (name) => {
  const { code, stdout: help, stderr } = await runFake([name, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const examples = [...help.matchAll(/^ {2}\$ langevin-rnn (.*)$/gm)].map((match) => match[1]!)
  expect(examples.length).toBeGreaterThan(0)
  const [options] = help.split('\nExamples:')
  for (const example of examples) {
    expect(example.split(' ')[0]).toBe(name)
    for (const option of example.match(/--[a-z-]+/g) ?? []) expect(options).toContain(option)
  }
})

describe.each(Object.entries({ train: TRAIN_FLAGS, sample: SAMPLE_FLAGS }))('%s', (_name, table) => {
  test.each(Object.entries(table as Record<string, Flag>))('the option %s is called so', (name, flag) => {
    const [option] = addFlags(new Command(), { [name]: flag }).options
    expect(option?.attributeName()).toBe(name)
  })
})
