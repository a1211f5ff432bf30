// A training run in the workers that share it: one, or, for large networks by Adam, several that own groups of units each.
//
// Owners send each other their parts of the scores, so the results are gathered only when someone asks: arrays of checkpoints lie
// unit by unit and are joined end to end, networks are joined along their units. Both are the same values as from one worker.

import * as Comlink from 'comlink'
import type { BareNetwork } from './network.js'
import type { PointPass } from './point_stream.js'
import type { Crew, Remote } from './pool.js'
import type { Target, Tensor } from './types.js'
import type {
  BareCheckpoint,
  Opened,
  ResumePoint,
  TrainingPiece,
  TrainingProgress,
  TrainingResult,
} from './worker_api.js'

export type TrainingSource =
  | { readonly target: Target }
  | { readonly data: Tensor; readonly stimuli?: Tensor | undefined }

interface Member extends Opened {
  readonly api: Remote
  readonly units: Units
}

/** Units [first, last) of all, with their padding. */
type Units = readonly [first: number, last: number, all: number]

export class TrainingTeam {
  readonly configuration: Record<string, unknown>
  readonly #members: readonly Member[]

  private constructor(members: readonly Member[], configuration: Record<string, unknown>) {
    this.#members = members
    this.configuration = configuration
  }

  /** Opens a run in `api` and, where it is worth it, in workers that are free now, up to `workers` together. */
  static async open(
    api: Remote,
    crew: Crew,
    settings: object,
    source: TrainingSource,
    budget: number,
    workers: number,
  ): Promise<TrainingTeam> {
    const shape = 'data' in source ? joinedShape(source) : undefined
    const target = 'target' in source ? source.target : undefined
    const wanted = await api.planTraining(settings, target, shape, workers, budget)
    const apis = [api, ...(wanted > 1 ? await crew.join(wanted - 1) : [])]
    const openings = await Promise.allSettled(
      apis.map(async (each, member): Promise<Member> => {
        const opened = await each.openTraining(settings, source, budget, member, apis.length)
        return { ...opened, api: each }
      }),
    )
    const members = openings.flatMap((opening) => (opening.status === 'fulfilled' ? [opening.value] : []))
    const [first] = members
    const team = new TrainingTeam(members, first?.configuration ?? {})
    // A worker that waits for sums waits no longer once the run is given up.
    crew.givenUp.addEventListener('abort', () => team.close(), { once: true })
    const failed = openings.find((opening) => opening.status === 'rejected')
    if (failed !== undefined) {
      team.close()
      throw failed.reason
    }
    if (members.length > 1) await team.#connect()
    return team
  }

  /** A channel between every two workers. */
  async #connect(): Promise<void> {
    const ports = this.#members.map(() => new Array<MessagePort | undefined>(this.#members.length).fill(undefined))
    for (const [a, mine] of ports.entries()) {
      for (const [b, theirs] of ports.slice(0, a).entries()) {
        const { port1, port2 } = new MessageChannel()
        mine[b] = port1
        theirs[a] = port2
      }
    }
    await Promise.all(this.#members.map(({ api, id }, k) => api.connectTraining(id, handOver(ports[k] ?? []))))
  }

  /** Begins with a network's weights in the place of random ones. */
  async begin(network: BareNetwork): Promise<void> {
    await this.#each(({ api, id }) => api.beginTraining(id, network))
  }

  /** Fresh points for the next epoch or level. */
  async feed(pass: PointPass): Promise<void> {
    await this.#each(({ api, id }) => api.feedTraining(id, pass))
  }

  /** Trains for about `milliseconds`, or to the end of the epoch if that is sooner and `epoch` is set. */
  async advance(
    milliseconds: number,
    epoch: boolean,
  ): Promise<{ complete: boolean; betweenEpochs: boolean; progress: TrainingProgress }> {
    const [step] = await this.#each(({ api, id }) => api.advanceTraining(id, milliseconds, epoch))
    return step
  }

  /** Goes on from a checkpoint: each worker gets its part. */
  async resume({ arrays, ...counters }: ResumePoint): Promise<void> {
    await this.#each(({ api, id, units: [first, last, all] }) => {
      const part = (values: Float32Array) => {
        const each = values.length / all
        return this.#members.length === 1 ? values : values.slice(each * first, each * last)
      }
      const own = Object.fromEntries(
        Object.entries(arrays).map(([name, values]) => [name, isShared(name) ? values : part(values)]),
      )
      return api.resumeTraining(id, { ...counters, arrays: own })
    })
  }

  /** Where the run stands, which must be between two epochs. */
  async checkpoint(): Promise<BareCheckpoint> {
    const parts = await this.#each(({ api, id }) => api.checkpointTraining(id))
    const [first] = parts
    if (parts.length === 1) return first
    const names = Object.keys(first.arrays)
    const join = (name: string) =>
      isShared(name) ? first.arrays[name]! : concatenated(parts.map((part) => part.arrays[name]))
    const arrays = names.map((name) => [name, join(name)] as const)
    return { ...first, arrays: Object.fromEntries(arrays), levels: joinedLevels(parts) }
  }

  /** The network as it is, null before the first level of the closed form, and the losses. */
  async inspect(): Promise<{ network: BareNetwork | null; losses: Float64Array }> {
    const parts = await this.#each(({ api, id }) => api.inspectTraining(id))
    if (parts.length === 1) return parts[0]
    return { network: joinedNetwork(parts.flatMap(({ network }) => network ?? [])), losses: parts[0].losses }
  }

  /** Ends the run with what it has learned so far. */
  async finish(): Promise<TrainingResult> {
    const [{ api, id }] = this.#members as readonly [Member, ...Member[]]
    if (this.#members.length === 1) return api.finishTraining(id)
    const pieces = await this.#each((member) => member.api.pieceOfTraining(member.id))
    const network = joinedNetwork(pieces.map((piece) => piece.network))
    const confinement = await api.confinementOfTraining(id, network)
    return { network, confinement, levels: joinedLevels(pieces), losses: pieces[0].losses }
  }

  /** Frees it all, without waiting. */
  close(): void {
    for (const { api, id } of this.#members) api.closeTraining(id).catch(() => {})
  }

  async #each<T>(call: (member: Member) => Promise<T>): Promise<[T, ...T[]]> {
    return (await Promise.all(this.#members.map(call))) as [T, ...T[]]
  }
}

/** Points with their stimuli beside them. */
function joinedShape({ data, stimuli }: { readonly data: Tensor; readonly stimuli?: Tensor | undefined }): number[] {
  const [points = 0, n = 0] = data.shape
  return [points, n + (stimuli?.shape[1] ?? 0)]
}

/** J and its moments, which every owner has whole. */
function isShared(name: string): boolean {
  return /^J(\.|$)/.test(name)
}

function handOver(ports: readonly (MessagePort | undefined)[]) {
  return Comlink.transfer(
    ports,
    ports.filter((port) => port !== undefined),
  )
}

function concatenated(parts: readonly (Float32Array | undefined)[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
  let at = 0
  for (const part of parts) {
    if (part !== undefined) all.set(part, at)
    at += part?.length ?? 0
  }
  return all
}

/** One network from consecutive units of it. */
function joinedNetwork(parts: readonly BareNetwork[]): BareNetwork {
  const [first] = parts as readonly [BareNetwork, ...BareNetwork[]]
  const n = first.dimension
  const units = parts.reduce((sum, part) => sum + part.units, 0)
  const tensor = (part: BareNetwork, name: string) => part.tensors[name]?.data ?? new Float32Array()
  const output = new Float32Array(n * units)
  let at = 0
  for (const part of parts) {
    const values = tensor(part, 'W1.weight')
    for (let d = 0; d < n; d += 1) output.set(values.subarray(d * part.units, (d + 1) * part.units), d * units + at)
    at += part.units
  }
  const end = (name: string) => concatenated(parts.map((part) => tensor(part, name)))
  const tensors = {
    'W1.weight': { shape: [n, units], data: output },
    'W2.weight': { shape: [units, n], data: end('W2.weight') },
    'W2.bias': { shape: [units], data: end('W2.bias') },
    ...(first.tensors['W_in.weight'] && {
      'W_in.weight': { shape: [units, first.tensors['W_in.weight'].shape[1]!], data: end('W_in.weight') },
    }),
    ...(first.tensors['J'] && { J: first.tensors['J'] }),
  }
  return { ...first, units, tensors }
}

function joinedLevels(parts: readonly Pick<TrainingPiece, 'levels'>[]): TrainingPiece['levels'] {
  return (parts[0]?.levels ?? []).map(({ noise }, k) => ({
    noise,
    network: joinedNetwork(parts.flatMap((part) => part.levels[k]?.network ?? [])),
  }))
}
