// The command on a real Slurm of three nodes: arrays and their merge, tasks that are killed, cancelled, requeued or damaged, found and
// submitted again alone, until the file has the bytes of one run on one machine. LONG_TESTS=1 kills a hundred times.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, lacking, startCluster, until } from './slurm.js'

const execute = promisify(execFile)
const main = fileURLToPath(new URL('../../ts/cli/dist/main.js', import.meta.url))
const long = process.env['LONG_TESTS'] !== undefined
const KILLS = long ? 100 : 6

interface State {
  readonly counts: Record<string, number>
  readonly tasks: readonly { index: number; name: string; state: string; why: string | null; log: string | null }[]
  readonly merged: boolean
  readonly merging: boolean
}
interface Submitted {
  readonly folder: string
  readonly out: string
  readonly tasks: readonly string[]
  readonly submission: { array: string; merge: string } | null
}

test.skipIf(lacking === undefined)('Slurm is there, or can’t be had', ({ skip }) => {
  // .ci/run installs it where there is apt-get.
  const installable = process.env['CI'] !== undefined && existsSync('/usr/bin/apt-get')
  expect(installable, `${lacking} is not there, though CI installs it`).toBe(false)
  skip(`no ${lacking}: apt-get install slurmctld slurmd slurm-client munge`)
})

describe.skipIf(lacking !== undefined)('on a cluster of three nodes', { timeout: long ? 3_600_000 : 240_000 }, () => {
  let cluster: Cluster
  let folder: string
  beforeAll(async () => {
    cluster = await startCluster()
    folder = await mkdtemp(join(tmpdir(), "langevin-rnn a cluster's "))
    await run('train', '--target', 'ring', ...SMALL, '--out', 'net work.safetensors')
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await cluster.slurm('squeue'), await cluster.logs())
    await cluster.slurm('scancel', '--me')
  })
  afterAll(async () => {
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const SMALL = ['--units', '24', '--levels', '1', '--noise-min', '0.3', '--points', '2000']
  const path = (...parts: string[]) => join(folder, ...parts)
  const call = (...args: string[]) =>
    execute(process.execPath, [main, ...args], { cwd: folder, env: cluster.env, maxBuffer: 2 ** 26 })
  /** Calls the command; its document. */
  async function run<T>(...args: string[]): Promise<T> {
    return JSON.parse((await call(...args, '--json')).stdout) as T
  }
  const status = (job: string) => run<State>('slurm', 'status', job)
  const resubmit = (job: string) => run<Submitted>('slurm', 'resubmit', job)
  const untilMerged = (job: string, seconds = 120) =>
    until(`the merge of ${job}`, async () => (await status(job)).merged, seconds)
  const same = async (one: string, other: string) =>
    expect((await readFile(path(one))).equals(await readFile(path(other)))).toBe(true)
  /** Numbers of tasks that run now, as Slurm has them. */
  async function running(): Promise<string[]> {
    const text = await cluster.slurm('squeue', '--noheader', '--array', '--states=RUNNING', '--format=%F_%K')
    return text.split('\n').filter((id) => /^\d+_\d+$/.test(id))
  }
  const parts = (...args: string[]) => run<Submitted>('slurm', 'sample', 'net work.safetensors', ...args)

  test('an array of parts on all nodes, and its merge', async () => {
    const options = [
      '--chains',
      '601',
      '--steps',
      '3000',
      '--dt',
      '0.02',
      '--record-every',
      '1000',
      '--seed',
      '4',
      '--antithetic',
    ]
    const { submission, tasks } = await parts(
      ...options,
      '--shards',
      '7',
      '--partition',
      'short',
      '--mem',
      '100',
      '--out',
      'dra ws.npz',
    )
    expect(tasks).toHaveLength(7)
    expect(submission).toMatchObject({ array: expect.stringMatching(/^\d+$/), merge: expect.stringMatching(/^\d+$/) })
    await untilMerged('dra ws.npz.slurm')
    await run('sample', 'net work.safetensors', ...options, '--out', 'whole.npz')
    await same('dra ws.npz', 'whole.npz')
    expect((await status('dra ws.npz.slurm')).counts).toMatchObject({ done: 7, failed: 0 })
    expect(await readdir(path('dra ws.npz.slurm'))).toEqual([
      'job.json',
      'logs',
      'merge.sh',
      'network.safetensors',
      'parts',
      'task.sh',
    ])
    const { stdout } = await call('slurm', 'resubmit', 'dra ws.npz.slurm')
    expect(stdout).toContain('Nothing to do')
    await expect(
      call('slurm', 'sample', 'net work.safetensors', ...options, '--shards', '8', '--out', 'dra ws.npz'),
    ).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('has a job already') })
  })

  test('a part that is damaged, foreign or gone is named, and computed again alone', async () => {
    const options = ['--chains', '40', '--steps', '20', '--dt', '0.02', '--seed', '1']
    await parts(...options, '--shards', '5', '--out', 'five.npz')
    await untilMerged('five.npz.slurm')
    const before = await readFile(path('five.npz'))
    const damaged = await readFile(path('five.npz.slurm/parts/2.npz'))
    damaged[200]! ^= 1
    await writeFile(path('five.npz.slurm/parts/2.npz'), damaged)
    const stranger = [...options.with(-1, '2'), '--shard', '4/5', '--out', 'five.npz.slurm/parts/4.npz']
    await run('sample', 'net work.safetensors', ...stranger)
    await rm(path('five.npz.slurm/parts/5.npz'))
    await rm(path('five.npz'))
    await expect(call('slurm', 'merge', 'five.npz.slurm')).rejects.toMatchObject({ code: 1 })

    const { tasks } = await status('five.npz.slurm')
    const failed = tasks.filter(({ state }) => state === 'failed')
    expect(failed.map(({ name }) => name)).toEqual(['2/5', '4/5', '5/5'])
    expect(failed.map(({ why }) => why)).toEqual([
      expect.stringMatching(/damaged|CRC/),
      expect.stringContaining('of another run'),
      expect.stringContaining('left nothing'),
    ])
    const again = await resubmit('five.npz.slurm')
    expect(again.tasks).toEqual(['2/5', '4/5', '5/5'])
    await untilMerged('five.npz.slurm')
    expect((await readFile(path('five.npz'))).equals(before)).toBe(true)
  })

  test('a node that goes down loses nothing: its tasks move to others', async () => {
    const options = [
      '--chains',
      '12',
      '--steps',
      '1500000',
      '--dt',
      '0.01',
      '--seed',
      '3',
      '--checkpoint-seconds',
      '0.2',
    ]
    await parts(...options, '--shards', '3', '--out', 'moved.npz')
    await until('three tasks', async () => (await running()).length === 3)
    const node = (await cluster.slurm('squeue', '--noheader', '--states=RUNNING', '--format=%N')).split('\n')[0]!
    await cluster.slurm('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test')
    // It may come back by itself, and can't be resumed then.
    await until('the node', async () => {
      await cluster.slurm('scontrol', 'update', `nodename=${node}`, 'state=resume').catch(() => {})
      const state = await cluster.slurm('sinfo', '--noheader', `--nodes=${node}`, '--format=%t')
      return /^(idle|mix|alloc)\s*$/.test(state.trim())
    })
    await untilMerged('moved.npz.slurm')
    await run('sample', 'net work.safetensors', ...options, '--out', 'unmoved.npz')
    await same('moved.npz', 'unmoved.npz')
  })

  test(`${KILLS} kills of a running array, resumed to one hash`, async () => {
    const [chains, steps] = long ? [240, 40_000_000] : [60, 8_000_000]
    const options = [
      '--chains',
      String(chains),
      '--steps',
      String(steps),
      '--record-every',
      String(steps / 8),
      '--dt',
      '0.01',
      '--seed',
      '5',
    ]
    const job = 'killed.npz.slurm'
    await parts(...options, '--checkpoint-seconds', '0.2', '--shards', '10', '--time', '60', '--out', 'killed.npz')
    const random = numbers(20_260_101)
    const blows = [
      (id: string) => cluster.slurm('scancel', id),
      (id: string) => cluster.slurm('scancel', '--signal=KILL', '--batch', id),
      (id: string) => cluster.slurm('scancel', '--signal=KILL', '--full', id),
      (id: string) => cluster.slurm('scancel', '--signal=TERM', '--full', id),
    ]
    let kills = 0
    let resubmitted = 0
    await until(
      'the merge',
      async () => {
        // Several blows a round, so that the looking takes little of the array's time.
        const victims = await running()
        for (let blow = 0; blow < 6 && kills < KILLS && victims.length > 0; blow++) {
          await new Promise((resolve) => setTimeout(resolve, 400 * random()))
          const [victim] = victims.splice(Math.floor(random() * victims.length), 1)
          kills += await blows[Math.floor(random() * blows.length)]!(victim!).then(
            () => 1,
            () => 0,
          )
        }
        const { counts, tasks, merged } = await status(job)
        if (counts['failed']! > 0) {
          const failed = tasks.filter(({ state }) => state === 'failed')
          for (const { log } of failed) expect(log).not.toBeNull()
          const again = await resubmit(job)
          resubmitted += again.tasks.length
        }
        return merged
      },
      long ? 3000 : 200,
    )
    console.log(`${kills} kills, ${resubmitted} tasks resubmitted`)
    expect(kills).toBe(KILLS)
    expect(resubmitted).toBeGreaterThan(0)
    await run('sample', 'net work.safetensors', ...options, '--out', 'unkilled.npz')
    await same('killed.npz', 'unkilled.npz')
    const left = (await readdir(path(job, 'parts'))).filter((name) => !/^\d+\.npz$/.test(name))
    expect(left).toEqual([])
  })

  test('a sweep: each combination, one table, what failed again', async () => {
    const over = ['--over', 'units=16,24', '--over', 'noise-min=0.2,0.3']
    const { tasks } = await run<Submitted>(
      'slurm',
      'train',
      '--target',
      'ring',
      '--levels',
      '1',
      '--points',
      '2000',
      ...over,
      '--out',
      'sweep',
    )
    expect(tasks).toHaveLength(4)
    expect(tasks[0]).toBe('units=16,noise-min=0.2')
    await untilMerged('sweep')
    const csv = await readFile(path('sweep/results.csv'), 'utf8')
    expect(csv.split('\n')[0]).toBe('units,noise-min,figure,value')
    expect(csv).toMatch(/^24,0\.3,coordinates\.1\.wasserstein,\d/m)
    await writeFile(path('sweep', tasks[1]!, 'network.safetensors'), 'no network')
    await rm(path('sweep', tasks[2]!), { recursive: true })
    await rm(path('sweep/results.csv'))
    await expect(call('slurm', 'merge', 'sweep')).rejects.toMatchObject({ stderr: expect.stringContaining(tasks[2]!) })
    expect((await resubmit('sweep')).tasks).toEqual([tasks[1], tasks[2]])
    await untilMerged('sweep')
    expect(withoutTimes(await readFile(path('sweep/results.csv'), 'utf8'))).toBe(withoutTimes(csv))
  })

  test('experiments, each architecture by itself', async () => {
    const over = ['--over', 'architecture=reservoir-sampler,sampler-only-rate', '--preset', 'paper-short']
    const { tasks } = await run<Submitted>('slurm', 'reproduce', 'double-peak', ...over, '--out', 'both')
    expect(tasks).toEqual([
      'experiment=double-peak,architecture=reservoir-sampler',
      'experiment=double-peak,architecture=sampler-only-rate',
    ])
    await untilMerged('both')
    const csv = await readFile(path('both/results.csv'), 'utf8')
    expect(csv).toMatch(/^double-peak,sampler-only-rate,architectures\.sampler-only-rate\.figures\.drawsWasserstein,/m)
  })
})

const withoutTimes = (csv: string) => csv.replace(/^.*seconds.*$/gim, '')

/** Numbers in [0, 1) that are the same each time: a linear congruential generator. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (1_664_525 * state + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
