// `langevin-rnn sample NETWORK`: runs a network's Langevin dynamics and writes the draws, the whole of them or a shard.
import type { Command } from 'commander'
import type { Activation, Architecture, Draws, Engine, Network } from 'langevin-rnn'
import { prepareDraws, writeDraws } from '../draws_out.js'
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
} from '../flags.js'
import type { Host } from '../host.js'
import { ACTIVATIONS } from '../names.js'
import { oneOf } from '../options.js'
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
  readonly seed?: number
  readonly activation?: Activation
  readonly architecture?: Architecture
  readonly json?: boolean
}

export function addSample(program: Command, host: Host): void {
  const command = program
    .command('sample')
    .description('draw from a network: run its Langevin dynamics dx = s(x) dt + √2 dB in many chains')
    .argument('<network>', 'network (.safetensors), of ours or of the authors’ code')
    .requiredOption('--out <file>', 'where the draws go: .npz (also states and provenance), .npy or .csv')
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
  ])
  command.action((file: string, options: Options) => sample(file, options, command, host))
}

async function sample(file: string, options: Options, command: Command, host: Host): Promise<void> {
  const kind = await prepareDraws(options.out, options.shard ? ['.npz'] : undefined)
  const network = await readNetwork(file, options)
  const job = await planSample(options, command, network)
  const { createEngine } = await host.library()
  await using engine = await createEngine(engineOptions(options))
  const began = performance.now()
  const drawn = await draw(engine, network, job, command, host)
  const took = (performance.now() - began) / 1000
  const draws = withOrigin(drawn, { network: await identify(engine, network), ...job.origin })
  await writeDraws(options.out, kind, draws, job.shard)

  if (options.json) host.stdout.write(`${JSON.stringify(document(file, options, job, draws, took), null, 2)}\n`)
  else host.stdout.write(`${describe(options, job, draws, took)}\n`)
}

async function draw(
  engine: Engine,
  network: Network,
  { settings }: SampleJob,
  command: Command,
  host: Host,
): Promise<Draws> {
  const progress = createProgress(host.stderr)
  try {
    return await engine.sample(network, {
      ...settings,
      signal: host.signal,
      onProgress: (event) => progress.show({ ...event, name: network.architecture }),
    })
  } catch (error) {
    throw asUsage(error, command)
  } finally {
    progress.stop()
  }
}

function document(network: string, options: Options, { shard }: SampleJob, draws: Draws, took: number): object {
  const { shape, hash, seed, provenance } = draws
  return {
    network,
    draws: options.out,
    shape,
    sha256: hash,
    seed,
    shard: shard ?? null,
    provenance,
    seconds: took,
  }
}

function describe(options: Options, { settings, shard }: SampleJob, draws: Draws, took: number): string {
  const [chains, count, n] = draws.shape
  const part = shard ? ` (part ${shard.index} of ${shard.of})` : ''
  const rate = significant((settings.chains * settings.steps) / took)
  return [
    `${options.out}${part}: ${chains} chains × ${count} draws × ${n}, in ${seconds(took)} s, ${rate} chain-steps a second`,
    `sha256 ${draws.hash}`,
  ].join('\n')
}
