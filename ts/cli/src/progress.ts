// Progress on a terminal: one bar for each stage of each network, with rate and time left. Silent in pipes and logs.
import { MultiBar, type SingleBar } from 'cli-progress'

/** What a bar shows; the library's progress events have these fields. */
export interface ProgressEvent {
  /** The network's. */
  readonly name: string
  readonly stage: 'train' | 'sample' | 'merge'
  readonly done: number
  readonly total: number
  readonly unit: string
  readonly rate: number
  readonly secondsLeft: number
  readonly loss?: number
  readonly noise?: number
}

export interface ProgressDisplay {
  show(event: ProgressEvent): void
  /** Leaves the last state on the screen and the cursor below it. */
  stop(): void
}

const silent: ProgressDisplay = { show: () => undefined, stop: () => undefined }
const STAGES = { train: 'training', sample: 'sampling', merge: 'merging' } as const
const BAR_WIDTH = 12
/** Short enough for a line of 80 columns. */
const UNITS: Readonly<Record<string, string>> = { 'chain-steps': 'steps' }

export function createProgress(stream: NodeJS.WriteStream): ProgressDisplay {
  if (!stream.isTTY) return silent
  const all = new MultiBar({
    stream,
    clearOnComplete: false,
    hideCursor: true,
    forceRedraw: true,
    linewrap: false,
    barsize: BAR_WIDTH,
    autopadding: false,
    format: (_options, parameters, payload: { event: ProgressEvent }) => describe(payload.event, parameters.progress),
  })
  const bars = new Map<string, SingleBar>()
  return {
    show(event) {
      const key = `${event.name} ${event.stage}`
      let bar = bars.get(key)
      if (bar === undefined) {
        bar = all.create(event.total, event.done, { event })
        bars.set(key, bar)
      }
      bar.setTotal(event.total)
      bar.update(event.done, { event })
    },
    stop() {
      all.stop()
    },
  }
}

/** One line, at most 80 characters wide while it runs. */
export function describe(event: ProgressEvent, share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
  const name = event.name.padEnd(20)
  const percent = `${Math.floor(100 * Math.min(1, share))} %`.padStart(5)
  const rate = `${compact(event.rate)} ${UNITS[event.unit] ?? event.unit}/s`
  const left = event.done >= event.total ? 'done' : `${duration(event.secondsLeft)} left`
  return `${name} ${STAGES[event.stage]} ${bar}${percent}  ${rate}, ${left}`
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?'
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

function compact(value: number): string {
  if (!Number.isFinite(value)) return '?'
  for (const [size, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= size) return `${Number((value / size).toPrecision(3))} ${letter}`
  }
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)))
}
