// `langevin-rnn verify MANIFEST.json`: computes everything again and compares the hash of every array.
import type { Command } from 'commander'
import type { Architecture, TrainingMethod } from 'langevin-rnn'
import type { Manifest } from 'langevin-rnn/experiments'
import { FailedError, ReportedFailure } from '../errors.js'
import { readBytes } from '../files_in.js'
import { addExamples } from '../flags.js'
import type { Host } from '../host.js'
import { wholeNumber } from '../options.js'
import { createProgress } from '../progress.js'
import { printable } from '../table.js'

import { ARCHITECTURES, MAX_WORKERS, METHODS, PRESETS } from './reproduce.js'

interface VerifyOptions {
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
    .option('--json', 'print one JSON document, and all else on standard error')
  addExamples(command, [['verify out/double-peak/manifest.json', 'compute a reproduction again, and compare it']])
  command.action((file: string, options: VerifyOptions) => verify(file, options, host))
}

async function verify(file: string, options: VerifyOptions, host: Host): Promise<void> {
  const manifest = readManifest(file, await readBytes(file))
  const { createEngine, reproduceDoublePeak } = await host.library()
  await using engine = await createEngine(options.workers === undefined ? {} : { workers: options.workers })
  if (manifest.streamVersion !== engine.streamVersion) {
    throw new FailedError(
      `'${file}' is of stream version ${manifest.streamVersion}; this version of langevin-rnn computes stream version ${engine.streamVersion}`,
      'stream-version',
    )
  }
  const progress = createProgress(host.stderr)
  let computed: Manifest
  try {
    const report = await reproduceDoublePeak(engine, {
      ...recipe(file, manifest),
      signal: host.signal,
      onEvent: (event) => progress.show(event),
    })
    computed = report.manifest
  } finally {
    progress.stop()
  }

  const differences = compare(manifest, computed)
  const total = Object.keys(computed.arrays).length
  const text = options.json ? host.stderr : host.stdout
  if (options.json)
    host.stdout.write(
      `${JSON.stringify({ manifest: file, same: differences.length === 0, arrays: total, differences }, null, 2)}\n`,
    )
  const [first] = differences
  if (first === undefined) {
    text.write(`The same: all ${total} arrays have the hashes of ${file}.\n`)
    return
  }
  host.stderr.write(
    `Different: ${printable(first.array)}, the first of ${differences.length} of ${total} arrays\n` +
      `  manifest  ${printable(first.manifest ?? 'has no such array')}\n` +
      `  computed  ${first.computed ?? 'has no such array'}\n`,
  )
  throw new ReportedFailure()
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
  if (value.experiment !== 'double-peak') {
    throw new FailedError(`'${file}' is of experiment '${value.experiment}', which this version doesn't know`, 'format')
  }
  return value as Manifest
}

/** What the manifest says it was made by; everything else follows from the preset. */
function recipe(file: string, { preset, seed, configuration, arrays }: Manifest) {
  const method = (configuration['reservoir-sampler'] as { train?: { method?: unknown } } | undefined)?.train?.method
  const architectures = ARCHITECTURES.filter((name) =>
    Object.keys(arrays).some((array) => array.startsWith(`${name}/`)),
  )
  if (!isOneOf(PRESETS, preset) || !Number.isSafeInteger(seed) || architectures.length === 0) {
    throw new FailedError(`'${file}' lacks a preset, a seed or arrays that this version knows`, 'format')
  }
  const chosen: { architectures: Architecture[]; preset: typeof preset; seed: number; method?: TrainingMethod } = {
    architectures,
    preset,
    seed,
  }
  if (isOneOf(METHODS, method)) chosen.method = method
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
