// What training at the paper's largest size holds: this process's growth over weights and Adam state.
//
//   node test/bench/memory.mjs [--n 784] [--units 20000] [--seconds S]
import { parseArgs } from 'node:util'
import { normals, Ours } from './compare/ours.mjs'

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '784' },
    units: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '3' },
  },
})
const [n, m] = [Number(values.n), Number(values.units)]
const row = { kind: 'train', n, m, batch: 64, points: 256 }
const MOST = 1.3

const ours = await Ours.start()
const data = { shape: [row.points, n], data: normals(row.points * n, 0, 5) }
// Workers, their wasm and their code are there before the count starts.
await ours.trainStep({ ...row, m: 64 }, data, 0.05)
const before = process.memoryUsage.rss()
let most = before
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss())
}, 20)
const step = await ours.trainStep(row, data, Number(values.seconds))
clearInterval(watch)
await ours.end()

const needed = 3 * (2 * n + 1) * m * 4
const ratio = (most - before) / needed
const mebibytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
console.log(`n = ${n}, m = ${m}, batch ${row.batch}: ${(1000 * step).toFixed(1)} ms a step
weights and Adam state ${mebibytes(needed)}; resident set grew from ${mebibytes(before)} by ${mebibytes(most - before)} at most
ratio ${ratio.toFixed(2)}, target at most ${MOST}: ${ratio <= MOST ? 'met' : 'too much'}`)
