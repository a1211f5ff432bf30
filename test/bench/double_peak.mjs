// The paper preset of the double peak beside the authors' procedure in PyTorch, on this machine, in one run.
//
//   node test/bench/double_peak.mjs [--python PYTHON_WITH_TORCH] [--seeds 1,2,3,4,5] [--workers N]
//
// PyTorch's time is estimated from a slice of its steps (test/bench/peer). Without --python only ours is measured.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { createEngine } from 'langevin-rnn'
import { reproduceDoublePeak } from 'langevin-rnn/experiments'

const { values } = parseArgs({
  options: { python: { type: 'string' }, seeds: { type: 'string', default: '1,2,3,4,5' }, workers: { type: 'string' } },
})
const seeds = values.seeds.split(',').map(Number)
const median = (/** @type {number[]} */ list) =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
const digits = (/** @type {number} */ value) => value.toPrecision(3)

const peerSlice = async () => {
  if (values.python === undefined) return undefined
  const script = fileURLToPath(new URL('peer/double_peak_torch.py', import.meta.url))
  const { stdout } = await promisify(execFile)(values.python, [script, '--slice'])
  return JSON.parse(stdout)
}

// Before and after, so that a machine that changes its speed shows.
const before = await peerSlice()
const engine = await createEngine(values.workers === undefined ? {} : { workers: Number(values.workers) })
const runs = []
for (const seed of seeds) {
  const began = performance.now()
  const { architectures } = await reproduceDoublePeak(engine, { preset: 'paper', seed })
  const seconds = (performance.now() - began) / 1000
  runs.push({ seconds, figures: Object.fromEntries(architectures.map((a) => [a.architecture, a.figures])) })
  console.log(`seed ${seed}: ${digits(seconds)} s`, JSON.stringify(runs.at(-1)?.figures['reservoir-sampler']))
}
await engine.dispose()
const after = await peerSlice()

const ours = median(runs.map((run) => run.seconds))
const key = (/** @type {string} */ name) => median(runs.map((run) => Number(run.figures['reservoir-sampler']?.[name])))
console.log(`
medians over seeds ${seeds.join(', ')}, ${engine.workers} workers
  whole preset, three networks   ${digits(ours)} s
  RSN: Fisher divergence         ${digits(key('fisherDivergence'))}   authors' one run 0.065
       W1 of the stationary law  ${digits(key('lawWasserstein'))}   authors' one run 0.155
       W1 of 5,000 draws         ${digits(key('drawsWasserstein'))}   authors' one run 0.074`)
for (const [when, peer] of Object.entries({ before, after })) {
  if (peer === undefined) continue
  const rows = /** @type {{ total_seconds: number }[]} */ (Object.values(peer.architectures))
  const total = rows.reduce((sum, row) => sum + row.total_seconds, 0)
  console.log(
    `PyTorch ${peer.machine.torch}, ${peer.machine.threads} threads, slice ${when}: ${digits(total)} s estimated, ${digits(total / ours)} times ours`,
  )
}
