// `langevin-rnn sample NETWORK`: runs a network's Langevin dynamics and writes the draws, the whole of them or a shard.
import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Activation, Architecture, Draws, Engine, Network, SampleCheckpoint } from 'langevin-rnn'
import { resumeFrom } from '../checkpoints.js'
import { prepareDraws, writeDraws } from '../draws_out.js'
import { Interrupted } from '../errors.js'
import { readNetwork } from '../files_in.js'
import {
  addEngineFlags,
  addExamples,
  addFlags,
  addJson,
  addSeed,
  asUsage,
  type EngineFlags,
  engineOptions,
  KEPT_EVERY_SECONDS,
} from '../flags.js'
import type { Host } from '../host.js'
import { ACTIVATIONS } from '../names.js'
import { oneOf } from '../options.js'
import { replaceFile } from '../output.js'
import { createProgress } from '../progress.js'
import { identify, withOrigin } from '../provenance.js'
import { SAMPLE_FLAGS } from '../sample_flags.js'
import { planSample, type SampleJob } from '../sample_job.js'
import { parseShard, type ShardChoice } from '../shards.js'
import { seconds, significant } from '../table.js'
import { ARCHITECTURES } from './reproduce.js'

interface Options extends EngineFlags {
  readonly out: string
  readonly start?: string
  readonly shard?: ShardChoice
  readonly rates?: readonly number[]
  readonly seed?: number
  readonly activation?: Activation
  readonly architecture?: Architecture
  readonly checkpoint?: string | false
  readonly resume?: boolean
  readonly json?: boolean
}

export function addSample(program: Command, host: Host): void {
  const command = program
    .command('sample')
    .description('draw from a network: run its Langevin dynamics dx = s(x) dt + √2 dB in many chains')
    .argument('<network>', 'network (.safetensors), of ours or of the authors’ code')
    .requiredOption('--out <file>', 'where the draws go: .npz (also states and provenance), .npy, .csv or .idx')
  addFlags(command, SAMPLE_FLAGS)
  command
    .option(
      '--start <where>',
      'uniform:LOW,HIGH or normal:MEAN,DEVIATION in every coordinate, data (a Gaussian as wide as the data, for a standardised network), or a file of states [chain, n] or of draws to go on from (default: normal:0,1)',
    )
    .option(
      '--shard <i/k>',
      'compute the i-th of k parts of the chains alone; merge puts the parts together',
      parseShard,
    )
    .option('--activation <name>', 'for a file that does not tell (default: relu)', oneOf('--activation', ACTIVATIONS))
    .option('--architecture <name>', 'for a file that does not tell', oneOf('--architecture', ARCHITECTURES))
    .option('--checkpoint <file>', 'where an interrupted run is kept (default: OUT.checkpoint.npz)')
    .option('--no-checkpoint', 'keep none')
    .option('--resume', 'go on from the checkpoint; same bits as in one go')
  addJson(addSeed(addEngineFlags(command)))
  addExamples(command, [
    ['sample network.safetensors --chains 1000 --steps 2000 --dt 0.05 --out draws.npz', 'the last state of each chain'],
    [
      'sample network.safetensors --chains 4 --steps 50000 --dt 0.05 --burn-in 1000 --record-every 10 --out draws.npz',
      'long chains, for diagnose',
    ],
    [
      'sample network.safetensors --chains 1000 --steps 2000 --dt 0.05 --shard 2/4 --out part2.npz',
      'the second quarter of the chains, on this machine',
    ],
    ['sample network.safetensors --chains 1000 --steps 2000 --dt 0.05 --out draws.npz --resume', 'after Ctrl-C'],
    [
      'sample network.safetensors --chains 4 --steps 5000 --dt 0.05 --record-every 2 --rates 0-31 --out draws.npz',
      'with the firing rates of 32 units',
    ],
  ])
  command.action((file: string, options: Options) => sample(file, options, command, host))
}

async function sample(file: string, options: Options, command: Command, host: Host): Promise<void> {
  const holding = options.shard ? (['.npz'] as const) : options.rates ? (['.npz', '.csv'] as const) : undefined
  const kind = await prepareDraws(options.out, holding)
  const network = await readNetwork(file, options)
  const job = await planSample(options, command, network)
  const checkpoint = options.checkpoint === false ? undefined : (options.checkpoint ?? `${options.out}.checkpoint.npz`)
  const { createEngine } = await host.library()
  await using engine = await createEngine(engineOptions(options))
  const resume = options.resume ? await resumeFrom(checkpoint, 'sample', host, chainSteps) : undefined
  const began = performance.now()
  const drawn = await draw(engine, network, job, { checkpoint, resume }, command, host)
  const took = (performance.now() - began) / 1000
  const draws = withOrigin(drawn, { network: await identify(engine, network), ...job.origin })
  const some = draws.data.length > 0
  if (some) await writeDraws(options.out, kind, draws, job.shard)
  if (draws.complete && checkpoint !== undefined) await rm(checkpoint, { force: true })

  if (options.json) host.stdout.write(`${JSON.stringify(document(file, options, job, draws, took), null, 2)}\n`)
  else if (some) host.stdout.write(`${describe(options, job, draws, took)}\n`)
  if (!draws.complete) {
    const kept = checkpoint === undefined ? '' : ' The same command with --resume goes on.'
    throw new Interrupted(`Stopped${some ? `; ${options.out} holds what was drawn` : ' before the first draw'}.${kept}`)
  }
}

/** Runs until the end, or until the host says to stop: then the draws are those that there are. */
async function draw(
  engine: Engine,
  network: Network,
  { settings }: SampleJob,
  keep: { readonly checkpoint: string | undefined; readonly resume: SampleCheckpoint | undefined },
  command: Command,
  host: Host,
): Promise<Draws> {
  const { checkpointToNpz } = await import('langevin-rnn')
  const { checkpoint, resume } = keep
  const progress = createProgress(host.stderr)
  try {
    const run = engine.sample(network, {
      ...settings,
      ...(resume && { resume }),
      ...(checkpoint !== undefined && {
        checkpointSeconds: settings.checkpointSeconds ?? KEPT_EVERY_SECONDS,
        onCheckpoint: (state: SampleCheckpoint) => replaceFile(checkpoint, checkpointToNpz(state)),
      }),
      onProgress: (event) => progress.show({ ...event, name: network.architecture }),
    })
    const stop = () => void run.stop().catch(() => undefined)
    host.signal.addEventListener('abort', stop)
    if (host.signal.aborted) stop()
    return await run
  } catch (error) {
    throw asUsage(error, command)
  } finally {
    progress.stop()
  }
}

/** How far a sampling run had come. */
function chainSteps({ blocks }: SampleCheckpoint): string {
  return `${blocks.reduce((sum, { chains, steps }) => sum + chains * steps, 0)} chain-steps`
}

function document(network: string, options: Options, { shard }: SampleJob, draws: Draws, took: number): object {
  const { shape, hash, rateUnits, ratesHash, seed, complete, provenance } = draws
  return {
    network,
    draws: draws.data.length > 0 ? options.out : null,
    shape,
    sha256: hash,
    ...(ratesHash !== null && { rates: { units: rateUnits, sha256: ratesHash } }),
    seed,
    complete,
    ...(!complete && { blocks: draws.blocks }),
    shard: shard ?? null,
    provenance,
    seconds: took,
  }
}

function describe(options: Options, { settings, shard }: SampleJob, draws: Draws, took: number): string {
  const [chains, count, n] = draws.shape
  const part = shard ? ` (part ${shard.index} of ${shard.of})` : ''
  const rate = significant((settings.chains * settings.steps) / took)
  const speed = draws.complete ? `, ${rate} chain-steps a second` : ''
  return [
    `${options.out}${part}: ${chains} chains × ${count} draws × ${n}, in ${seconds(took)} s${speed}`,
    `sha256 ${draws.hash}`,
    ...(draws.ratesHash === null ? [] : [`rates of ${draws.rateUnits.length} units, sha256 ${draws.ratesHash}`]),
  ].join('\n')
}
