// Trains a sampler and draws from it: npm install, then npx vite (or npx vite build). There is nothing to configure.
import { createEngine } from 'langevin-rnn'

const engine = await createEngine()
const network = await engine.train({ target: 'double-peak', units: 64, seed: 1 })
const draws = await engine.sample(network, { chains: 5000, steps: 400, dt: 0.05, seed: 2 })
document.body.textContent = `${draws.shape.join(' × ')} draws, ${draws.hash}`
