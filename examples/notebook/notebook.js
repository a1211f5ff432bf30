// A notebook of reactive cells: npm install, then npx vite (or npx vite build). Whatever depends on a slider follows it.
import '@observablehq/inputs/dist/index.css'
import * as Inputs from '@observablehq/inputs'
import * as Plot from '@observablehq/plot'
import { createEngine } from 'langevin-rnn'
import { cell, viewof } from './cells.js'

const target = 'double-peak'
const time = 20 // τ

viewof('units', Inputs.range([2, 128], { label: 'Units m', step: 1, value: 64 }))
viewof('chains', Inputs.range([100, 20_000], { label: 'Chains', step: 100, value: 5000 }))
viewof('dt', Inputs.range([0.01, 0.5], { label: 'Step dt (τ)', step: 0.01, value: 0.05 }))
viewof('seed', Inputs.range([0, 99], { label: 'Seed', step: 1, value: 2 }))

cell('engine', [], () => createEngine())

cell('network', ['engine', 'units'], (engine, units) => engine.train({ target, units, seed: 1 }))

// The states as they come, and the draws in the end; a slider that moves meanwhile stops the run.
cell('draws', ['engine', 'network', 'chains', 'dt', 'seed'], async function* (engine, network, chains, dt, seed) {
  const blocks = { blockChains: chains, blockSteps: Math.ceil(0.5 / dt) }
  const run = engine.sample(network, { chains, steps: Math.round(time / dt), dt, seed, ...blocks })
  try {
    for await (const { firstStep, steps, states } of run) yield { time: (firstStep + steps) * dt, data: states }
    const { data, hash } = await run
    yield { time, data, hash }
  } finally {
    run.stop()
  }
})

cell('truth', ['engine'], async (engine) => {
  const points = { shape: [241, 1], data: Float32Array.from({ length: 241 }, (_, i) => i / 40 - 3) }
  return { points, ...(await engine.targetValues(target, points)) }
})

cell('score', ['engine', 'network', 'truth'], async (engine, network, { points, score }) =>
  Plot.plot({
    height: 240,
    x: { label: 'x', domain: [-3, 3] },
    y: { label: 'score', grid: true, domain: [-10, 10] },
    marks: [
      Plot.lineY(score, { x: points.data, stroke: 'currentColor', strokeDasharray: '4 3', clip: true }),
      Plot.lineY(await engine.score(network, points), {
        x: points.data,
        stroke: 'var(--draws)',
        strokeWidth: 2,
        clip: true,
      }),
    ],
  }),
)

cell('histogram', ['draws', 'truth'], (draws, { points, density }) => {
  const width = 0.1
  const bins = { x: Plot.identity, thresholds: Array.from({ length: 61 }, (_, i) => i * width - 3) }
  const bars = Plot.binX({ y: 'sum' }, { ...bins, y: () => 1 / (draws.data.length * width) })
  return Plot.plot({
    height: 300,
    x: { label: 'x', domain: [-3, 3] },
    y: { label: 'density', grid: true, domain: [0, 0.5] },
    marks: [
      Plot.rectY(draws.data, { ...bars, fill: 'var(--draws)' }),
      Plot.lineY(density, { x: points.data, stroke: 'currentColor', strokeWidth: 1.5 }),
      Plot.text([`t = ${draws.time.toFixed(1)} τ`], { frameAnchor: 'top-right', fontSize: 13 }),
    ],
  })
})

cell('result', ['engine', 'draws', 'html'], async (engine, { data, hash }, html) => {
  const distance = await engine.wasserstein(data, target)
  return html`<p><i>W</i>₁ = ${distance.toFixed(3)}<br />hash <code>${hash ?? '…'}</code></p>`
})
