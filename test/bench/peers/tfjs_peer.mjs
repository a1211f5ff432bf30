// tfjs-backend-wasm as a peer: projected Langevin sampling and DSM training steps, SIMD, threads where they start.
//   s(x) = −x + W_out relu(W_fb x + b);  x ← x + dt s(x) + √(2dt) ε;  L = ½ mean ‖s(x + σε) + ε/σ‖²
//
// Normals come from a plain loop in JavaScript, which is quicker than tf.randomNormal.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { enableThreads } from './tfjs_threads.mjs'

const require = createRequire(import.meta.url)
const tf = require('@tensorflow/tfjs-core')
const wasm = require('@tensorflow/tfjs-backend-wasm')

// Whatever the library prints stays out of the protocol.
console.log = console.warn = console.info = (...words) => console.error(...words)

const networks = new Map()
const trainings = new Map()
const notes = []

async function start() {
  const threads = process.argv.includes('--no-threads') ? 1 : availableParallelism()
  if (threads > 1) {
    enableThreads(tf)
    wasm.setThreadsCount(threads)
  }
  await tf.setBackend('wasm')
  await tf.ready()
  tf.enableProdMode()
}

const floats = (path) => {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
const save = (path, tensor) => writeFileSync(path, new Uint8Array(Float32Array.from(tensor.dataSync()).buffer))

/** Marsaglia's polar method: pairs of normals. */
function normals(shape) {
  const values = new Float32Array(shape[0] * shape[1])
  for (let i = 0; i < values.length; ) {
    const u = 2 * Math.random() - 1
    const v = 2 * Math.random() - 1
    const s = u * u + v * v
    if (s >= 1 || s === 0) continue
    const f = Math.sqrt((-2 * Math.log(s)) / s)
    values[i++] = u * f
    if (i < values.length) values[i++] = v * f
  }
  return tf.tensor2d(values, shape)
}

/** −x + relu(x W_fbᵀ + b) W_outᵀ; both weights are held transposed: fb [n, m], out [m, n]. */
function score(p, x) {
  const a = tf.fused.matMul({ a: x, b: p.fb, bias: p.b, activation: 'relu' })
  return tf.sub(tf.matMul(a, p.out), x)
}

/**
 * Loss and gradients by the chain rule, written out: fewer operations than recording and replaying them, and the package's
 * Node build has no gradients of its own. With r = s(x + σε) + ε/σ and e = r / batch:
 *   ∂out = aᵀ e,  back = (e outᵀ) ⊙ [a > 0],  ∂fb = x̃ᵀ back,  ∂b = Σ back
 */
function gradients(p, x, noise) {
  return tf.tidy(() => {
    const eps = normals(x.shape)
    const noisy = tf.add(x, tf.mul(eps, noise))
    const a = tf.fused.matMul({ a: noisy, b: p.fb, bias: p.b, activation: 'relu' })
    const residual = tf.add(tf.sub(tf.matMul(a, p.out), noisy), tf.div(eps, noise))
    const e = tf.div(residual, x.shape[0])
    const back = tf.mul(tf.matMul(e, tf.transpose(p.out)), tf.step(a))
    return {
      loss: tf.mul(tf.sum(tf.mul(residual, e)), 0.5),
      fb: tf.matMul(tf.transpose(noisy), back),
      b: tf.sum(back, 0),
      out: tf.matMul(tf.transpose(a), e),
    }
  })
}

function train(p, optimiser, x, noise) {
  return tf.tidy(() => {
    const { loss, ...g } = gradients(p, x, noise)
    optimiser.applyGradients(Object.entries(g).map(([name, tensor]) => ({ name: p[name].name, tensor })))
    return loss
  })
}

const dispose = (record) => Object.values(record).forEach((tensor) => void tensor.dispose())
const variables = (p) => Object.fromEntries(Object.entries(p).map(([name, value]) => [name, tf.variable(value)]))

const operations = {
  hello: () => ({
    name: 'tfjs-backend-wasm',
    versions: { 'tfjs-backend-wasm': wasm.version_wasm },
    threads: Math.max(1, tf.env().get('WASM_HAS_MULTITHREAD_SUPPORT') ? wasm.getThreadsCount() : 1),
    notes,
  }),
  network({ key, n, m, folder }) {
    operations.forget({ key })
    const p = tf.tidy(() => ({
      fb: tf.transpose(tf.tensor2d(floats(`${folder}/fb.f32`), [m, n])),
      b: tf.tensor1d(floats(`${folder}/b.f32`)),
      out: tf.transpose(tf.tensor2d(floats(`${folder}/out.f32`), [n, m])),
    }))
    networks.set(key, { p, n, m })
  },
  forget({ key }) {
    const training = trainings.get(key)
    if (training) dispose(training.p)
    training?.optimiser.dispose()
    trainings.delete(key)
    if (networks.has(key)) dispose(networks.get(key).p)
    networks.delete(key)
  },
  score({ key, points, count, out }) {
    const { p, n } = networks.get(key)
    const s = tf.tidy(() => score(p, tf.tensor2d(floats(points), [count, n])))
    save(out, s)
    s.dispose()
    return { evaluations: 1 }
  },
  sample({ key, chains, steps, dt, dynamics }) {
    if (dynamics !== 'projected') throw new Error('this peer samples the projected dynamics only')
    const { p, n } = networks.get(key)
    let x = tf.zeros([chains, n])
    const run = (count) => {
      for (let k = 0; k < count; k += 1) {
        const next = tf.tidy(() =>
          tf.add(x, tf.add(tf.mul(score(p, x), dt), tf.mul(normals([chains, n]), Math.sqrt(2 * dt)))),
        )
        x.dispose()
        x = next
      }
      x.dataSync()
    }
    run(Math.min(3, steps))
    x.dispose()
    x = tf.zeros([chains, n])
    const began = performance.now()
    run(steps)
    const seconds = (performance.now() - began) / 1000
    const spread = Math.sqrt(x.dataSync().reduce((sum, value) => sum + value * value, 0) / (chains * n))
    x.dispose()
    return { seconds, how: 'fused matMul with relu, matMul', spread }
  },
  gradient({ key, points, count, noise, rate, out }) {
    const { p, n } = networks.get(key)
    const q = variables(p)
    const optimiser = tf.train.adam(rate)
    const found = tf.tidy(() => {
      const { loss, ...g } = gradients(q, tf.tensor2d(floats(points), [count, n]), noise)
      const write = (kind, name, tensor) =>
        save(`${out}/${kind}_${name}.f32`, name === 'b' ? tensor : tf.transpose(tensor))
      for (const [name, tensor] of Object.entries(g)) write('gradient', name, tensor)
      optimiser.applyGradients(Object.entries(g).map(([name, tensor]) => ({ name: q[name].name, tensor })))
      for (const [name, variable] of Object.entries(q)) write('stepped', name, variable)
      return loss.dataSync()[0]
    })
    dispose(q)
    optimiser.dispose()
    return { loss: found }
  },
  train({ key, points, count, batch, steps, noise, rate, fresh = false }) {
    const { p, n } = networks.get(key)
    const values = floats(points)
    const batches = Array.from({ length: Math.floor(count / batch) }, (_, k) =>
      tf.tensor2d(values.slice(k * batch * n, (k + 1) * batch * n), [batch, n]),
    )
    const state = (!fresh && trainings.get(key)) || { p: variables(p), optimiser: tf.train.adam(rate) }
    if (!fresh) trainings.set(key, state)
    const losses = []
    const run = (count, record) => {
      for (let k = 0; k < count; k += 1) {
        const loss = train(state.p, state.optimiser, batches[k % batches.length], noise)
        if (record && k >= count - Math.max(1, count >> 2)) losses.push(loss)
        else loss.dispose()
      }
    }
    if (!fresh) run(Math.min(3, steps), false)
    const began = performance.now()
    run(steps, true)
    losses.at(-1).dataSync()
    const seconds = (performance.now() - began) / 1000
    const loss = losses.reduce((sum, value) => sum + value.dataSync()[0], 0) / losses.length
    for (const tensor of [...losses, ...batches]) tensor.dispose()
    if (fresh) {
      dispose(state.p)
      state.optimiser.dispose()
    }
    return { seconds, how: 'gradients written out, tf.train.adam', loss }
  },
}

await start()
const output = process.stdout
for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, arguments: parameters } = JSON.parse(line)
  try {
    output.write(`${JSON.stringify({ id, result: operations[op](parameters) ?? null })}\n`)
  } catch (error) {
    console.error(error)
    output.write(`${JSON.stringify({ id, error: `${error.name}: ${error.message}` })}\n`)
  }
}
process.exit(0)
