// What a file of draws tells about the network that drew them: enough to know it again.
import type { Command } from 'commander'
import type { Draws, Engine, Network, Scaling } from 'langevin-rnn'
import { quoted } from './shell.js'

/** A network by what decides its drift. */
export interface NetworkIdentity {
  readonly architecture: string
  readonly activation: string
  /** SHA-256 over all tensors in the order of their names, as one float32 array: `hash` of a trained network. */
  readonly sha256: string
  readonly irreversibleScale?: number
  readonly noiseInput?: boolean
  readonly scaling?: Scaling
}

export async function identify(engine: Pick<Engine, 'hash'>, network: Network): Promise<NetworkIdentity> {
  const names = Object.keys(network.tensors).sort()
  const arrays = names.map((name) => network.tensors[name]!.data)
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  const sha256 = await engine.hash({ shape: [all.length], data: all })
  const { architecture, activation, irreversibleScale, noiseInput, scaling } = network
  return {
    architecture,
    activation,
    sha256,
    ...(irreversibleScale !== undefined && { irreversibleScale }),
    ...(noiseInput !== undefined && { noiseInput }),
    ...(scaling && { scaling }),
  }
}

/** Draws whose provenance also names the network, and what else the run was given by files. */
export function withOrigin(draws: Draws, origin: Readonly<Record<string, unknown>>): Draws {
  const { provenance } = draws
  return { ...draws, provenance: { ...provenance, configuration: { ...provenance.configuration, ...origin } } }
}

/** Options that say where results go, how fast, or how they are shown: none of them decides a bit. */
const WITHOUT_BITS = [
  'out',
  'json',
  'workers',
  'memory',
  'checkpoint',
  'checkpointSeconds',
  'resume',
  'report',
  'theme',
]

/** The command as it was typed, less what decides no bit. */
export function commandTyped(command: Command, args: readonly string[]): string {
  const words: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const [name] = args[at]!.split('=', 1)
    const option = command.options.find(({ long, short }) => long === name || short === name)
    if (option === undefined || !WITHOUT_BITS.includes(option.attributeName())) words.push(args[at]!)
    else if (option.required && !args[at]!.includes('=')) at += 1
  }
  return ['langevin-rnn', ...words.map(quoted)].join(' ')
}
