// Measures a row in alternation (ours, peer, ours, peer …) after warm-up and calibration; what counts is the ratio of pairs.
import { NOISE, OPPONENTS, RATE } from './rows.mjs'

/** Peers' threads go on spinning for a while after their work; the next contestant must not pay for that. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 250))

/** Steps that tell a run from its start-up. */
const LEAST_STEPS = 32

export const summary = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { min: sorted[0], median, max: sorted.at(-1) }
}

/** A contestant in a row: `run()` gives seconds a step over about `duration` seconds. */
async function ourContestant(ours, row, inputs, duration) {
  if (row.kind === 'train') {
    await ours.trainStep(row, inputs.data, duration / 2)
    return { run: () => ours.trainStep(row, inputs.data, duration) }
  }
  const time = (steps) => ours.sample(row, inputs.network, steps)
  await time(1)
  if (row.startUp !== 'excluded') {
    const steps = await calibrated(time, duration)
    return { steps, run: async () => (await time(steps)) / steps }
  }
  const startUp = Math.min(await time(1), await time(1))
  const steps = Math.max(LEAST_STEPS, await calibrated(async (steps) => (await time(steps)) - startUp, duration))
  // A difference of two runs next to each other: what start-up costs drifts with the machine, too.
  const run = async () => {
    const one = await time(1)
    return ((await time(steps)) - one) / (steps - 1)
  }
  return { steps, startUp, run }
}

async function peerContestant(opponent, peer, row, files, duration) {
  const { dynamics, plain } = OPPONENTS[opponent]
  const shape = { key: row.name, ...(plain ? { plain } : {}) }
  let how = ''
  const time = async (steps) => {
    const answer =
      row.kind === 'sample'
        ? await peer.call('sample', { ...shape, chains: row.chains, steps, dt: row.dt, dynamics })
        : await peer.call('train', {
            ...{ ...shape, points: files.points, count: row.points, batch: row.batch },
            ...{ steps, noise: NOISE, rate: RATE },
          })
    how = answer.how
    return answer.seconds
  }
  const steps = await calibrated(time, duration, opponent === 'torch-full' ? 1 : 8)
  // The peer compiles for a number of steps when it first sees it; that run is its warm-up.
  await time(steps)
  return { steps, run: async () => (await time(steps)) / steps, how: () => how }
}

/** Steps that take about `duration` seconds: ever longer probes until one tells. */
async function calibrated(time, duration, probe = 8) {
  for (let steps = probe; ; ) {
    const took = await time(steps)
    const wanted = Math.max(2, Math.round((steps * duration) / Math.max(took, 1e-6)))
    if (took > duration / 8 || wanted <= steps) return wanted
    steps = Math.min(wanted, steps * 30)
  }
}

/**
 * @returns seconds a step of each contestant, and for each opponent the ratios of pairs: how many times ours is faster
 */
export async function measureRow({ row, ours, single, peers, inputs, files, duration, repetitions, say }) {
  const mine = await ourContestant(ours, row, inputs, duration)
  const alone = single && (await ourContestant(single, row, inputs, duration))
  const opponents = new Map()
  const failures = {}
  for (const opponent of row.peers) {
    const peer = peers.get(OPPONENTS[opponent].peer)
    if (peer === undefined) continue
    try {
      say(`warming up ${OPPONENTS[opponent].label}`)
      opponents.set(opponent, await peerContestant(opponent, peer, row, files, duration))
    } catch (error) {
      failures[opponent] = error.message
    }
  }

  const ourTimes = []
  const singleTimes = []
  const times = new Map([...opponents.keys()].map((opponent) => [opponent, []]))
  const ratios = new Map([...opponents.keys()].map((opponent) => [opponent, []]))
  const speedups = []
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    say(`repetition ${repetition + 1} of ${repetitions}`)
    for (const [opponent, contestant] of opponents) {
      await pause()
      const a = await mine.run()
      await pause()
      const b = await contestant.run()
      ourTimes.push(a)
      times.get(opponent).push(b)
      ratios.get(opponent).push(b / a)
    }
    if (alone) {
      await pause()
      const a = await mine.run()
      const b = await alone.run()
      ourTimes.push(a)
      singleTimes.push(b)
      speedups.push(b / a)
    }
  }
  return {
    ours: { ...summary(ourTimes), steps: mine.steps, startUp: mine.startUp },
    single: singleTimes.length > 0 ? summary(singleTimes) : undefined,
    speedup: speedups.length > 0 ? summary(speedups) : undefined,
    opponents: Object.fromEntries(
      [...opponents].map(([opponent, contestant]) => [
        opponent,
        {
          time: summary(times.get(opponent)),
          ratio: summary(ratios.get(opponent)),
          // Pair by pair: some peers have two speeds, which a summary hides.
          pairs: times.get(opponent).map((seconds, i) => [seconds / ratios.get(opponent)[i], seconds]),
          steps: contestant.steps,
          how: contestant.how(),
        },
      ]),
    ),
    failures,
  }
}
