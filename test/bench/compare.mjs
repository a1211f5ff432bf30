// Ours beside JAX, tfjs-backend-wasm and PyTorch on this machine, in one run.
//
//   node test/bench/compare.mjs [--python PYTHON_WITH_JAX] [--torch-python PYTHON_WITH_TORCH] [--rows NAME,…] [--quick]
//                               [--seconds S] [--repetitions N] [--no-growth] [--out DIR]
//
// First checks that all compute the same thing, then measures in alternation. Writes results.json and RESULTS.md: beside this
// file after a whole run, with the medians in the README's table, too; into out/bench after --quick or --rows.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkSampling, checkScore, checkTraining, saveFloats, saveNetwork } from './compare/checks.mjs'
import { measureGrowth } from './compare/growth.mjs'
import { load, machineFacts } from './compare/machine.mjs'
import { measureRow } from './compare/measure.mjs'
import { dataOf, networkOf, Ours } from './compare/ours.mjs'
import { startPeers } from './compare/peer.mjs'
import { markdown, withMedians } from './compare/report.mjs'
import { chosenRows, OPPONENTS } from './compare/rows.mjs'

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    'torch-python': { type: 'string' },
    rows: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    repetitions: { type: 'string' },
    'no-growth': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const { quick } = values
const settings = {
  quick,
  duration: Number(values.seconds ?? (quick ? 0.1 : 1.5)),
  repetitions: Number(values.repetitions ?? (quick ? 2 : 7)),
}
const beside = fileURLToPath(new URL('.', import.meta.url))
const partial = quick || values.rows !== undefined
const readme = join(beside, '../../README.md')
const out = values.out ?? (partial ? join(beside, '../../out/bench') : beside)
const say = (text) => console.error(`  ${text}`)

/** The rows of this run, without those that this build can't run. */
async function available(ours, row) {
  if (row.evaluator === undefined) return undefined
  try {
    await ours.sample({ ...row, chains: 32 }, networkOf(row.n, row.m), 1)
    return undefined
  } catch (error) {
    if (error.name !== 'InvalidArgumentError' && error.name !== 'UnsupportedError') throw error
    return `not in this build: row has no figure (${error.message})`
  }
}

/** Checks each shape once; training rows check the step as well. */
async function check(rows, context) {
  const done = []
  for (const row of rows) {
    console.error(`checking ${row.title}`)
    const score = await checkScore({ ...context, row })
    const training = row.kind === 'train' ? await checkTraining({ ...context, row, quick }) : undefined
    const runs = row.kind === 'sample' && !(await available(context.ours, row))
    const sampling = runs ? await checkSampling({ ...context, row }) : undefined
    done.push({ row: row.name, score, sampling, training })
  }
  return done
}

const rows = chosenRows(values.rows)
const machine = machineFacts()
if (machine.loadBefore > 0.5) {
  console.error(
    `Load average ${machine.loadBefore}: this machine is busy; ratios will scatter, and absolute rates are too low.`,
  )
}
const folder = mkdtempSync(join(tmpdir(), 'langevin-bench-'))
const wanted = new Set(rows.flatMap((row) => row.peers.map((name) => OPPONENTS[name].peer)))
const { peers, facts, missing } = await startPeers(values, wanted)
for (const [name, reason] of Object.entries(missing))
  console.error(`${name}: not installed: its rows have no figure (${reason})`)
if (facts.tfjs?.threads === 1) facts.tfjs.notes.push('its threads are not available in this Node')
const ours = await Ours.start(availableParallelism())
const single = ours.engine.workers > 1 ? await Ours.start(1) : undefined
machine.workers = ours.engine.workers

let failed = false
try {
  const checks = await check(rows, { ours, peers, folder })
  for (const { row, ...kinds } of checks) {
    for (const [kind, contestants] of Object.entries(kinds)) {
      for (const [name, result] of Object.entries(contestants ?? {})) {
        if (result.passed) continue
        failed = true
        console.error(`${name} computes something else in ${row}: ${kind} ${JSON.stringify(result)}`)
      }
    }
  }
  if (failed) throw new Error('contestants differ: nothing was timed')

  const done = []
  for (const row of rows) {
    console.error(row.title)
    const unavailable = await available(ours, row)
    if (unavailable !== undefined) {
      console.error(`  ${unavailable}`)
      done.push({ row, unavailable })
      continue
    }
    const network = networkOf(row.n, row.m)
    const data = row.kind === 'train' ? await dataOf(ours.engine, row) : undefined
    const files = { points: join(folder, 'row.f32') }
    if (data) saveFloats(files.points, data.data)
    saveNetwork(folder, network)
    for (const peer of peers.values()) await peer.call('network', { key: row.name, n: row.n, m: row.m, folder })
    const inputs = { network, data }
    const result = await measureRow({ row, ours, single, peers, inputs, files, ...settings, say })
    for (const peer of peers.values()) await peer.call('forget', { key: row.name })
    for (const [name, { ratio }] of Object.entries(result.opponents)) {
      say(
        `against ${OPPONENTS[name].label}: ${[ratio.min, ratio.median, ratio.max].map((x) => x.toPrecision(3)).join(' – ')}`,
      )
    }
    done.push({ row, result })
  }
  const growth = values['no-growth'] ? undefined : await measureGrowth(ours, { quick, repetitions: quick ? 1 : 3, say })
  machine.loadAfter = load()
  const all = { settings, machine, facts, missing, checks, rows: done, growth }
  const text = markdown(all)
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'results.json'), `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(join(out, 'RESULTS.md'), text)
  if (out === beside) writeFileSync(readme, withMedians(readFileSync(readme, 'utf8'), all))
  console.log(text)
} catch (error) {
  if (!failed) throw error
  console.error(error.message)
  process.exitCode = 1
} finally {
  for (const peer of peers.values()) peer.end()
  await Promise.all([ours.end(), single?.end()])
  rmSync(folder, { recursive: true, force: true })
}
