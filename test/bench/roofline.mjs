// The machine's roofline inside Node's wasm, and the share of it that each of our rows reaches.
//
//   node test/bench/roofline.mjs [--seconds S] [--quick] [--rows NAME,…] [--results FILE] [--out FILE]
//
// Measures simd128 multiply-add peak, the rate of hinges and triad bandwidth on one core and on all, between our rows and after them, so that a
// machine that changes its speed shows; and the matrix products alone, each share of a peak measured just before. With --results the rows'
// times come from a results.json of compare.mjs instead, and each of its targets gets a line: what the same loops would reach if nothing but
// their own arithmetic took time.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { conformanceModule, ensureConformance } from '../../scripts/setup/wasm-module.mjs'
import { load, machineFacts } from './compare/machine.mjs'
import { measureRow, summary } from './compare/measure.mjs'
import { dataOf, networkOf, Ours } from './compare/ours.mjs'
import { verdict } from './compare/report.mjs'
import { bytesOfStep, chosenRows, flopsOfStep, instructionsOfStep, OPPONENTS } from './compare/rows.mjs'
import { FLOPS_A_TILE, HINGES_A_TILE, rooflineModule } from './roofline/module.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    results: { type: 'string' },
    out: { type: 'string' },
  },
})
const duration = Number(values.seconds ?? (values.quick ? 0.1 : 1))
const cores = availableParallelism()
/** Three arrays of 128 MiB a core: far beyond any cache. */
const ARRAY_BYTES = 2 ** 27
const REPETITIONS = values.quick ? 1 : 5
const digits = (/** @type {number} */ value) => value.toPrecision(3)

const binary = rooflineModule(ARRAY_BYTES)
await ensureConformance()
/** Holds the products of `crates/core` and nothing that is measured otherwise. */
const kernels = readFileSync(conformanceModule)
const workers = Array.from(
  { length: cores },
  () => new Worker(new URL('roofline/worker.mjs', import.meta.url), { workerData: { binary, kernels } }),
)
for (const worker of workers) {
  worker.on('error', (error) => {
    throw error
  })
}
const ask = (worker, message) =>
  new Promise((resolve) => {
    worker.once('message', resolve)
    worker.postMessage(message)
  })

/** Units a second of `count` workers together. */
async function together(name, count, unit, shape = 0) {
  const message = { name, shape, milliseconds: 1000 * duration }
  const answers = await Promise.all(workers.slice(0, count).map((worker) => ask(worker, message)))
  return answers.reduce((sum, { turns, seconds }) => sum + (turns * unit) / seconds, 0)
}

const samples = { peakOne: [], peakAll: [], hingesOne: [], hingesAll: [], triadOne: [], triadAll: [] }
async function measureMachine() {
  samples.peakOne.push(await together('peak', 1, FLOPS_A_TILE))
  samples.peakAll.push(await together('peak', cores, FLOPS_A_TILE))
  samples.hingesOne.push(await together('hinges', 1, HINGES_A_TILE))
  samples.hingesAll.push(await together('hinges', cores, HINGES_A_TILE))
  samples.triadOne.push(await together('triad', 1, 3 * ARRAY_BYTES))
  samples.triadAll.push(await together('triad', cores, 3 * ARRAY_BYTES))
}

const PRODUCTS = ['Z = b + W_fb X', 'S += W_out φ(Z)', 'W_outᵀ E', '∂L/∂Z Xᵀ, φ(Z) Eᵀ']
/** Of each shape of product: rows, depth and columns, operations, and shares of the peak. */
async function measureProducts() {
  const { product_shape, prepare_products } = new WebAssembly.Instance(new WebAssembly.Module(kernels)).exports
  const shapes = PRODUCTS.map((name, shape) => {
    const parts = product_shape(shape)
    const size = [24n, 12n, 0n].map((bits) => Number((parts >> bits) & 0xfffn))
    return { name, shape, size, operations: prepare_products(shape), one: [], all: [], ofOne: [], ofAll: [] }
  })
  for (const { shape, operations } of shapes) await together('products', cores, operations, shape)
  for (let k = 0; k < REPETITIONS; k += 1) {
    for (const { shape, operations, one, all, ofOne, ofAll } of shapes) {
      for (const [count, rates, shares] of [
        [1, one, ofOne],
        [cores, all, ofAll],
      ]) {
        const peak = await together('peak', count, FLOPS_A_TILE)
        const rate = await together('products', count, operations, shape)
        rates.push(rate)
        shares.push(rate / peak)
      }
    }
  }
  return shapes
}

const machine = machineFacts()
if (machine.loadBefore > 0.5)
  console.error(`Load average ${machine.loadBefore}: this machine is busy; shares are too low.`)
await together('peak', cores, 1)
for (let k = 0; k < 3; k += 1) await measureMachine()
const products = await measureProducts()

const rows = []
const compared = values.results === undefined ? undefined : JSON.parse(readFileSync(values.results, 'utf8'))
if (compared !== undefined) {
  for (const { row, result } of compared.rows) {
    if (result) rows.push({ row, result, seconds: result.ours.median, alone: result.single?.median })
  }
} else {
  const ours = await Ours.start(cores)
  const single = await Ours.start(1)
  for (const row of chosenRows(values.rows)) {
    // What an O(1) evaluator does is not measured in multiply-adds.
    if (row.evaluator !== undefined) continue
    console.error(row.title)
    const inputs = {
      network: networkOf(row.n, row.m),
      data: row.kind === 'train' ? await dataOf(ours.engine, row) : undefined,
    }
    const result = await measureRow({
      ...{ row: { ...row, peers: [] }, ours, single, peers: new Map(), inputs, files: {} },
      ...{ duration, repetitions: values.quick ? 1 : 3, say: () => {} },
    })
    rows.push({ row, seconds: result.ours.median, alone: result.single?.median })
    await measureMachine()
  }
  await Promise.all([ours.end(), single.end()])
}
for (const worker of workers) await worker.terminate()

const middle = Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, summary(list)]))
const giga = ({ min, median, max }) => `${digits(min / 1e9)} – **${digits(median / 1e9)}** – ${digits(max / 1e9)}`
const share = (/** @type {number} */ part, /** @type {number} */ whole) =>
  part > 0 ? `${((100 * part) / whole).toFixed(0)} %` : '–'
/** Of one step, on one worker and on all: G/s, and the share of what the machine does. */
function columnsOf(work, { seconds, alone }, one, all) {
  const both = [
    [alone, one],
    [seconds, all],
  ]
  return both.flatMap(([time, most]) =>
    work > 0 && time !== undefined ? [digits(work / time / 1e9), share(work / time, most)] : ['–', '–'],
  )
}
/** The tile of the peak is all multiplications and additions, four lanes each. */
const issue = { one: middle.peakOne.median / 4, all: middle.peakAll.median / 4 }
const loops = rows.filter(({ row }) => row.evaluator === undefined)
const lines = loops.map((one) => {
  const flops = columnsOf(flopsOfStep(one.row), one, middle.peakOne.median, middle.peakAll.median)
  const instructions = columnsOf(instructionsOfStep(one.row), one, issue.one, issue.all)
  const [, , bytes, ofTriad] = columnsOf(bytesOfStep(one.row), one, middle.triadOne.median, middle.triadAll.median)
  return `| ${[one.row.title, ...flops, ...instructions, bytes, ofTriad].join(' | ')} |`
})
const bounds = loops.flatMap(({ row, result, seconds }) => {
  // A bound by the fastest seen: a machine that others slow down for a while must not make it too low.
  const ofHinges = row.kind === 'sample' && row.n === 1
  const used = instructionsOfStep(row) / seconds / (ofHinges ? middle.hingesAll.max : middle.peakAll.max / 4)
  return (result ? row.targets : []).map((target) => {
    const { text, ratio } = verdict(target, result, compared.missing)
    const names = target.against.map((name) => OPPONENTS[name].label).join(' or ')
    const most = ratio === undefined ? '–' : digits(ratio / used)
    return `| ${row.title} | ${names} | ${target.least} | ${text} | ${most} |`
  })
})
const percent = (/** @type {number[]} */ shares) => {
  const { min, median, max } = summary(shares.map((value) => 100 * value))
  return `${min.toFixed(0)} – **${median.toFixed(0)}** – ${max.toFixed(0)} %`
}
const productLines = products.map(({ name, size, one, all, ofOne, ofAll }) => {
  const met = [ofOne, ofAll].every((shares) => summary(shares).median >= 0.9)
  const rates = [one, all].map((list) => digits(summary(list).median / 1e9))
  return `| ${[name, size.join(' × '), rates[0], percent(ofOne), rates[1], percent(ofAll), met ? 'met' : 'short'].join(' | ')} |`
})
const targets = `
## What is left in the loops
Vector instructions counted: instructionsOfStep in compare/rows.mjs, the arithmetic of the inner loops and no more. In the last column is the
ratio that a target would have if these instructions were issued as fast as the machine issued the peak's at best (sampling with n = 1: those of hinges, its
own loop), and all else took no time: where that is under the target, these loops don't meet it at such a rate; where it is over, the rest is
loads, noise, Adam, memory and start-up.

| row | against | target | measured | at most |
|---|---|---|---|---|
${bounds.join('\n')}
`
const text = `<!-- Written by test/bench/roofline.mjs -->
# Roofline of this machine in Node's wasm

${machine.processor}, ${cores} cores, Node ${machine.node.slice(1)}, ${machine.date.slice(0, 10)}, load average ${machine.loadBefore} before, ${load()} after

| | one core | all cores |
|---|---|---|
| simd128 multiply and add, GFLOP/s | ${giga(middle.peakOne)} | ${giga(middle.peakAll)} |
| hinges: maximum of whole numbers, product, sum, G vector instructions/s | ${giga(middle.hingesOne)} | ${giga(middle.hingesAll)} |
| triad, GB/s | ${giga(middle.triadOne)} | ${giga(middle.triadAll)} |

## Matrix products alone
In the shapes of sampling and training with n = 300, over the weights of m = 20,000 units where they take part; each share is of a peak measured
just before. Target: 90 %.

| product | rows × depth × columns | one core, GFLOP/s | of its peak | all cores, GFLOP/s | of their peak | verdict |
|---|---|---|---|---|---|---|
${productLines.join('\n')}

## Rows of the comparison
Operations counted: 4·n·m a chain-step, 10·n·m a training sample; activations, noise and Adam are not. Bytes counted: weights and
Adam's two moments, read and written once a training step. The rows with n = 300 consist of the products above and of these.

| row | one worker, GFLOP/s | of one core's peak | all workers, GFLOP/s | of all cores' peak | one worker, G vector instructions/s | of one core's | all workers, G vector instructions/s | of all cores' | Adam's traffic, GB/s | of triad |
|---|---|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}
${compared === undefined ? '' : targets}`
console.log(text)
if (values.out !== undefined) writeFileSync(values.out, text)
