// Trains a sampler, draws from it, and writes the draws for NumPy: node examples/node.mjs [FILE.npz]
import { writeFile } from 'node:fs/promises'
import { createEngine, drawsToNpz } from 'langevin-rnn'

const engine = await createEngine()
const network = await engine.train({ target: 'double-peak', units: 64, seed: 1 })
const draws = await engine.sample(network, { chains: 5000, steps: 400, dt: 0.05, seed: 2 })
await writeFile(process.argv[2] ?? 'draws.npz', drawsToNpz(draws))
console.log(draws.shape, draws.hash)
await engine.dispose()
