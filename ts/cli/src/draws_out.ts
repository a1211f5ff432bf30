// Draws to a file of the kind that its name says: .npz with states, rates and provenance, .csv with rates, .npy and .idx the draws alone.
import { extname } from 'node:path'
import type { Draws, Shard } from 'langevin-rnn'
import { UsageError } from './errors.js'
import { prepareFile, replaceFile } from './output.js'

export const DRAWS_KINDS = ['.npz', '.npy', '.csv', '.idx'] as const
export type DrawsKind = (typeof DRAWS_KINDS)[number]

/** Checks before the work that the draws can be written; returns the kind of file. */
export async function prepareDraws(file: string, kinds: readonly DrawsKind[] = DRAWS_KINDS): Promise<DrawsKind> {
  const kind = kinds.find((kind) => kind === extname(file).toLowerCase())
  if (kind === undefined) {
    throw new UsageError(`--out '${file}' is of no kind that can be written`, {
      argument: '--out',
      value: file,
      expected: `a name that ends with ${kinds.join(', ')}`,
    })
  }
  await prepareFile('--out', file)
  return kind
}

export async function writeDraws(file: string, kind: DrawsKind, draws: Draws, shard?: Shard): Promise<void> {
  const { drawsToNpz, writeIdx, writeNpy } = await import('langevin-rnn')
  if (kind === '.npz') return replaceFile(file, drawsToNpz(draws, shard))
  if (kind === '.npy') return replaceFile(file, writeNpy(draws))
  if (kind === '.idx') return replaceFile(file, writeIdx(draws))
  return replaceFile(file, await csvRows(draws))
}

/**
 * chain, draw, x0, x1 …, and the rates of units as r0, r5 …, all counted from 0: a piece of text for each chain, so that no text is
 * longer than memory allows.
 */
async function csvRows({ data, shape, rates, rateUnits }: Draws): Promise<Iterable<string>> {
  const { shortestSingle, writeCsv } = await import('langevin-rnn')
  const [chains, count, n] = shape
  const k = rateUnits.length
  const names = ['chain', 'draw', ...Array.from({ length: n }, (_, i) => `x${i}`), ...rateUnits.map((j) => `r${j}`)]
  const row = (values: Float32Array | null, place: number, width: number) =>
    values === null ? [] : Array.from(values.subarray(place * width, (place + 1) * width), shortestSingle)
  function* pieces(): Generator<string> {
    yield writeCsv(names, [])
    for (let chain = 0; chain < chains; chain++) {
      const rows = Array.from({ length: count }, (_, draw) => {
        const place = chain * count + draw
        return [chain, draw, ...row(data, place, n), ...row(rates, place, k)]
      })
      yield writeCsv(null, rows)
    }
  }
  return pieces()
}
