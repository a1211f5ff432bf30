// `langevin-rnn train`: trains a network on a target or on data of one's own, and shows how well that went.
import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Engine, TrainCheckpoint, TrainedNetwork, TrainOptions } from 'langevin-rnn'
import { resumeFrom } from '../checkpoints.js'
import { describeConfinement } from '../confinement.js'
import { Interrupted, UsageError } from '../errors.js'
import type { Theme } from '../figures/theme.js'
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
  KEPT_EVERY_SECONDS,
} from '../flags.js'
import type { Host } from '../host.js'
import { TARGETS, THEMES } from '../names.js'
import { oneOf } from '../options.js'
import { filesOfEarlierRun, prepareFile, prepareFolder, publish, replaceFile } from '../output.js'
import { createProgress } from '../progress.js'
import { commandTyped } from '../provenance.js'
import { seconds, significant } from '../table.js'
import { TRAIN_FLAGS } from '../train_flags.js'
import { readSource, type Source } from '../training_source.js'

interface Options extends EngineFlags {
  readonly out: string
  readonly target?: string
  readonly data?: string
  readonly array?: string
  readonly stimuli?: string
  readonly report?: string
  readonly theme: Theme
  readonly checkpoint?: string | false
  readonly resume?: boolean
  readonly seed?: number
  readonly json?: boolean
}

export function addTrain(program: Command, host: Host, args: readonly string[]): void {
  const command = program
    .command('train')
    .description('train a network to sample a target, or data of your own, by denoising score matching')
    .requiredOption('--out <file>', 'where the network goes (.safetensors)')
    .option('--target <name>', `a law to learn: ${TARGETS.join(', ')}, or a Gaussian mixture as JSON`)
    .option('--data <file>', 'points to learn, one a row: .npy, .npz, .csv or IDX, also gzipped')
    .option('--array <name>', 'which array of an .npz file')
    .option(
      '--stimuli <file>',
      'a stimulus u for each point, one a row: the network samples p(x | u) for any u it is shown',
    )
  addFlags(command, TRAIN_FLAGS)
  command
    .option('--report <folder>', 'draw the network beside its data: figures (SVG, PNG, CSV), draws and numbers (JSON)')
    .option('--theme <name>', 'of the figures: light or dark', oneOf('--theme', THEMES), 'light')
    .option('--checkpoint <file>', 'adam: where an interrupted run is kept (default: OUT.checkpoint.npz)')
    .option('--no-checkpoint', 'keep none')
    .option('--resume', 'go on from the checkpoint; same bits as in one go')
  addJson(addSeed(addEngineFlags(command)))
  addExamples(command, [
    ['train --target double-peak --out network.safetensors', 'seconds, in closed form'],
    ['train --data points.csv --units 500 --out network.safetensors --report report', 'data of your own, with figures'],
    [
      'train --data images.npz --array pixels --units 2000 --method adam --epochs 200 --out network.safetensors',
      'an array of an .npz file, by Adam',
    ],
  ])
  command.action((options: Options) => train(options, command, host, args))
}

async function train(options: Options, command: Command, host: Host, args: readonly string[]): Promise<void> {
  await prepareFile('--out', options.out)
  if (options.report !== undefined) await prepareFolder(options.report, '--report')
  const source = await readSource(options)
  if (options.report !== undefined && source.stimuli) {
    throw new UsageError(
      '--report compares draws with the data, but a network with stimuli has a law for each of them',
      {
        argument: '--report',
        value: options.report,
        expected: 'none beside --stimuli',
      },
    )
  }
  const settings: TrainOptions = {
    ...givenFlags(command, TRAIN_FLAGS),
    ...(source.data
      ? { data: source.data, ...(source.stimuli && { stimuli: source.stimuli }) }
      : { target: source.target }),
    ...(options.seed !== undefined && { seed: options.seed }),
  }
  const checkpoint = options.checkpoint === false ? undefined : (options.checkpoint ?? `${options.out}.checkpoint.npz`)
  const { createEngine } = await host.library()
  const { networkToSafetensors } = await import('langevin-rnn')
  await using engine = await createEngine(engineOptions(options))
  const resume = options.resume
    ? await resumeFrom(checkpoint, 'train', host, ({ epoch }) => `${epoch} epochs`)
    : undefined
  const began = performance.now()
  const trained = await learn(engine, settings, { checkpoint, resume }, command, host)
  const network = withCommand(trained, commandTyped(command, args))
  const took = (performance.now() - began) / 1000
  await replaceFile(options.out, networkToSafetensors(network))
  if (checkpoint !== undefined) await rm(checkpoint, { force: true })
  const files = options.report === undefined ? [] : await report(engine, network, source, options, took, host)

  const text = options.json ? host.stderr : host.stdout
  text.write(`${describe(options.out, network, took)}\n`)
  if (files.length > 0) text.write(`Report in ${options.report}: ${files.length} files\n`)
  if (options.json) host.stdout.write(`${JSON.stringify(document(options, network, took, files), null, 2)}\n`)
}

async function learn(
  engine: Engine,
  settings: TrainOptions,
  keep: { readonly checkpoint: string | undefined; readonly resume: TrainCheckpoint | undefined },
  command: Command,
  host: Host,
): Promise<TrainedNetwork> {
  const { checkpointToNpz } = await import('langevin-rnn')
  const { checkpoint, resume } = keep
  const progress = createProgress(host.stderr)
  let kept = resume !== undefined
  try {
    return await engine.train({
      ...settings,
      signal: host.signal,
      onProgress: (event) => progress.show({ ...event, name: settings.architecture ?? 'reservoir-sampler' }),
      ...(checkpoint !== undefined && {
        checkpointSeconds: settings.checkpointSeconds ?? KEPT_EVERY_SECONDS,
        onCheckpoint: async (state: TrainCheckpoint) => {
          await replaceFile(checkpoint, checkpointToNpz(state))
          kept = true
        },
      }),
      ...(resume && { resume }),
    })
  } catch (error) {
    if (host.signal.aborted && kept)
      throw new Interrupted(
        `Stopped; training so far is kept in ${checkpoint}. The same command with --resume goes on.`,
      )
    throw asUsage(error, command)
  } finally {
    progress.stop()
  }
}

/** A network whose provenance also says what was typed. */
function withCommand(network: TrainedNetwork, command: string): TrainedNetwork {
  const { provenance } = network
  return { ...network, provenance: provenance && { ...provenance, command } }
}

/** Figures and numbers of the network beside its data; returns the files' names. */
async function report(
  engine: Engine,
  network: TrainedNetwork,
  source: Source,
  { report: folder = '', theme }: Options,
  took: number,
  host: Host,
): Promise<string[]> {
  const { trainingReport } = await import('../training_report.js')
  const progress = createProgress(host.stderr)
  try {
    const files = await trainingReport(engine, await atLastLevel(engine, network), source, {
      seconds: took,
      theme,
      signal: host.signal,
      onProgress: (event) => progress.show({ ...event, name: network.architecture }),
    })
    await publish(folder, files, await filesOfEarlierRun(folder))
    return [...files.keys()].sort()
  } finally {
    progress.stop()
  }
}

/** A network for all noise levels at the least of them. */
async function atLastLevel(engine: Engine, network: TrainedNetwork): Promise<TrainedNetwork> {
  if (!network.noiseInput) return network
  const noise = Number(network.provenance?.configuration['noiseMin'])
  const { noiseInput: _, scaling: __, ...rest } = network
  const { confinement, provenance } = network
  return { ...rest, ...(await engine.at(network, { noise })), confinement, provenance }
}

const lastLoss = ({ losses }: TrainedNetwork): number => losses[losses.length - 1] ?? Number.NaN

function document(options: Options, network: TrainedNetwork, took: number, files: readonly string[]): object {
  const { architecture, activation, dimension, units, hash, confinement, provenance, losses } = network
  return {
    network: options.out,
    sha256: hash,
    architecture,
    activation,
    dimension,
    units,
    loss: lastLoss(network),
    losses: Array.from(losses),
    confinement,
    provenance,
    seconds: took,
    report: options.report === undefined ? null : { folder: options.report, files },
  }
}

function describe(file: string, network: TrainedNetwork, took: number): string {
  const { architecture, activation, dimension: n, units, confinement, hash, provenance } = network
  const adam = provenance?.configuration['method'] === 'adam'
  const lines = [
    `${file}: ${architecture}, ${n === 1 ? '1 output' : `${n} outputs`}, ${units} ${activation} units, trained in ${seconds(took)} s`,
    adam
      ? `denoising loss of the last epoch ${significant(lastLoss(network))}`
      : `held-out loss of the last level ${significant(lastLoss(network))}`,
  ]
  if (confinement) lines.push(describeConfinement(confinement))
  return [...lines, `sha256 ${hash}`].join('\n')
}
