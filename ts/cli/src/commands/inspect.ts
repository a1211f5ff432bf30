// `langevin-rnn inspect FILE`: what is in a network, in draws, or in any array file: shapes, hashes, confinement, origin.
import type { Command } from 'commander'
import type { ConfinementReport, DrawsFile, Network, NpyArray, PartialRun, Provenance, Tensor } from 'langevin-rnn'
import { describeConfinement } from '../confinement.js'
import { readAs, readBytes } from '../files_in.js'
import { addExamples } from '../flags.js'
import type { Host } from '../host.js'
import { formatTable, printable } from '../table.js'

interface Row {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  /** Hash of an array of floating-point numbers, as manifests have it; null for others. */
  readonly sha256: string | null
}

interface Inspection {
  readonly file: string
  readonly kind: 'network' | 'safetensors' | 'draws' | 'npz' | 'npy' | 'points'
  readonly bytes: number
  readonly metadata: Readonly<Record<string, unknown>>
  readonly confinement: ConfinementReport | null
  readonly arrays: readonly Row[]
}

export function addInspect(program: Command, host: Host): void {
  const command = program
    .command('inspect')
    .description('show what a file holds: shapes, hashes, metadata, confinement')
    .argument('<file>', 'a network (.safetensors), draws (.npz), an array (.npy) or data (CSV, IDX)')
    .option('--json', 'print one JSON document, and all else on standard error')
  addExamples(command, [
    ['inspect network.safetensors', 'shapes, hashes, how it was trained, whether it is confined'],
    ['inspect draws.npz --json', 'the same of draws, for a program'],
  ])
  command.action((file: string, options: { json?: boolean }) => inspect(file, options.json === true, host))
}

async function inspect(file: string, json: boolean, host: Host): Promise<void> {
  const bytes = await readBytes(file)
  const found = await look(file, bytes, host)
  host.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : `${printable(describe(found))}\n`)
}

async function look(file: string, bytes: Uint8Array, host: Host): Promise<Inspection> {
  const { drawsFromNpz, readNpy, readNpz, readPoints, readSafetensors } = await import('langevin-rnn')
  const base = { file, bytes: bytes.length, confinement: null }
  // By content, not by name: the first bytes of the formats can't be taken for one another.
  if (bytes[0] === 0x93) {
    const arrays = await rows(new Map([['array', readNpy(bytes)]]), host)
    return { ...base, kind: 'npy', metadata: {}, arrays }
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const { arrays } = readNpz(bytes)
    const draws = arrays.has('draws') ? drawsFromNpz(bytes) : undefined
    const metadata = draws ? drawsMetadata(draws) : {}
    return { ...base, kind: draws ? 'draws' : 'npz', metadata, arrays: await rows(arrays, host) }
  }
  // After the length of its header, safetensors has a brace there.
  if (bytes[8] !== 0x7b) {
    const points = await readAs(file, readPoints)
    return { ...base, kind: 'points', metadata: {}, arrays: await rows(new Map([['points', points]]), host) }
  }
  const { tensors, metadata } = readSafetensors(bytes)
  const network = await asNetwork(bytes)
  return {
    ...base,
    kind: network ? 'network' : 'safetensors',
    metadata: network ? networkMetadata(network) : Object.fromEntries(metadata),
    confinement: network?.confinement ?? null,
    arrays: await rows(tensors, host),
  }
}

/** Shard and partial only where there is something to tell. */
const drawsMetadata = ({ provenance, shard, partial }: DrawsFile) => ({
  ...(shard && { shard: `part ${shard.index} of ${shard.of} of a run of ${shard.chains} chains` }),
  ...(partial && { partial: `unfinished: ${describeBlocks(partial)}` }),
  provenance,
})

function describeBlocks({ blocks }: PartialRun): string {
  const steps = blocks.reduce((sum, block) => sum + block.chains * block.steps, 0)
  return `${steps} chain-steps done`
}

/** Any safetensors file may be looked at, a network or not. */
async function asNetwork(bytes: Uint8Array): Promise<Network | undefined> {
  const { FormatError, networkFromSafetensors } = await import('langevin-rnn')
  try {
    return networkFromSafetensors(bytes)
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

const networkMetadata = ({ architecture, activation, dimension, units, provenance }: Network) => ({
  architecture,
  activation,
  dimension,
  units,
  provenance,
})

async function rows(arrays: ReadonlyMap<string, Tensor | NpyArray>, host: Host): Promise<Row[]> {
  const { createEngine } = await host.library()
  await using engine = await createEngine({ workers: 1 })
  const rows: Row[] = []
  for (const [name, { shape, data, ...rest }] of arrays) {
    const dtype = 'dtype' in rest ? rest.dtype : 'float32'
    const sha256 =
      data instanceof Float32Array || data instanceof Float64Array ? await engine.hash({ shape, data }) : null
    rows.push({ name, dtype, shape, sha256 })
  }
  return rows
}

function describe({ file, kind, bytes, metadata, confinement, arrays }: Inspection): string {
  const lines = [`${file}: ${kind}, ${bytes} bytes`]
  for (const [key, value] of Object.entries(metadata)) {
    const text = key === 'provenance' ? describeProvenance(value as Provenance | null) : [String(value)]
    lines.push(...labelled(key, text))
  }
  if (confinement) lines.push(...labelled('confinement', [describeConfinement(confinement)]))
  const table = formatTable(
    [
      { heading: ['array'], align: 'left' },
      { heading: ['dtype'], align: 'left' },
      { heading: ['shape'], align: 'left' },
      { heading: ['sha256'], align: 'left' },
    ],
    arrays.map(({ name, dtype, shape, sha256 }) => [name, dtype, shape.join(' × ') || 'scalar', sha256 ?? '–']),
  )
  return [...lines, '', table].join('\n')
}

/** The label on the first line only. */
function labelled(label: string, text: readonly string[]): string[] {
  return text.map((line, i) => `  ${(i === 0 ? label : '').padEnd(12)}  ${line}`)
}

/** Seed and version, then the configuration, in lines of at most about 80 characters. */
function describeProvenance(provenance: Provenance | null): string[] {
  if (provenance === null) return ['unknown']
  const lines = [`seed ${provenance.seed}, stream version ${provenance.streamVersion}`]
  if (provenance.package !== undefined) lines.push(`by ${provenance.package}`)
  if (provenance.command !== undefined) lines.push(`$ ${provenance.command}`)
  let line = ''
  for (const [key, value] of Object.entries(provenance.configuration)) {
    const part = `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`
    if (line !== '' && line.length + part.length > 78) {
      lines.push(`${line},`)
      line = ''
    }
    line += line === '' ? part : `, ${part}`
  }
  return line === '' ? lines : [...lines, line]
}
