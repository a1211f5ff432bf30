// `slurm …` without a cluster: words for the shell, sweeps, scripts that run by hand, what is refused, and what stand-ins of Slurm's
// commands are asked. On a real cluster: test/cluster.
import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { numberRanges } from '../src/cluster/job.js'
import { axes, combinations, nameOf } from '../src/cluster/sweep.js'
import { quoted } from '../src/shell.js'
import { runHere, scratch } from './real_host.js'

const execute = promisify(execFile)
const searchPath = process.env['PATH']
const { path, remove } = await scratch()
const RUN = ['--chains', '9', '--steps', '20', '--dt', '0.1', '--seed', '2']
const TRAIN = ['--units', '16', '--levels', '1', '--points', '500']

beforeAll(async () => {
  expect(await runHere(['train', '--target', 'ring', ...TRAIN, '--out', path('ring')])).toMatchObject({ code: 0 })
  await mkdir(path('nothing'))
})
afterAll(() => remove())
afterEach(() => {
  process.env['PATH'] = searchPath
})

async function ok(...args: string[]) {
  const { code, stdout, stderr } = await runHere([...args, '--json'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return JSON.parse(stdout)
}
const slurmSample = (out: string, ...args: string[]) => [
  'slurm',
  'sample',
  path('ring'),
  ...RUN,
  '--out',
  path(out),
  ...args,
]

describe.skipIf(process.platform === 'win32')('words', () => {
  test('reach a command as they are', { timeout: 300_000 }, async () => {
    const words = fc.array(
      fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll('\0', '')),
      { minLength: 1 },
    )
    await fc.assert(
      fc.asyncProperty(words, async (all) => {
        const { stdout } = await execute('sh', ['-c', `printf '%s\\0' ${all.map(quoted).join(' ')}`])
        expect(stdout.split('\0').slice(0, -1)).toEqual(all)
      }),
      { numRuns: 50 },
    )
  })
})

describe('sweeps', () => {
  test('numbers of tasks as ranges', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (numbers) => {
        const back = numberRanges(numbers)
          .split(',')
          .flatMap((range) => {
            const [low, high = low] = range.split('-').map(Number) as [number, number?]
            return Array.from({ length: high - low + 1 }, (_, i) => low + i)
          })
        expect(back).toEqual([...numbers].sort((a, b) => a - b))
      }),
    )
    expect(numberRanges([3, 1, 2, 7])).toBe('1-3,7')
  })

  test('every combination once, the last option fastest', () => {
    const all = combinations(axes('seed=1-3', axes('--units=64,128')))
    expect(all.map(nameOf)).toEqual(
      [64, 128].flatMap((units) => [1, 2, 3].map((seed) => `units=${units},seed=${seed}`)),
    )
    expect(axes('ridges=1e-3,1e-2; 1e-1')).toEqual([{ name: 'ridges', values: ['1e-3,1e-2', '1e-1'] }])
    expect(nameOf({ data: 'a b/c.csv' })).toBe('data=a_b_c.csv')
  })

  test.each(['seed', 'seed=', '=3', 'seed=3-1', 'seed=1,1', 'seed=1,,2', 'Seed!=3'])('%s is none', (text) => {
    expect(() => axes(text)).toThrow(`--over '${text}'`)
  })
})

describe.skipIf(process.platform === 'win32')('--dry-run', () => {
  test('writes scripts that give the whole run without Slurm, in a folder with blanks', async () => {
    process.env['PATH'] = path('nothing')
    const { folder, tasks, submission, commands } = await ok(
      ...slurmSample("a b's.npz", '--shards', '4', '--most', '2', '--dry-run'),
    )
    expect({ tasks, submission }).toEqual({ tasks: ['1/4', '2/4', '3/4', '4/4'], submission: null })
    expect(commands[0]).toMatch(/^sbatch --parsable .*--array=1-4%2 /)
    expect(commands[1]).toContain('--dependency=afterok:ARRAY')
    process.env['PATH'] = searchPath
    expect((await ok('slurm', 'status', folder)).counts).toEqual({
      done: 0,
      running: 0,
      waiting: 0,
      failed: 0,
      'not submitted': 4,
    })
    for (const index of ['2', '4', '1']) await execute('sh', [`${folder}/task.sh`, index])
    const lacking = await runHere(['slurm', 'merge', folder])
    expect(lacking).toMatchObject({ code: 1, stderr: expect.stringContaining('1 of 4 parts are missing: 3/4') })
    await execute('sh', [`${folder}/task.sh`], { env: { ...process.env, SLURM_ARRAY_TASK_ID: '3' } })
    await execute('sh', [`${folder}/merge.sh`])
    await ok('sample', path('ring'), ...RUN, '--out', path('whole.npz'))
    expect((await readFile(path("a b's.npz"))).equals(await readFile(path('whole.npz')))).toBe(true)
    await expect(execute('sh', [`${folder}/task.sh`, '5'])).rejects.toMatchObject({ code: 2 })
    // As it was, it may be written again; another job would take these parts for its own.
    await ok(...slurmSample("a b's.npz", '--shards', '4', '--most', '2', '--dry-run'))
    const other = await runHere(slurmSample("a b's.npz", '--shards', '3', '--dry-run'))
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('has a job already') })
  })

  test('the tasks of the posterior experiment, each by itself', async () => {
    const over = ['--over', 'task=two-moons,slcp', '--over', 'seed=1-2', '--preset', 'paper-short']
    const { folder, tasks } = await ok(
      'slurm',
      'reproduce',
      'posterior',
      ...over,
      '--out',
      path('posteriors'),
      '--dry-run',
    )
    expect(tasks.map((name: string) => name.replace('experiment=posterior,', ''))).toEqual([
      'task=two-moons,seed=1',
      'task=two-moons,seed=2',
      'task=slcp,seed=1',
      'task=slcp,seed=2',
    ])
    expect(await readFile(`${folder}/task.sh`, 'utf8')).toContain('3) set -- posterior --task slcp --seed 1 --out ')
  })

  test('the job has its own network and starts', async () => {
    await ok('sample', path('ring'), ...RUN, '--out', path('before.npz'))
    await writeFile(path('own'), await readFile(path('ring')))
    const on = [...RUN, '--first-step', '20', '--start', path('before.npz')]
    const { folder } = await ok(
      'slurm',
      'sample',
      path('own'),
      ...on,
      '--shards',
      '2',
      '--out',
      path('on.npz'),
      '--dry-run',
    )
    await ok('sample', path('own'), ...on, '--out', path('on whole.npz'))
    await rm(path('own'))
    await rm(path('before.npz'))
    for (const index of ['1', '2']) await execute('sh', [`${folder}/task.sh`, index])
    await execute('sh', [`${folder}/merge.sh`])
    expect((await readFile(path('on.npz'))).equals(await readFile(path('on whole.npz')))).toBe(true)
  })
})

describe('refuses before anything is written', () => {
  test.each<[string, string[], string]>([
    [
      'more parts than chains',
      slurmSample('x.npz', '--shards', '10', '--dry-run'),
      '--shards 10 leaves parts without chains',
    ],
    ['a step out of range', slurmSample('x.npz', '--dt', '7', '--shards', '2', '--dry-run'), '--dt is 7'],
    ['a kind of file that has no parts', slurmSample('x.csv', '--shards', '2', '--dry-run'), '.npz, .npy'],
    ['no number of parts', slurmSample('x.npz', '--dry-run'), '--shards'],
    ['an option that the job sets', slurmSample('x.npz', '--shards', '2', '--resume', '--dry-run'), '--resume'],
    ['a folder that Slurm misreads', slurmSample('x%a.npz', '--shards', '2', '--dry-run'), 'without % and \\'],
    [
      'a misspelt experiment',
      ['slurm', 'reproduce', 'double-pek', '--out', 'x', '--dry-run'],
      'did you mean double-peak?',
    ],
    [
      'no value',
      ['slurm', 'train', '--target', 'ring', '--over', 'units=16,many', '--out', 'x', '--dry-run'],
      "--units 'many'",
    ],
    [
      'an unknown option',
      ['slurm', 'train', '--target', 'ring', '--over', 'unts=16', '--out', 'x', '--dry-run'],
      '--unts',
    ],
    [
      'both',
      ['slurm', 'train', '--target', 'ring', '--units', '9', '--over', 'units=16', '--out', 'x', '--dry-run'],
      'swept and given',
    ],
    [
      'nothing to learn',
      ['slurm', 'train', '--over', 'units=16', '--out', 'x', '--dry-run'],
      'neither of --target and --data',
    ],
  ])('%s', async (_what, args, message) => {
    const before = await readdir(path())
    const { code, stderr } = await runHere(args.map((word) => (word === 'x' ? path('x') : word)))
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
    expect(await readdir(path())).toEqual(before)
  })

  test('a file of draws that would be too large', async () => {
    const huge = ['--chains', '2000000', '--steps', '1000', '--dt', '0.1', '--record-every', '1', '--memory', '64G']
    const args = ['slurm', 'sample', path('ring'), ...huge, '--shards', '1000', '--dry-run']
    const { code, stderr } = await runHere([...args, '--out', path('x.npz')])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('.npy, which has no limit') })
    await ok(...args, '--out', path('huge.npy'))
  })

  test('where there is no Slurm', async () => {
    process.env['PATH'] = path('nothing')
    const before = await readdir(path())
    const { code, stdout, stderr } = await runHere([...slurmSample('x.npz', '--shards', '2'), '--json'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('sbatch is not there') })
    expect(JSON.parse(stdout).error.code).toBe('no-slurm')
    expect(await readdir(path())).toEqual(before)
  })

  test.each(['status', 'resubmit', 'merge'])('%s of a folder without a job', async (what) => {
    expect(await runHere(['slurm', what, path('nothing')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no folder of a job'),
    })
  })
})

describe.skipIf(process.platform === 'win32')('what Slurm says', () => {
  /** Puts stand-ins of Slurm's commands, shell scripts, before all others. */
  async function standIns(scripts: Record<string, string>) {
    await mkdir(path('bin'), { recursive: true })
    for (const [name, script] of Object.entries({ squeue: '', sacct: '', ...scripts })) {
      await writeFile(path('bin', name), `#!/bin/sh\n${script}\n`)
      await chmod(path('bin', name), 0o755)
    }
    process.env['PATH'] = `${path('bin')}${delimiter}${searchPath}`
  }
  const numbered = `echo "$@" >> '${'LOG'}'; n=$(wc -l < '${'LOG'}'); [ "$1" = --version ] || echo "$((40 + n));cluster"`

  test('states, reasons, and what is submitted again', async () => {
    const log = path('asked')
    const sbatch = numbered.replaceAll('LOG', log)
    await standIns({ sbatch })
    const options = [
      '--shards',
      '5',
      '--partition',
      'long',
      '--time',
      '1:00:00',
      '--cpus-per-task',
      '3',
      '--sbatch=--account=me',
    ]
    const { folder, submission } = await ok(...slurmSample('stand.npz', ...options))
    expect(submission).toEqual({ array: '42', tasks: [1, 2, 3, 4, 5], merge: '43' })
    const [, array, merge] = (await readFile(log, 'utf8')).split('\n')
    for (const option of ['--partition=long', '--time=1:00:00', '--account=me']) {
      expect(array).toContain(option)
      expect(merge).toContain(option)
    }
    expect(array).toContain('--cpus-per-task=3')
    expect(merge).toContain('--dependency=afterok:42 --kill-on-invalid-dep=yes')
    expect(await readFile(`${folder}/task.sh`, 'utf8')).toContain('--workers 3 --resume')

    await execute('sh', [`${folder}/task.sh`, '1'])
    await standIns({
      sbatch,
      squeue: 'echo "42 2 RUNNING"; echo "42 5 PENDING"; echo "43 N/A PENDING"; echo "7 1 RUNNING"',
      sacct: 'echo "42_3|TIMEOUT|0:0"; echo "42_4|FAILED|2:0"',
    })
    const { tasks, counts, merging } = await ok('slurm', 'status', folder)
    expect(merging).toBe(true)
    expect(counts).toEqual({ done: 1, running: 1, waiting: 1, failed: 2, 'not submitted': 0 })
    expect(tasks.map(({ state, why }: { state: string; why: string | null }) => [state, why])).toEqual([
      ['done', null],
      ['running', null],
      ['failed', 'TIMEOUT; it left nothing'],
      ['failed', 'FAILED with exit code 2; it left nothing'],
      ['waiting', null],
    ])
    const said = await runHere(['slurm', 'status', folder])
    expect(said.stdout).toMatch(
      /1 done, 1 running, 1 waiting, 2 failed of 5 tasks[\s\S]*^3\/5 +TIMEOUT[\s\S]*merge waits/m,
    )

    await writeFile(`${folder}/parts/3.npz.checkpoint.npz`, 'no checkpoint')
    await writeFile(`${folder}/parts/3.npz.unfinished-77`, 'half')
    const again = await ok('slurm', 'resubmit', folder)
    expect(again.tasks).toEqual(['3/5', '4/5'])
    expect(await readdir(`${folder}/parts`)).toEqual(['1.npz'])
    const last = (await readFile(log, 'utf8')).trim().split('\n').slice(-2)
    expect(last[0]).toContain('--array=3-4 ')
    expect(last[1]).toContain('--dependency=afterok:44,afterany:42')
  })

  test('sbatch that refuses', async () => {
    await standIns({ sbatch: '[ "$1" = --version ] || { echo "sbatch: error: invalid partition" >&2; exit 1; }' })
    const { code, stderr } = await runHere(slurmSample('refused.npz', '--shards', '2'))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('invalid partition') })
  })
})
