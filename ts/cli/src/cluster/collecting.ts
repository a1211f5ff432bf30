// One table of a sweep's results: `results.csv` has a row for each figure of each task, `results.json` all that the tasks told.
import { join } from 'node:path'
import { toCsv } from '../csv.js'
import type { Host } from '../host.js'
import { replaceFile } from '../output.js'
import type { Job } from './job.js'
import { checkResults } from './states.js'

/** Not figures: how they came about, and where. */
const APART = new Set(['format', 'configuration', 'environment', 'files', 'seed'])

export async function collectSweep(folder: string, job: Job, json: boolean, host: Host): Promise<void> {
  const results = []
  for (const { name, over, output } of job.tasks) {
    results.push({ task: name, over, results: await checkResults(join(folder, output)) })
  }
  const swept = [...new Set(job.tasks.flatMap(({ over }) => Object.keys(over)))]
  const rows = results.flatMap(({ over, results: told }) =>
    figures(told).map(([figure, value]) => [...swept.map((name) => over[name] ?? ''), figure, value]),
  )
  await replaceFile(job.out, toCsv([...swept, 'figure', 'value'], rows))
  const document = { format: 'langevin-rnn sweep', command: job.command, args: job.args, tasks: results }
  const text = `${JSON.stringify(document, null, 2)}\n`
  await replaceFile(join(folder, 'results.json'), text)
  ;(json ? host.stderr : host.stdout).write(`${job.out}: ${rows.length} figures of ${results.length} tasks\n`)
  if (json) host.stdout.write(text)
}

/** Numbers by their paths; an entry of a list goes by its architecture, name or target where it has one. */
function figures(value: unknown, path: readonly string[] = []): [string, number][] {
  if (typeof value === 'number') return [[path.join('.'), value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (APART.has(key)) return []
    const { architecture, name, target } = (Array.isArray(value) ? (inner ?? {}) : {}) as Record<string, unknown>
    const called = [target, architecture ?? name].filter((word) => typeof word === 'string')
    return figures(inner, [...path, called.length > 0 ? called.join(' ') : key])
  })
}
