// The rows of the comparison: what is run, against whom, and by how much ours must be ahead.

/**
 * @typedef {{ against: string[], least: number }} Target against several: the better of them counts
 * @typedef {{ name: string, title: string, kind: 'sample' | 'train', n: number, m: number, chains?: number, batch?: number,
 *   points?: number, dt?: number, evaluator?: 'piecewise-linear', startUp?: 'excluded', targets: Target[], peers: string[] }} Row
 */

/** σ of every training row: one level, so that all steps cost the same. */
export const NOISE = 0.5
export const RATE = 1e-4

/** What each opponent is: a peer process and what it is asked for. JAX runs as usually written, and at its best. */
export const OPPONENTS = {
  jax: { peer: 'jax', label: 'JAX', dynamics: 'projected', plain: true },
  'jax-tuned': { peer: 'jax', label: 'JAX, its fastest formulation', dynamics: 'projected' },
  torch: { peer: 'torch', label: 'PyTorch', dynamics: 'projected' },
  'torch-full': { peer: 'torch', label: 'PyTorch, whole m×m circuit', dynamics: 'recurrent' },
  tfjs: { peer: 'tfjs', label: 'tfjs-backend-wasm', dynamics: 'projected' },
}

const against = (least, ...names) => ({ against: names, least })

/** @type {Row[]} */
export const ROWS = [
  {
    name: 'sample-n1-m1000',
    title: 'sampling n=1, m=1000, 5,000 chains, direct',
    kind: 'sample',
    ...{ n: 1, m: 1000, chains: 5000, dt: 0.01 },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(3, 'jax'), against(3, 'jax-tuned'), against(10, 'tfjs')],
  },
  {
    name: 'sample-n1-m1000-piecewise',
    title: 'the same, piecewise-linear evaluator',
    kind: 'sample',
    ...{ n: 1, m: 1000, chains: 5000, dt: 0.01, evaluator: 'piecewise-linear' },
    peers: ['jax', 'jax-tuned', 'tfjs'],
    targets: [against(20, 'jax'), against(20, 'jax-tuned'), against(10, 'tfjs')],
  },
  {
    name: 'sample-n1-m64',
    title: 'sampling n=1, m=64, 5,000 chains',
    kind: 'sample',
    ...{ n: 1, m: 64, chains: 5000, dt: 0.01 },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(2, 'jax'), against(2, 'jax-tuned'), against(10, 'tfjs')],
  },
  {
    name: 'sample-n2-m1000',
    title: 'sampling n=2, m=1000, 5,000 chains',
    kind: 'sample',
    ...{ n: 2, m: 1000, chains: 5000, dt: 0.01 },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(4, 'jax', 'torch'), against(4, 'jax-tuned', 'torch'), against(10, 'tfjs')],
  },
  {
    name: 'sample-n2-m1000-piecewise',
    title: 'sampling n=2, m=1000, piecewise-linear evaluator',
    kind: 'sample',
    ...{ n: 2, m: 1000, chains: 5000, dt: 0.01, evaluator: 'piecewise-linear' },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(4, 'jax', 'torch'), against(4, 'jax-tuned', 'torch'), against(10, 'tfjs')],
  },
  {
    name: 'sample-n300-m20000',
    title: 'sampling n=300, m=20,000, 100 chains',
    kind: 'sample',
    ...{ n: 300, m: 20_000, chains: 100, dt: 0.01, startUp: 'excluded' },
    peers: ['torch', 'torch-full', 'tfjs', 'jax'],
    targets: [against(0.9, 'torch'), against(40, 'torch-full'), against(1.2, 'tfjs')],
  },
  {
    name: 'train-n1-m1000',
    title: 'training step n=1, m=1000, batch 32',
    kind: 'train',
    ...{ n: 1, m: 1000, batch: 32, points: 32 * 313 },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(1.5, 'jax'), against(1.5, 'jax-tuned'), against(10, 'tfjs')],
  },
  {
    name: 'train-n2-m1000',
    title: 'training step n=2, m=1000, batch 64',
    kind: 'train',
    ...{ n: 2, m: 1000, batch: 64, points: 64 * 157 },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(2, 'jax'), against(2, 'jax-tuned'), against(10, 'tfjs')],
  },
  {
    name: 'train-n300-m20000',
    title: 'training step n=300, m=20,000, batch 64',
    kind: 'train',
    ...{ n: 300, m: 20_000, batch: 64, points: 64 * 8 },
    peers: ['jax', 'jax-tuned', 'torch', 'tfjs'],
    targets: [against(1.5, 'jax', 'torch'), against(1.5, 'jax-tuned', 'torch'), against(2, 'tfjs')],
  },
]

/** The law that the rows with n = 1 and 2 learn; n = 300 learns from given data. */
export function targetOf(n) {
  if (n === 1) return 'double-peak'
  if (n > 2) return undefined
  const [one, two] = [Array(n).fill(-1), Array(n).fill(1)]
  return { kind: 'gaussian-mixture', weights: [0.5, 0.5], means: [one, two], deviations: [0.5, 0.5] }
}

/** Floating-point operations of a step: a multiply-add counts two; activation, noise and Adam are left out. */
export function flopsOfStep({ kind, n, m, chains = 0, batch = 0 }) {
  return kind === 'sample' ? 4 * n * m * chains : 10 * n * m * batch
}

/**
 * Vector instructions of arithmetic in a step's inner loops, four chains, units or samples each; noise, Adam, loads, splats and the
 * loops themselves are left out. Of a unit and such a vector:
 * sampling 3 for n = 1 and 7 for n = 2, as hinges (`hinges.rs`, `planar_hinges.rs`); other scores 4n + 1, two products and relu
 * (`reservoir.rs`, `products.rs`). Training with n = 1 takes 2, comparison and count, for residuals and gradients together (`ranked.rs`), and
 * sums over units or samples alone that are left out; with n = 2 a score and, for the gradient, 5 for the signs of four samples and 2
 * to add a row of sums (`sign_tables.rs`); else a score and 6n + 4, three products, relu again, its slope and the bias (`many_outputs.rs`).
 * Not for the O(1) evaluators, which have no such loop.
 */
export function instructionsOfStep({ kind, n, m, chains = 0, batch = 0 }) {
  const score = 4 * n + 1
  if (kind === 'sample') return ((n <= 2 ? 4 * n - 1 : score) * m * chains) / 4
  const step = n === 1 ? 2 : score + (n === 2 ? 7 : 6 * n + 4)
  return (step * m * batch) / 4
}

/** Bytes of weights and Adam state that a training step reads and writes: three arrays, in and out. */
export function bytesOfStep({ kind, n, m }) {
  return kind === 'train' ? (2 * n + 1) * m * 4 * 6 : 0
}

/** Rows by name, or all of them. */
export function chosenRows(names) {
  if (names === undefined) return ROWS
  return names.split(',').map((name) => {
    const row = ROWS.find((candidate) => candidate.name === name.trim())
    if (row === undefined) throw new Error(`no row ${name}; there are ${ROWS.map((known) => known.name).join(', ')}`)
    return row
  })
}
