// The table of a comparison, as Markdown and as lines for a terminal; every target of the list has a verdict or a reason.
import { MOST_DEVIATION } from './growth.mjs'
import { OPPONENTS, ROWS } from './rows.mjs'

const digits = (value) =>
  value === undefined ? '–' : Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })
const spread = ({ min, median, max }) => `${digits(min)} – **${digits(median)}** – ${digits(max)}`
const unique = (list) => [...new Set(list)]
const MOST_GZIP = 200_000
const SLOW_STEP_SECONDS = 0.005
const LEAST_SPEEDUP = 1.9

/** A time a step in the unit of the row. */
function rate(row, secondsAStep) {
  if (secondsAStep === undefined) return '–'
  if (row.kind === 'sample' && row.n <= 8) return `${digits(row.chains / secondsAStep / 1e6)} M chain-steps/s`
  return `${digits(secondsAStep * 1000)} ms a step`
}

/** Met, short of, or why there is no figure. */
export function verdict(target, result, missing) {
  const figures = target.against.map((name) => result?.opponents[name]?.ratio.median)
  const absent = target.against.filter((_, i) => figures[i] === undefined)
  if (absent.length > 0) {
    const reasons = absent.map((name) => {
      const peer = OPPONENTS[name].peer
      if (missing[peer] !== undefined)
        return `${OPPONENTS[name].label} not installed: row has no figure (${missing[peer]})`
      return result?.failures[name] ? `${OPPONENTS[name].label} failed: ${result.failures[name]}` : 'not run'
    })
    return { text: reasons.join('; '), met: undefined }
  }
  const worst = Math.min(...figures)
  const met = worst >= target.least
  return { text: met ? 'met' : `short: ${digits(worst)} of ${target.least}`, met, ratio: worst }
}

function rowLines(row, { result, unavailable }, missing) {
  if (result === undefined) return [`| ${row.title} | – | – | – | – | ${unavailable} |`]
  return row.peers.map((name, i) => {
    const found = result.opponents[name]
    const targets = row.targets.filter((target) => target.against.includes(name))
    const wanted =
      unique(targets.map((t) => `${t.least}×${t.against.length > 1 ? ' the better' : ''}`)).join(', ') || '–'
    const said = unique(targets.map((target) => verdict(target, result, missing).text)).join('; ')
    const peer = OPPONENTS[name].peer
    const none = missing[peer] ? 'not installed: row has no figure' : `failed: ${result.failures[name]}`
    const ours = i === 0 ? `${row.title} | ${rate(row, result.ours.median)}` : ' | '
    const theirs = found ? rate(row, found.time.median) : none
    return `| ${ours} | ${OPPONENTS[name].label}: ${theirs} | ${found ? spread(found.ratio) : '–'} | ${wanted} | ${said || '–'} |`
  })
}

function workerLines(rows) {
  return rows
    .filter(({ result }) => result?.speedup)
    .map(({ row, result }) => {
      const slow = result.single.median > SLOW_STEP_SECONDS
      const met = result.speedup.median >= LEAST_SPEEDUP
      const said = slow
        ? met
          ? 'met'
          : `short: ${digits(result.speedup.median)} of ${LEAST_SPEEDUP}`
        : 'under 5 ms a step'
      return `| ${row.title} | ${digits(result.single.median * 1000)} | ${spread(result.speedup)} | ${slow ? LEAST_SPEEDUP : '–'} | ${said} |`
    })
}

function growthLines(growth) {
  const percent = (value) => `${value >= 0 ? '+' : '−'}${(100 * Math.abs(value)).toFixed(1)} %`
  return growth.map(({ axis, from, factors, seconds, deviations }) => {
    const start = Object.entries(from).map(([name, value]) => `${name}=${value}`)
    const worst = Math.max(...deviations.map(Math.abs))
    const text = worst <= MOST_DEVIATION ? 'met' : `outside: ${percent(deviations.find((d) => Math.abs(d) === worst))}`
    const points = factors.map((factor, i) => `×${factor}: ${digits(seconds[i])} s (${percent(deviations[i])})`)
    return `| ${axis} | ${start.join(', ')} | ${points.join(', ')} | within 10 % | ${text} |`
  })
}

function checkLines(checks) {
  const said = (passed) => (passed ? 'same' : '**differs**')
  return checks.flatMap(({ row, score, sampling, training }) => [
    ...Object.entries(score).map(
      ([name, { error, passed }]) =>
        `| ${row} | ${name} | score differs by ${error.toExponential(1)} | ${said(passed)} |`,
    ),
    ...Object.entries(sampling ?? {}).map(([name, { ratio, error, passed }]) => {
      const text =
        ratio === undefined ? `states differ by ${error.toExponential(1)}` : `spread of states ${ratio.toFixed(3)}`
      return `| ${row} | ${name} | ${text} | ${said(passed)} |`
    }),
    ...Object.entries(training ?? {}).map(([name, t]) => {
      const direction = `${(100 * t.agreement).toFixed(1)} %`
      const text = `loss ${t.lossRatio.toFixed(3)}, direction ${direction}, later loss ${t.laterLossRatio.toFixed(3)}`
      return `| ${row} | ${name} | ${text} | ${said(t.passed)} |`
    }),
  ])
}

const COLUMNS = ['jax', 'jax-tuned', 'torch', 'tfjs']
const TABLE = /(<!-- The next table is written by test\/bench\/compare.mjs -->\n\n)(\|.*\n)+/

/** The medians of a whole run, a row a line: for the README. */
function medians(rows) {
  const two = (value) => (value < 9.95 ? value.toPrecision(2) : `${Number(value.toPrecision(2))}`)
  const short = (value) => (value === undefined ? '–' : two(value))
  const lines = rows.map(({ row, result }) => {
    const ratios = COLUMNS.map((name) => short(result?.opponents[name]?.ratio.median))
    return `| ${row.title} | ${ratios.join(' | ')} |`
  })
  const labels = COLUMNS.map((name) => OPPONENTS[name].label)
  return [`| | ${labels.join(' | ')} |`, '|---|---|---|---|---|', ...lines].join('\n')
}

/** The README with the medians of these results. */
export function withMedians(readme, { rows }) {
  if (!TABLE.test(readme)) throw new Error('the README has no table that says it is written by test/bench/compare.mjs')
  return readme.replace(TABLE, (_, line) => `${line}${medians(rows)}\n`)
}

export function markdown({ machine, facts, missing, checks, rows, growth, settings }) {
  const gzip = machine.wasmGzipBytes
  const versions = Object.values(facts).map(
    (f) => `${Object.entries(f.versions).flat().join(' ')} (${f.threads} threads)`,
  )
  const absent = Object.entries(missing).map(
    ([name, reason]) => `${name}: not installed, its rows have no figure (${reason})`,
  )
  const notes = Object.values(facts).flatMap((fact) => fact.notes.map((note) => `${fact.name}: ${note}`))
  const left = ROWS.filter((row) => !rows.some((one) => one.row.name === row.name)).map((row) => row.name)
  return `<!-- Written by test/bench/compare.mjs -->
# Ours beside its peers, one run on one machine

${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node.slice(1)} (V8 ${machine.v8});
ours with ${machine.workers} workers; ${versions.join('; ') || 'no peers'}. ${machine.date.slice(0, 10)}, load average ${machine.loadBefore} before,
${machine.loadAfter} after. ${settings.repetitions} repetitions in alternation, about ${settings.duration} s a run${settings.quick ? ' (**quick run: not for quoting**)' : ''}.
Ratios say how many times ours is faster: least – **median** – most over pairs of runs.
${[...absent, ...notes, ...(left.length ? [`not run: ${left.join(', ')}`] : [])].map((text) => `\n- ${text}`).join('')}

| work | ours | against | ratio | target | verdict |
|---|---|---|---|---|---|
${rows.flatMap((one) => rowLines(one.row, one, missing)).join('\n')}
| gzipped wasm | ${(gzip / 1000).toFixed(1)} kB | | | at most 200 kB | ${gzip <= MOST_GZIP ? 'met' : 'too large'} |

## ${machine.workers} workers against one
| work | one worker, ms a step | speed-up | target | verdict |
|---|---|---|---|---|
${workerLines(rows).join('\n')}
${growth ? `\n## Growth of cost\n| axis | from | time of a run (deviation from linear) | target | verdict |\n|---|---|---|---|---|\n${growthLines(growth).join('\n')}\n` : ''}
## The same computation
Same weights, same points: largest relative difference of the score over all formulations. Sampling: ratio (ours to theirs) of the states'
root mean square after 20 steps. Training: ratio of losses, each with noise of its own; agreement of Adam's first step in sign, weighted by
the gradient; ratio of losses some steps later.

| row | contestant | figure | verdict |
|---|---|---|---|
${checkLines(checks).join('\n')}
`
}
