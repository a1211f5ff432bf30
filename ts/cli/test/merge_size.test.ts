// What a merge costs: it reads each part twice and writes the whole once, and its memory is that of a part, not of the run.
// LONG_TESTS=1 merges a thousand parts of 4 MB.
import { execFile } from 'node:child_process'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Draws, drawsToNpz } from 'langevin-rnn'
import { afterAll, expect, test } from 'vitest'
import { scratch } from './real_host.js'

const MEGABYTE = 2 ** 20
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const { path, remove } = await scratch()
afterAll(() => remove())

/** What a process of Linux tells at its end: peak memory in bytes, and bytes that went through its system calls. */
const REPORT = `import { readFileSync } from 'node:fs'
process.on('exit', () => {
  const [, read, written] = /^rchar: (\\d+)\\nwchar: (\\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))
  const { maxRSS } = process.resourceUsage()
  process.stderr.write('\\n' + JSON.stringify({ peak: 1024 * maxRSS, read: +read, written: +written }))
})`

interface Cost {
  readonly peak: number
  readonly read: number
  readonly written: number
  readonly bytes: number
  readonly seconds: number
}

/** Merges parts of about `megabytes` each. */
async function mergeOf(parts: number, megabytes: number): Promise<Cost> {
  const folder = path(`${parts} of ${megabytes}`)
  await mkdir(folder)
  const [n, records] = [2, 512]
  const chains = (megabytes * MEGABYTE) / (4 * n * records)
  const data = new Float32Array(chains * records * n)
  const files: string[] = []
  for (let index = 1; index <= parts; index++) {
    data.fill(index)
    const configuration = { chains, firstChain: (index - 1) * chains, steps: records, dt: 0.1 }
    const part = {
      data,
      rates: null,
      states: data.subarray(0, chains * n),
      shape: [chains, records, n],
      complete: true,
      blocks: [],
    }
    const draws = { ...part, seed: 1, hash: '', provenance: { streamVersion: 1, seed: 1, configuration } }
    files.push(`${folder}/${index}.npz`)
    await writeFile(files.at(-1)!, drawsToNpz(draws as unknown as Draws, { index, of: parts, chains: parts * chains }))
  }
  const out = `${folder}/all.npy`
  const began = performance.now()
  const report = `data:text/javascript,${encodeURIComponent(REPORT)}`
  const { stderr } = await promisify(execFile)(process.execPath, [
    '--import',
    report,
    main,
    'merge',
    ...files,
    '--out',
    out,
  ])
  const seconds = (performance.now() - began) / 1000
  const { size: bytes } = await stat(out)
  await rm(folder, { recursive: true })
  return { ...(JSON.parse(stderr.trim().split('\n').at(-1)!) as Omit<Cost, 'bytes' | 'seconds'>), bytes, seconds }
}

const [few, many] = process.env['LONG_TESTS'] ? [250, 1000] : [15, 60]

test.skipIf(process.platform !== 'linux')(
  `${few} and ${many} parts of 4 MB: linear in bytes, one part in memory`,
  { timeout: 1_800_000 },
  async () => {
    const costs = [await mergeOf(few, 4), await mergeOf(many, 4)] as const
    const tell = ({ peak, bytes, seconds }: Cost) =>
      `${(bytes / MEGABYTE).toFixed(0)} MiB in ${seconds.toFixed(1)} s, peak ${(peak / MEGABYTE).toFixed(0)} MiB`
    console.log(costs.map(tell).join('; '))
    for (const { bytes, read, written } of costs) {
      // The program itself is read, too.
      expect(read).toBeLessThan(2.05 * bytes + 30 * MEGABYTE)
      expect(written).toBeLessThan(1.05 * bytes + 5 * MEGABYTE)
    }
    // Four times the parts, far less than four times the memory: what the collector is late with.
    expect(costs[1].peak - costs[0].peak).toBeLessThan(Math.max(40 * MEGABYTE, 0.1 * (costs[1].bytes - costs[0].bytes)))
    expect(costs[1].bytes - costs[0].bytes).toBeGreaterThan(150 * MEGABYTE)
  },
)
