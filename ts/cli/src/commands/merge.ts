// `langevin-rnn merge PART.npz … --out DRAWS.npz`: the file that the whole run would have written, bit for bit.
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import type { DrawsPart, WriteAt } from 'langevin-rnn'
import { ArrayHash } from '../array_hash.js'
import { type DrawsKind, prepareDraws } from '../draws_out.js'
import { addExamples, addJson } from '../flags.js'
import type { Host } from '../host.js'
import { assemble, examine, readPart, type WholeRun } from '../merging.js'
import { unfinished } from '../output.js'
import { createProgress } from '../progress.js'

interface Options {
  readonly out: string
  readonly json?: boolean
}

export function addMerge(program: Command, host: Host): void {
  const command = program
    .command('merge')
    .description('put the parts of a run together: the same bytes as from one machine in one go')
    .argument('<parts...>', 'files of sample --shard, in any order')
    .requiredOption('--out <file>', 'where the draws go: .npz, or .npy for the draws alone, of any size')
  addJson(command)
  addExamples(command, [
    ['merge part1.npz part2.npz part3.npz part4.npz --out draws.npz', 'all four parts of a run'],
    ['merge parts/*.npz --out draws.npz', 'all parts in a folder'],
  ])
  command.action((files: string[], options: Options) => merge(files, options, host))
}

/** Merges parts and tells what came of it. */
export async function merge(files: readonly string[], options: Options, host: Host): Promise<void> {
  const kind = await prepareDraws(options.out, ['.npz', '.npy'])
  const progress = createProgress(host.stderr)
  const began = performance.now()
  let done = 0
  const step = () => {
    host.signal.throwIfAborted()
    const rate = (++done / (performance.now() - began)) * 1000
    const total = 2 * files.length
    const secondsLeft = (total - done) / rate
    progress.show({ name: 'parts', stage: 'merge', done, total, unit: 'reads', rate, secondsLeft })
  }
  try {
    const facts = []
    for (const file of files) {
      facts.push(await examine(file))
      step()
    }
    const run = assemble(facts)
    const hash = await write(run, options.out, kind, step)
    progress.stop()
    const text = options.json ? host.stderr : host.stdout
    const [chains, count, n] = run.shape
    text.write(
      `${options.out}: ${chains} chains × ${count} draws × ${n}, from ${run.files.length} parts\nsha256 ${hash}\n`,
    )
    const document = {
      draws: options.out,
      shape: run.shape,
      sha256: hash,
      parts: run.files,
      provenance: run.provenance,
    }
    if (options.json) host.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  } finally {
    progress.stop()
  }
}

/** Writes the file part by part; it is whole, or not there. Returns the hash of the draws. */
async function write(
  { files, shape, rateUnits, provenance }: WholeRun,
  out: string,
  kind: DrawsKind,
  step: () => void,
) {
  const { DrawsWriter, npyHeader } = await import('langevin-rnn')
  const hash = new ArrayHash('float32', shape)
  const descriptor = openSync(unfinished(out), 'w')
  try {
    const put: WriteAt = (bytes, at) => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, at + done)
      }
    }
    const writer =
      kind === '.npz'
        ? new DrawsWriter(shape, { provenance }, put, rateUnits)
        : plainWriter(npyHeader('float32', shape), put)
    for (const file of files) {
      const part = await readPart(file)
      hash.update(part.data)
      writer.add({ data: part.data, states: part.states!, rates: part.rates })
      step()
    }
    writer.end()
  } catch (error) {
    closeSync(descriptor)
    rmSync(unfinished(out), { force: true })
    throw error
  }
  closeSync(descriptor)
  renameSync(unfinished(out), out)
  return hash.hex()
}

/** The draws alone, as .npy: no limit of size. */
function plainWriter(header: Uint8Array, put: WriteAt): { add: (part: DrawsPart) => void; end: () => void } {
  let at = header.length
  put(header, 0)
  return {
    add({ data }) {
      put(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
      at += data.byteLength
    },
    end: () => undefined,
  }
}
