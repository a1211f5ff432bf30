// One hash, however a run is computed: random plans of workers, shards, block sizes, interruptions and live changes of parameters, each
// compared with one run in one go. LONG_TESTS=1 takes a thousand plans, and does some pieces in other engines by turns.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { createEngine, type Engine, type Network, networkToSafetensors, type SampleOptions } from 'langevin-rnn'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { output } from '../engines/run.mjs'
import { runtimes } from '../engines/runtimes.mjs'
import { type Answer, compute, numbersOf, type Request } from './piece.mjs'

const long = process.env['LONG_TESTS'] !== undefined
const PLANS = long ? 1000 : 30
const WORKERS = [1, 2, 3, 7] as const
/** Where pieces are computed: here, or in the long form now and then by a program of another engine. */
const OTHERS = ['Node 20', 'Node 24', 'Node 26', 'Bun', 'Deno'] as const

const pieces = fc.record({
  workers: fc.constantFrom(...WORKERS),
  blockChains: fc.integer({ min: 1, max: 12 }),
  blockSteps: fc.integer({ min: 1, max: 16 }),
  /** Blocks after which it is interrupted. */
  stopAfter: fc.integer({ min: 1, max: 6 }),
  elsewhere: fc.oneof(
    { weight: 20, arbitrary: fc.constant(null) },
    { weight: long ? 1 : 0, arbitrary: fc.constantFrom(...OTHERS) },
  ),
})

const plans = fc.record({
  network: fc.nat({ max: 2 }),
  chains: fc.integer({ min: 1, max: 40 }),
  steps: fc.integer({ min: 1, max: 80 }),
  recordEvery: fc.integer({ min: 1, max: 20 }),
  burnIn: fc.nat({ max: 10 }),
  seed: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  firstChain: fc.nat({ max: 1000 }),
  firstStep: fc.nat({ max: 1000 }),
  antithetic: fc.boolean(),
  integrator: fc.constantFrom('euler-maruyama', 'exponential-euler', 'leimkuhler-matthews'),
  dynamics: fc.constantFrom('projected', 'projected', 'recurrent'),
  /** The run that is watched, and whose parameters are moved after some of its blocks. */
  watched: fc.record({ workers: fc.constantFrom(...WORKERS), blockSteps: fc.integer({ min: 1, max: 20 }) }),
  moves: fc.array(
    fc.record({
      /** 0: while it is paused before its first step, so that however busy the machine is, some changes don't come too late. */
      afterBlock: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 })),
      dt: fc.constantFrom(0.01, 0.03, 0.1),
      temperature: fc.constantFrom(0.5, 1, 2),
    }),
    { maxLength: 3 },
  ),
  shards: fc.integer({ min: 1, max: 5 }),
  /** Shards take them in turn; a piece that isn't the last of its shard is interrupted. */
  pieces: fc.array(pieces, { minLength: 1, maxLength: 8 }),
  /** Interruptions of a shard. */
  interruptions: fc.nat({ max: 3 }),
})
type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never
type Piece = Plan['pieces'][number]

const engines = new Map<number, Engine>()
let networks: { network: Network; file: string }[] = []
let folder = ''
const tally = { plans: 0, pieces: 0, interrupted: 0, elsewhere: new Map<string, number>(), changes: 0 }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-invariance-'))
  for (const workers of WORKERS) engines.set(workers, await createEngine({ workers }))
  const engine = engines.get(1)!
  const trained = [
    await engine.train({ target: 'double-peak', units: 21, points: 2000, levels: 1, seed: 1 }),
    await engine.train({ target: 'ring', units: 24, points: 2000, levels: 1, noiseMin: 0.3, seed: 2 }),
    await engine.train({
      target: 'ring',
      architecture: 'sampler-only-rate',
      points: 200,
      epochs: 2,
      levels: 1,
      seed: 3,
    }),
  ]
  networks = trained.map((network) => ({
    network,
    file: Buffer.from(networkToSafetensors(network)).toString('base64'),
  }))
})
afterAll(async () => {
  for (const engine of engines.values()) await engine.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** A run whose parameters are moved while it goes on; its configuration has the changes by their steps. */
async function watch(plan: Plan, settings: SampleOptions): Promise<{ hash: string; settings: SampleOptions }> {
  const engine = engines.get(plan.watched.workers)!
  const run = engine.sample(networks[plan.network]!.network, { ...settings, blockSteps: plan.watched.blockSteps })
  const move = async (seen: number) => {
    for (const { afterBlock, dt, temperature } of plan.moves) {
      if (afterBlock === seen && (await run.set({ dt, temperature })) !== null) tally.changes += 1
    }
  }
  run.pause()
  await move(0)
  run.resume()
  let seen = 0
  for await (const _ of run) {
    seen += 1
    await move(seen)
  }
  const { hash, provenance } = await run
  return { hash, settings: { ...settings, ...(provenance.configuration as unknown as SampleOptions) } }
}

let files = 0
async function computeAt(place: Piece, request: Request): Promise<Answer> {
  tally.pieces += 1
  if (place.elsewhere === null) return compute(engines.get(place.workers)!, request)
  const runtime = await runtimes[place.elsewhere]!()
  tally.elsewhere.set(place.elsewhere, (tally.elsewhere.get(place.elsewhere) ?? 0) + 1)
  files += 1
  const file = join(folder, `${files}.json`)
  await writeFile(file, JSON.stringify(request))
  const script = fileURLToPath(new URL('piece.mjs', import.meta.url))
  await output([...runtime.command, script, file], { env: runtime.env ?? {}, seconds: 120 })
  return JSON.parse(await readFile(`${file}.answer`, 'utf8'))
}

/** One shard, interrupted and resumed as the plan says. */
async function shard(plan: Plan, settings: SampleOptions, next: () => Piece): Promise<Answer> {
  let checkpoint: string | null = null
  for (let left = plan.interruptions; ; left -= 1) {
    const piece = next()
    const { blockChains, blockSteps, workers } = piece
    const answer: Answer = await computeAt(piece, {
      network: networks[plan.network]!.file,
      settings: { ...settings, blockChains, blockSteps },
      workers,
      checkpoint,
      stopAfter: left > 0 ? piece.stopAfter : null,
    })
    if (answer.checkpoint === null) return answer
    tally.interrupted += 1
    checkpoint = answer.checkpoint
  }
}

async function check(plan: Plan): Promise<void> {
  tally.plans += 1
  const { network, chains, steps, seed, firstChain, firstStep, antithetic, integrator } = plan
  // A sampler-only network has no circuit apart from its outputs.
  const dynamics = network === 2 ? 'projected' : plan.dynamics
  const burnIn = Math.min(plan.burnIn, steps - 1)
  const recordEvery = Math.min(plan.recordEvery, steps - burnIn)
  const given = { chains, steps, dt: 0.05, recordEvery, burnIn, seed, firstChain, firstStep, antithetic } as const
  const live = await watch(plan, { ...given, integrator, dynamics } as SampleOptions)
  const one = await engines.get(1)!.sample(networks[network]!.network, live.settings)
  expect(one.hash).toBe(live.hash)

  const of = Math.min(plan.shards, chains)
  let turn = 0
  const next = () => plan.pieces[turn++ % plan.pieces.length]!
  const parts: Answer[] = []
  for (let index = 0; index < of; index++) {
    const [first, end] = [index, index + 1].map((part) => Math.floor((part * chains) / of)) as [number, number]
    parts.push(await shard(plan, { ...live.settings, chains: end - first, firstChain: firstChain + first }, next))
  }
  const joined = (get: (part: Answer) => string | null) =>
    Float32Array.from(parts.flatMap((part) => Array.from(numbersOf(get(part)))))
  expect(await engines.get(1)!.hash({ shape: one.shape, data: joined(({ draws }) => draws) })).toBe(one.hash)
  expect(joined(({ states }) => states)).toEqual(one.states)
}

test(`${PLANS} random plans, one hash each`, { timeout: long ? 3_600_000 : 120_000 }, async () => {
  await fc.assert(fc.asyncProperty(plans, check), { numRuns: PLANS })
  const elsewhere = [...tally.elsewhere].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
  console.log(
    `${tally.plans} plans: ${tally.pieces} pieces, ${tally.interrupted} interruptions, ${tally.changes} live changes; in other engines: ${elsewhere}`,
  )
  // The plans do what they are for.
  expect(tally.interrupted).toBeGreaterThan(0)
  expect(tally.changes).toBeGreaterThan(0)
})
