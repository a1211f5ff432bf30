// `langevin-rnn diagnose DRAWS.npz`: have the chains converged, and how far are the draws from the law they should have?
import { relative } from 'node:path'
import type { Command } from 'commander'
import type { Activation, DiagnoseOptions, Diagnostics, Engine, Tensor } from 'langevin-rnn'
import { DIAGNOSE_FLAGS } from '../diagnose_flags.js'
import { readChains } from '../draws.js'
import type { Theme } from '../figures/theme.js'
import { readData, readNetwork } from '../files_in.js'
import {
  addEngineFlags,
  addExamples,
  addFlags,
  addJson,
  addSeed,
  asUsage,
  type EngineFlags,
  engineOptions,
  givenFlags,
} from '../flags.js'
import type { Host } from '../host.js'
import { ACTIVATIONS, THEMES } from '../names.js'
import { oneOf } from '../options.js'
import { filesOfEarlierRun, prepareFolder, publish } from '../output.js'
import { formatTable, printable, significant } from '../table.js'

/** Rows of the table; the largest R̂ and the smallest ESS of all coordinates are told beside it. */
const MOST_ROWS = 20
/** Above it Vehtari et al. (2021) advise against using the draws. */
const HIGH_R_HAT = 1.01

interface Options extends EngineFlags {
  readonly array: string
  readonly reference?: string
  readonly network?: string
  readonly activation?: Activation
  readonly target?: string
  readonly seed?: number
  readonly out?: string
  readonly theme: Theme
  readonly json?: boolean
}

export function addDiagnose(program: Command, host: Host): void {
  const command = program
    .command('diagnose')
    .description('judge draws: convergence of the chains, distance to a reference, discrepancy to a law of known score')
    .argument('<draws>', 'draws (.npz), [chain, draw, n] or [chain, draw]')
    .option('--array <name>', 'which array of the file to judge, such as rates', 'draws')
    .option(
      '--reference <file>',
      'draws of the law that these should have: draws (.npz) or points (.npy, .npz, CSV, IDX)',
    )
    .option('--network <file>', 'network (.safetensors) whose law these should have')
    .option(
      '--activation <name>',
      'of a network whose file does not tell (default: relu)',
      oneOf('--activation', ACTIVATIONS),
    )
  addFlags(command, DIAGNOSE_FLAGS)
  command.option(
    '--out <folder>',
    'write figures (SVG, PNG), the numbers behind them (CSV) and all results (JSON) there',
  )
  command.option('--theme <name>', 'of the figures: light or dark', oneOf('--theme', THEMES), 'light')
  addJson(addSeed(addEngineFlags(command), 'of the random directions and of the classifier'))
  addExamples(command, [
    ['diagnose draws.npz', 'moments, effective sample sizes, R-hat'],
    ['diagnose draws.npz --reference data.csv --out diagnosis', 'distances to the data, and figures'],
    ['diagnose draws.npz --network network.safetensors', 'did the dynamics give the law of the network’s score?'],
  ])
  command.action((file: string, options: Options) => diagnose(file, options, command, host))
}

async function diagnose(file: string, options: Options, command: Command, host: Host): Promise<void> {
  if (options.out !== undefined) await prepareFolder(options.out)
  const draws = await readChains(file, options.array)
  const reference = options.reference === undefined ? undefined : await readData(options.reference)
  const network = options.network === undefined ? undefined : await readNetwork(options.network, options)
  const { createEngine } = await host.library()
  await using engine = await createEngine(engineOptions(options))
  const diagnostics = await found(engine, draws, command, {
    signal: host.signal,
    ...givenFlags(command, DIAGNOSE_FLAGS),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(reference && { reference }),
    ...(network && { network }),
  })
  const results = { file, array: options.array, ...plain(diagnostics) }

  const text = options.json ? host.stderr : host.stdout
  text.write(`${printable(describe(file, options, diagnostics, reference, draws.names))}\n`)
  if (options.out !== undefined) {
    const { DIAGNOSIS_INDEX, diagnosisFiles } = await import('../diagnosis_files.js')
    const files = await diagnosisFiles({
      draws: draws.data,
      rates: draws.rates,
      rateUnits: draws.rateUnits,
      names: draws.names,
      reference: reference?.data ?? null,
      diagnostics,
      theme: options.theme,
      results,
    })
    host.signal.throwIfAborted()
    await publish(options.out, files, await filesOfEarlierRun(options.out, DIAGNOSIS_INDEX))
    text.write(`\nFiles in ${relative('', options.out) || '.'}:\n`)
    for (const path of [...files.keys()].sort()) text.write(`  ${path}\n`)
  }
  if (options.json) host.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
}

async function found(engine: Engine, draws: Tensor, command: Command, options: DiagnoseOptions): Promise<Diagnostics> {
  try {
    return await engine.diagnose(draws, options)
  } catch (error) {
    throw asUsage(error, command)
  }
}

/** Typed arrays as JSON writes arrays. */
function plain(diagnostics: Diagnostics): object {
  return JSON.parse(
    JSON.stringify(diagnostics, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value)),
  )
}

function describe(
  file: string,
  options: Options,
  found: Diagnostics,
  reference: Tensor | undefined,
  names: readonly string[] | null,
): string {
  const [chains, count, n] = found.shape
  const lines = [
    `${file}: ${options.array}, ${counted(chains, 'chain')} of ${counted(count, 'draw')}, ${counted(n, 'coordinate')}`,
    '',
    table(found, names),
  ]
  if (n > MOST_ROWS) lines.push(`the first ${MOST_ROWS} of ${n} coordinates; --json and --out have them all`)
  lines.push(...convergence(found))
  const points = (used: number, all: number) => (used === all ? `all ${all}` : `${used} of ${all}`)
  if (found.reference && reference) {
    const { slicedWasserstein, mmdSquared, bandwidth, energyDistance, points: own, referencePoints } = found.reference
    const from = `${points(own, chains * count)} draws, ${points(referencePoints, reference.data.length / n)} of the reference`
    lines.push(
      '',
      `Distance to ${options.reference}:`,
      `  sliced W1        ${significant(slicedWasserstein)}`,
      `  MMD²             ${significant(mmdSquared)}  (bandwidth ${significant(bandwidth)}; ${from})`,
      `  energy distance  ${significant(energyDistance)}  (the same draws)`,
    )
    const { c2st } = found.reference
    if (c2st) {
      const told = `${points(c2st.points, chains * count)} draws, as many of the reference; 0.5: none can be told from another`
      lines.push(`  C2ST             ${significant(c2st.accuracy)}  (${told})`)
    }
  }
  if (found.stein) {
    const { uStatistic, vStatistic, points: own } = found.stein
    const from = `${points(own, chains * count)} draws`
    lines.push(
      '',
      `Stein discrepancy to the law of ${options.network ?? options.target}:`,
      `  KSD²             ${significant(uStatistic)} unbiased, ${significant(vStatistic)} of the empirical law  (${from})`,
    )
  }
  return lines.join('\n')
}

function table({ coordinates, reference }: Diagnostics, names: readonly string[] | null): string {
  const show = (value: number | null, digits = 3) => (value === null ? '–' : significant(value, digits))
  const whole = (value: number | null) => (value === null ? '–' : String(Math.round(value)))
  const rows = coordinates
    .slice(0, MOST_ROWS)
    .map((found, d) => [
      names?.[d] ?? String(d),
      show(found.mean),
      show(found.mcseMean),
      show(found.deviation),
      show(found.excessKurtosis),
      whole(found.essBulk),
      whole(found.essTail),
      show(found.rHat, 4),
      ...(reference ? [show(reference.wasserstein[d]!)] : []),
    ])
  return formatTable(
    [
      { heading: ['coordinate'] },
      { heading: ['mean'] },
      { heading: ['MCSE', 'of mean'] },
      { heading: ['deviation'] },
      { heading: ['excess', 'kurtosis'] },
      { heading: ['ESS', 'bulk'] },
      { heading: ['ESS', 'tail'] },
      { heading: ['split', 'R-hat'] },
      ...(reference ? [{ heading: ['W1 to', 'reference'] }] : []),
    ],
    rows,
  )
}

/** The worst of all coordinates, in words. */
function convergence({ coordinates, shape: [chains, count] }: Diagnostics): string[] {
  if (count < 4) return [`ESS and R-hat need 4 draws a chain: these are ${counted(count, 'draw')} of each.`]
  const rHats = coordinates.flatMap(({ rHat }) => (rHat === null ? [] : [rHat]))
  const ess = Math.min(...coordinates.map(({ essBulk, essTail }) => Math.min(essBulk!, essTail!)))
  const least = `smallest ESS ${Math.round(ess)} of ${chains * count} draws`
  if (rHats.length === 0) return [`${least}; R-hat needs 2 chains that move`]
  const largest = Math.max(...rHats)
  const high = rHats.filter((rHat) => rHat > HIGH_R_HAT).length
  return [
    `largest R-hat ${significant(largest, 4)}, ${least}`,
    ...(high > 0
      ? [
          `R-hat is above ${HIGH_R_HAT} in ${high} of ${coordinates.length}: the chains have not mixed; run them longer.`,
        ]
      : []),
  ]
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
