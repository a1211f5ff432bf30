// `reproduce` as a function, with a library that answers at once: options, exit codes, streams, files.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawsFromNpz, networkFromSafetensors, readNpy } from 'langevin-rnn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runFake } from './fake_host.js'
import { fakeReport } from './fake_report.js'

const ALL = ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current'] as const
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-cli-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const reproduce = (...args: string[]) => ['reproduce', 'double-peak', '--out', join(folder, 'out'), ...args]
const tree = async () =>
  ((await readdir(folder, { recursive: true })) as string[]).map((path) => path.replaceAll('\\', '/')).sort()

describe('usage', () => {
  test.each([
    ['no command', [], 'Usage: langevin-rnn'],
    ['an unknown command', ['reproduse'], 'Did you mean reproduce?'],
    ['no experiment', ['reproduce'], "missing required argument 'experiment'"],
    [
      'a misspelt experiment',
      ['reproduce', 'duoble-peak'],
      "unknown experiment 'duoble-peak'; did you mean double-peak?",
    ],
    ['a far-off experiment', ['reproduce', 'faces'], "unknown experiment 'faces'\nvalid: double-peak"],
    ['a misspelt option', ['reproduce', 'double-peak', '--presett', 'quick'], 'Did you mean --preset?'],
    ['a misspelt preset', ['reproduce', 'double-peak', '--preset', 'papper'], 'did you mean paper?'],
    ['an unknown method', ['reproduce', 'double-peak', '--method', 'sgd'], 'valid: closed-form, adam'],
    [
      'an unknown architecture',
      ['reproduce', 'double-peak', '--architecture', 'sampler-only-rat'],
      'did you mean sampler-only-rate?',
    ],
    [
      'a negative seed',
      ['reproduce', 'double-peak', '--seed', '-1'],
      "--seed '-1' is not a whole number from 0 to 9007199254740991",
    ],
    ['a seed beyond 2⁵³', ['reproduce', 'double-peak', '--seed', '9007199254740992'], '--seed'],
    ['a fractional seed', ['reproduce', 'double-peak', '--seed', '1.5'], '--seed'],
    ['no workers', ['reproduce', 'double-peak', '--workers', '0'], '--workers'],
    ['workers in words', ['reproduce', 'double-peak', '--workers', 'two'], '--workers'],
    ['one argument too many', ['reproduce', 'double-peak', 'again'], 'too many arguments'],
  ])('%s: exit 2, said on standard error', async (_what, args, message) => {
    const { code, stdout, stderr, asked } = await runFake(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(asked).toEqual([])
  })

  test('with --json, the error is one JSON document', async () => {
    const { code, stdout } = await runFake(reproduce('--preset', 'papper', '--json'))
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'usage',
        message: "unknown --preset 'papper'; did you mean paper?",
        argument: '--preset',
        value: 'papper',
        expected: 'quick, paper, paper-short',
      },
    })
    expect(JSON.parse((await runFake(['reproduce', '--json'])).stdout).error.code).toBe('usage')
  })

  test('--help and --version', async () => {
    for (const args of [['--help'], ['reproduce', '--help'], ['help', 'reproduce']]) {
      const { code, stdout, stderr } = await runFake(args)
      expect(code).toBe(0)
      expect(stdout).toContain('Usage: langevin-rnn')
      expect(stderr).toBe('')
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    }
    expect(await runFake(['--version'])).toMatchObject({ code: 0, stdout: '1.2.3\n' })
  })

  test('--out that is a file', async () => {
    await writeFile(join(folder, 'out'), '')
    const { code, stderr, asked } = await runFake(reproduce())
    expect(code).toBe(2)
    expect(stderr).toContain('is a file, not a folder')
    expect(asked).toEqual([])
  })
})

describe('options', () => {
  test('by default leave everything to the preset', async () => {
    const { asked } = await runFake(reproduce())
    expect(asked[0]!.engine).toEqual({})
    const { signal, onEvent, onCheckpoint, ...options } = asked[0]!.options
    expect(options).toEqual({ preset: 'quick', checkpointSeconds: 2, resume: {} })
    expect([signal, onEvent, onCheckpoint]).toEqual([
      expect.any(AbortSignal),
      expect.any(Function),
      expect.any(Function),
    ])
  })

  test('reach the library', async () => {
    const { asked } = await runFake(reproduce('--preset', 'paper', '--method', 'adam', '--seed', '0', '--workers', '2'))
    expect(asked[0]!.engine).toEqual({ workers: 2 })
    expect(asked[0]!.options).toMatchObject({ preset: 'paper', method: 'adam', seed: 0 })
  })

  test.each([
    [
      ['--architecture', 'sampler-only-current', '--architecture', 'reservoir-sampler'],
      [ALL[0], ALL[2]],
    ],
    [
      ['--architecture', 'sampler-only-rate,reservoir-sampler'],
      [ALL[0], ALL[1]],
    ],
    [['--architecture', 'all'], [...ALL]],
    [['--architecture', 'reservoir-sampler', '--architecture', 'all'], [...ALL]],
  ])('%j chooses %j', async (args, architectures) => {
    const { asked } = await runFake(reproduce(...args))
    expect(asked[0]!.options['architectures']).toEqual(architectures)
  })
})

describe('results', () => {
  test('a table that fits, the yardstick, the files', async () => {
    const { code, stdout, stderr } = await runFake(reproduce())
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const line of stdout.split('\n')) if (!line.includes(folder)) expect(line.length).toBeLessThanOrEqual(90)
    expect(stdout).toMatch(/reservoir-sampler +0.0123 +0.00560 +0.0141 +2 +yes +0.25 +0.13/)
    expect(stdout).toContain('exact draws: W1 0.0138 (500 of them')
    expect(stdout).toContain('sampler-only-rate: the drift points outward beyond 27')
    expect(stdout).toContain('  reservoir-sampler/network.safetensors\n')
  })

  test('files are whole, named in results.json, and nothing else is there', async () => {
    await runFake(reproduce())
    const files = (await tree()).filter((path) => /\.\w+$/.test(path)).map((path) => path.replace('out/', ''))
    const results = JSON.parse(await readFile(join(folder, 'out/results.json'), 'utf8'))
    expect([...results.files].sort()).toEqual(files)
    expect(files).toEqual(
      [
        ...ALL.flatMap((name) => [`${name}/draws.npz`, `${name}/losses.npy`, `${name}/network.safetensors`]),
        ...['draws', 'loss', 'rates', 'score'].flatMap((name) =>
          ['csv', 'png', 'svg'].map((type) => `figures/${name}.${type}`),
        ),
        'activity/reservoir-sampler.npz',
        'arrays.npz',
        'figures/target.csv',
        'manifest.json',
        'results.json',
      ].sort(),
    )
    const report = fakeReport(ALL)
    expect(JSON.parse(await readFile(join(folder, 'out/manifest.json'), 'utf8'))).toEqual(report.manifest)
    for (const { architecture, network, draws } of report.architectures) {
      const read = (name: string) => readFile(join(folder, 'out', architecture, name))
      const { complete, losses, levels, hash, ...value } = network
      expect(networkFromSafetensors(await read('network.safetensors'))).toEqual(value)
      expect(readNpy(await read('losses.npy')).data).toEqual(losses)
      expect(drawsFromNpz(await read('draws.npz')).data).toEqual(draws.data)
    }
  })

  test('the numbers behind the figures', async () => {
    await runFake(reproduce())
    const lines = async (name: string) =>
      (await readFile(join(folder, 'out/figures', name), 'utf8')).trimEnd().split('\n')
    const score = await lines('score.csv')
    expect(score[0]).toBe('architecture,sigma,x,score,true_score')
    expect(score.length).toBe(1 + 3 * 10 * 801)
    expect((await lines('draws.csv')).length).toBe(1 + 3 * 60)
    expect((await lines('loss.csv')).length).toBe(1 + 3 * 1000)
    expect((await lines('loss.csv'))[1]).toMatch(/^reservoir-sampler,1,1,/)
    expect((await lines('target.csv')).length).toBe(1 + 801)
  })

  test('--json: one document on standard output, the table on the other', async () => {
    const { code, stdout, stderr } = await runFake(reproduce('--json'))
    expect(code).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toEqual(JSON.parse(await readFile(join(folder, 'out/results.json'), 'utf8')))
    expect(document.architectures[0].figures.lawModes).toBe(2)
    expect(stderr).toContain('exact draws: W1')
  })

  test('an earlier run leaves nothing behind, a user keeps what is his', async () => {
    await runFake(reproduce())
    await writeFile(join(folder, 'out/notes.txt'), 'mine')
    await runFake(reproduce('--architecture', 'reservoir-sampler'))
    const files = await tree()
    expect(files).toContain('out/notes.txt')
    expect(files.filter((path) => path.includes('sampler-only'))).toEqual([])
    // A list that leads out of the folder is not followed.
    await writeFile(join(folder, 'precious'), '')
    await writeFile(
      join(folder, 'out/results.json'),
      JSON.stringify({ format: 'langevin-rnn results', files: ['../precious'] }),
    )
    await runFake(reproduce())
    expect(await tree()).toContain('precious')
  })
})

describe('failures', () => {
  test('of the library: exit 1, its parts told to people and to programs', async () => {
    const failure = Object.assign(new Error('worker 1 ended'), { code: 'worker', expected: 'more memory' })
    const { code, stdout, stderr } = await runFake(reproduce('--json'), { failure })
    expect(code).toBe(1)
    expect(stderr).toBe('error: worker 1 ended\nvalid: more memory\n')
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'worker', message: 'worker 1 ended', expected: 'more memory' },
    })
    expect(await tree()).toEqual(['out'])
  })

  test('of our own making show where', async () => {
    const { code, stderr } = await runFake(reproduce(), { failure: new TypeError('x is undefined') })
    expect(code).toBe(1)
    expect(stderr).toMatch(/x is undefined[\s\S]*at /)
  })

  test('interruption: exit 130, no files', async () => {
    const { code, stdout, stderr } = await runFake(reproduce(), { interrupt: true })
    expect(code).toBe(130)
    expect(stdout).toBe('')
    expect(stderr).toBe('Stopped; no results were written.\n')
    expect(await tree()).toEqual(['out'])
  })
})

describe('progress', () => {
  test('is shown on a terminal only', async () => {
    expect((await runFake(reproduce())).stderr).toBe('')
    const { stderr } = await runFake(reproduce(), { tty: true })
    expect(stderr).toContain('sampler-only-rate    training ████████████100 %  1.23 k epochs/s, done')
  })
})
