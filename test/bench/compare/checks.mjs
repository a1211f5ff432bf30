// Before anything is timed: do all contestants compute the same thing? Same weights and points must give the same score;
// same weights and data the same loss, the same direction of Adam's first step, and the same loss some steps later.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { networkOf, normals } from './ours.mjs'
import { NOISE, OPPONENTS } from './rows.mjs'

/** Noise differs from contestant to contestant, so losses agree within their Monte Carlo error only. */
const TOLERANCE = {
  score: 1e-4,
  spread: 0.05,
  evaluators: 1e-3,
  loss: 0.05,
  direction: 0.95,
  stepSize: 0.02,
  laterLoss: 0.08,
}
const CHECK_RATE = 1e-3
const NAMES = { out: 'W1.weight', fb: 'W2.weight', b: 'W2.bias' }

export function saveFloats(path, values) {
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

function readFloats(path) {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

/** The folder of a network's three arrays. */
export function saveNetwork(folder, network) {
  mkdirSync(folder, { recursive: true })
  for (const [short, name] of Object.entries(NAMES))
    saveFloats(join(folder, `${short}.f32`), network.tensors[name].data)
  return folder
}

function scoreError(ours, theirs) {
  let worst = 0
  for (let i = 0; i < theirs.length; i += 1) {
    const expected = ours[i % ours.length]
    worst = Math.max(worst, Math.abs(theirs[i] - expected) / (1 + Math.abs(expected)))
  }
  return Number.isFinite(worst) ? worst : Infinity
}

export async function checkScore({ ours, peers, row, folder }) {
  const network = networkOf(row.n, row.m)
  const count = 128
  const points = normals(count * row.n, 0, 9)
  const expected = await ours.engine.score(network, { shape: [count, row.n], data: points })
  const files = { points: join(folder, 'points.f32'), out: join(folder, 'score.f32') }
  saveFloats(files.points, points)
  saveNetwork(folder, network)
  const found = {}
  for (const [name, peer] of peers) {
    await peer.call('network', { key: 'check', n: row.n, m: row.m, folder })
    const { evaluations } = await peer.call('score', { key: 'check', points: files.points, count, out: files.out })
    const theirs = readFloats(files.out)
    if (theirs.length !== evaluations * expected.length) throw new Error(`${name} gave ${theirs.length} scores`)
    const error = scoreError(expected, theirs)
    found[name] = { error, evaluations, passed: error <= TOLERANCE.score }
    await peer.call('forget', { key: 'check' })
  }
  return found
}

/** Twenty long steps from x = 0: root mean square of the states, which differs by chance alone. */
export async function checkSampling({ ours, peers, row, folder }) {
  const network = networkOf(row.n, row.m)
  const walk = { ...row, dt: 0.1 }
  const steps = 20
  const states = { shape: [row.chains, row.n], data: new Float32Array(row.chains * row.n) }
  const mine = await ours.draws(walk, network, steps, { start: { kind: 'states', states } })
  const spread = Math.sqrt(mine.reduce((sum, value) => sum + value * value, 0) / mine.length)
  const found = {}
  if (row.evaluator !== undefined) {
    const direct = await ours.draws({ ...walk, evaluator: 'direct' }, network, steps, {
      start: { kind: 'states', states },
    })
    const error = scoreError(direct, mine)
    found['ours, direct'] = { error, passed: error <= TOLERANCE.evaluators }
  }
  saveNetwork(folder, network)
  for (const name of row.peers) {
    const { peer: process, dynamics, plain } = OPPONENTS[name]
    const peer = peers.get(process)
    if (peer === undefined || name === 'jax-tuned') continue
    await peer.call('network', { key: 'check', n: row.n, m: row.m, folder })
    const theirs = await peer.call('sample', {
      ...{ key: 'check', chains: row.chains, steps, dt: walk.dt, dynamics },
      ...(plain ? { plain } : {}),
    })
    await peer.call('forget', { key: 'check' })
    const ratio = spread / theirs.spread
    found[name] = { ratio, passed: Math.abs(ratio - 1) <= TOLERANCE.spread }
  }
  return found
}

/** One tensor: the share of the gradient's size in which both first steps agree in sign, and the middle size of each step. */
function compareSteps(initial, ours, theirs, gradient) {
  let [same, all] = [0, 0]
  const sizes = [[], []]
  for (let i = 0; i < initial.length; i += 1) {
    const [a, b] = [ours[i] - initial[i], theirs[i] - initial[i]]
    const weight = Math.abs(gradient[i])
    all += weight
    if (Math.sign(a) === Math.sign(b)) same += weight
    if (weight > 1e-6) {
      sizes[0].push(Math.abs(a))
      sizes[1].push(Math.abs(b))
    }
  }
  const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1] / CHECK_RATE
  return { agreement: same / all, sizes: sizes.map(middle) }
}

/** Our initial weights, our loss, and our weights after one step: a learning rate of nothing leaves them as they were. */
async function ourFirstStep(engine, row, data) {
  const [count] = data.shape
  const options = {
    ...{ data, units: row.m, method: 'adam', batch: count, points: count, epochs: 1, seed: 3 },
    ...{ levels: 1, noiseMax: NOISE, noiseMin: NOISE },
  }
  const initial = await engine.train({ ...options, learningRate: 1e-30 })
  const stepped = await engine.train({ ...options, learningRate: CHECK_RATE })
  return { initial, stepped, loss: initial.losses[0] }
}

export async function checkTraining({ ours, peers, row, folder, quick }) {
  const big = row.n > 8
  const count = big ? 256 : quick ? 16_384 : 65_536
  const few = big ? 2 * row.batch : row.points
  // Means away from zero give the gradient a direction that noise doesn't drown.
  const data = { shape: [count, row.n], data: normals(count * row.n, 1, 11) }
  const fewData = { shape: [few, row.n], data: data.data.slice(0, few * row.n) }
  const { initial, stepped, loss } = await ourFirstStep(ours.engine, row, data)
  const epochs = 4
  const later = await ours.engine.train({
    ...{ data: fewData, units: row.m, method: 'adam', batch: row.batch, points: few, epochs, seed: 3 },
    ...{ levels: 1, noiseMax: NOISE, noiseMin: NOISE, learningRate: CHECK_RATE },
  })
  const laterLoss = later.losses[epochs - 1]
  const points = join(folder, 'data.f32')
  const fewPoints = join(folder, 'few.f32')
  saveFloats(points, data.data)
  saveFloats(fewPoints, fewData.data)
  saveNetwork(folder, initial)

  const found = {}
  for (const [name, peer] of peers) {
    const common = { key: 'check', noise: NOISE, rate: CHECK_RATE }
    await peer.call('network', { key: 'check', n: row.n, m: row.m, folder })
    const theirs = await peer.call('gradient', { ...common, points, count, out: folder })
    const tensors = Object.entries(NAMES).map(([short, tensor]) =>
      compareSteps(
        initial.tensors[tensor].data,
        stepped.tensors[tensor].data,
        readFloats(join(folder, `stepped_${short}.f32`)),
        readFloats(join(folder, `gradient_${short}.f32`)),
      ),
    )
    const { loss: after } = await peer.call('train', {
      ...{ ...common, points: fewPoints, count: few, batch: row.batch },
      ...{ steps: (epochs * few) / row.batch, fresh: true },
    })
    await peer.call('forget', { key: 'check' })
    const result = {
      lossRatio: loss / theirs.loss,
      agreement: Math.min(...tensors.map((tensor) => tensor.agreement)),
      stepSizes: tensors.flatMap((tensor) => tensor.sizes),
      laterLossRatio: laterLoss / after,
    }
    const passed =
      Math.abs(result.lossRatio - 1) <= TOLERANCE.loss &&
      result.agreement >= TOLERANCE.direction &&
      result.stepSizes.every((size) => Math.abs(size - 1) <= TOLERANCE.stepSize) &&
      Math.abs(result.laterLossRatio - 1) <= TOLERANCE.laterLoss
    found[name] = { ...result, passed }
  }
  return found
}
