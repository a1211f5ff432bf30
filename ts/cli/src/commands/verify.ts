// `langevin-rnn verify MANIFEST.json`: computes everything again and compares the hash of every array; where one differs, the
// values beside the manifest tell at which index.
import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { Architecture, Task, TrainingMethod } from 'langevin-rnn'
import type {
  ExperimentName,
  ExperimentOptions,
  ExperimentReport,
  Manifest,
  ManifestArray,
} from 'langevin-rnn/experiments'
import { FailedError, ReportedFailure } from '../errors.js'
import { readBytes } from '../files_in.js'
import { addExamples, MAX_WORKERS } from '../flags.js'
import type { Host } from '../host.js'
import { TASKS } from '../names.js'
import { wholeNumber } from '../options.js'
import { createProgress } from '../progress.js'
import { firstDifference, type Place, recordedValues } from '../recorded.js'
import { printable } from '../table.js'
import { ARCHITECTURES, isExperiment, METHODS, PRESETS } from './reproduce.js'

interface VerifyOptions {
  readonly against?: string
  readonly data?: string
  readonly decoder?: string
  readonly workers?: number
  readonly json?: boolean
}

interface Difference {
  readonly array: string
  /** What the manifest says and what came out; null where one of them has no such array. */
  readonly manifest: string | null
  readonly computed: string | null
}

export function addVerify(program: Command, host: Host): void {
  const command = program
    .command('verify')
    .description('compute what a manifest describes again, and compare every bit of it by hashes')
    .argument('<manifest>', 'manifest.json of a reproduction')
    .option(
      '--workers <number>',
      'threads; never changes the results (default: one a core)',
      wholeNumber('--workers', 1, MAX_WORKERS),
    )
    .option('--against <folder>', "where the values behind the hashes are (default: the manifest's own folder)")
    .option('--data <path>', 'of mnist and cifar: the data that it was made from, as `reproduce` takes it')
    .option('--decoder <file>', 'of features: the decoder that it was made with')
    .option('--json', 'print one JSON document, and all else on standard error')
  addExamples(command, [['verify out/double-peak/manifest.json', 'compute a reproduction again, and compare it']])
  command.action((file: string, options: VerifyOptions) => verify(file, options, host))
}

async function verify(file: string, options: VerifyOptions, host: Host): Promise<void> {
  const manifest = readManifest(file, await readBytes(file))
  const { experiment } = manifest
  if (!isExperiment(experiment)) {
    throw new FailedError(`'${file}' is of experiment '${experiment}', which this version doesn't know`, 'format')
  }
  const { createEngine, experiments } = await host.library()
  await using engine = await createEngine(options.workers === undefined ? {} : { workers: options.workers })
  if (manifest.streamVersion !== engine.streamVersion) {
    throw new FailedError(
      `'${file}' is of stream version ${manifest.streamVersion}; this version of langevin-rnn computes stream version ${engine.streamVersion}`,
      'stream-version',
    )
  }
  const given = await picturesOf(file, experiment, manifest, options, host)
  const progress = createProgress(host.stderr)
  let report: ExperimentReport
  try {
    report = await experiments[experiment](engine, {
      ...recipe(file, manifest),
      ...given,
      signal: host.signal,
      onEvent: (event) => progress.show(event),
    })
  } finally {
    progress.stop()
  }

  const differences = compare(manifest, report.manifest)
  const total = Object.keys(report.manifest.arrays).length
  const [first] = differences
  const folder = options.against ?? dirname(file)
  const place = first && (await placeOf(first, folder, manifest, report, (values) => engine.hash(values)))
  const text = options.json ? host.stderr : host.stdout
  if (options.json) {
    const same = first === undefined
    const found = { manifest: file, same, arrays: total, differences, first: typeof place === 'object' ? place : null }
    host.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  }
  if (first === undefined) {
    text.write(`The same: all ${total} arrays have the hashes of ${file}.\n`)
    return
  }
  host.stderr.write(
    `Different: ${printable(first.array)}, the first of ${differences.length} of ${total} arrays\n` +
      `  manifest  ${printable(first.manifest ?? 'has no such array')}\n` +
      `  computed  ${first.computed ?? 'has no such array'}\n` +
      `  ${printable(typeof place === 'object' ? describe(place) : (place ?? ''))}\n`,
  )
  throw new ReportedFailure()
}

/** The first index that differs, or why it can't be told. */
async function placeOf(
  { array, manifest, computed }: Difference,
  folder: string,
  { arrays }: Manifest,
  report: ExperimentReport,
  hash: (values: ManifestArray) => Promise<string>,
): Promise<Place | string> {
  if (manifest === null || computed === null) return 'so there are no two arrays to compare by index'
  const there = await recordedValues(folder, array)
  if (there === undefined) return `index unknown: its values are not in '${folder}'; --against names another folder`
  if ((await hash(there)) !== arrays[array]?.sha256) {
    return `index unknown: '${folder}' holds other values than those of the manifest`
  }
  const values = report.arrays.get(array)
  return (values && firstDifference(there, values)) ?? 'index unknown: the shapes differ'
}

function describe({ index, manifest, computed }: Place): string {
  return `first at  [${index.join(', ')}]: ${manifest} in the manifest's files, ${computed} computed`
}

function readManifest(file: string, bytes: Uint8Array): Manifest {
  let value: Partial<Manifest> | null
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<Manifest> | null
  } catch {
    throw new FailedError(`'${file}' is no JSON document`, 'format')
  }
  if (value?.format !== 'langevin-rnn manifest' || typeof value.arrays !== 'object' || value.arrays === null) {
    throw new FailedError(`'${file}' is no manifest of langevin-rnn`, 'format')
  }
  return value as Manifest
}

/** The pictures that a manifest was made from, and what was made of them. */
async function picturesOf(
  file: string,
  experiment: ExperimentName,
  { configuration }: Manifest,
  options: VerifyOptions,
  host: Host,
): Promise<Pick<ExperimentOptions, 'pictures' | 'components' | 'units' | 'noiseInput'>> {
  const { loadPictures } = await import('../pictures/load.js')
  const pictures = await loadPictures(experiment, options, (text) => host.stderr.write(text))
  if (pictures === undefined) return {}
  const recorded = configuration['reservoir-sampler'] as {
    pictures?: { source?: object; components?: unknown }
    train?: { units?: unknown; noiseInput?: unknown }
  }
  const { source, components } = recorded?.pictures ?? {}
  const hashes = (of: unknown) => JSON.stringify((of as { sha256?: unknown } | undefined)?.sha256)
  if (hashes(source) !== hashes(pictures.source)) {
    throw new FailedError(
      `'${file}' was made from other files: ${hashes(source)}, not ${hashes(pictures.source)}; --data and --decoder name them`,
      'format',
    )
  }
  const { units, noiseInput } = recorded.train ?? {}
  return {
    pictures,
    ...(typeof units === 'number' && { units }),
    ...(noiseInput === true && { noiseInput }),
    ...((typeof components === 'number' || components === 'pixels') && { components }),
  }
}

interface Recipe {
  readonly architectures: Architecture[]
  readonly preset: (typeof PRESETS)[number]
  readonly seed: number
  method?: TrainingMethod
  tasks?: Task[]
  simulations?: readonly number[]
  rates?: readonly number[]
}

/** What the manifest says it was made by; everything else follows from the preset. */
function recipe(file: string, { experiment, preset, seed, configuration, arrays }: Manifest) {
  const method = (configuration['reservoir-sampler'] as { train?: { method?: unknown } } | undefined)?.train?.method
  const architectures = ARCHITECTURES.filter((name) =>
    Object.keys(arrays).some((array) => array.startsWith(`${name}/`)),
  )
  if (!isOneOf(PRESETS, preset) || !Number.isSafeInteger(seed) || architectures.length === 0) {
    throw new FailedError(`'${file}' lacks a preset, a seed or arrays that this version knows`, 'format')
  }
  const chosen: Recipe = { architectures, preset, seed }
  if (isOneOf(METHODS, method)) chosen.method = method
  const rates: unknown = configuration['rates']
  if (Array.isArray(rates)) chosen.rates = rates as number[]
  if (experiment === 'posterior') {
    chosen.tasks = TASKS.filter((task) => task in configuration)
    const [first] = chosen.tasks
    const { simulations } = (first && (configuration[first] as { simulations?: unknown } | null)) ?? {}
    if (Array.isArray(simulations)) chosen.simulations = simulations as number[]
  }
  return chosen
}

function isOneOf<T extends string>(names: readonly T[], value: unknown): value is T {
  return names.includes(value as T)
}

/** In the manifest's order, so that the first difference is where the computation first went another way. */
export function compare(manifest: Manifest, computed: Manifest): Difference[] {
  const names = new Set([...Object.keys(manifest.arrays), ...Object.keys(computed.arrays)])
  const describe = ({ arrays }: Manifest, name: string): string | null => {
    const array = arrays[name]
    return array ? `${array.sha256} ${array.dtype} [${array.shape.join(', ')}]` : null
  }
  return [...names]
    .map((array) => ({ array, manifest: describe(manifest, array), computed: describe(computed, array) }))
    .filter((row) => row.manifest !== row.computed)
}
