// One network of two that lie side by side: s_d(y) = −y_d + Σ_j W_out[d, j] φ(…) sums over one network's units in the first coordinates, over
// the other's in the rest. Where the first knows only the first coordinates y₁, these move by themselves, with the law that it has learned;
// the others follow them with p(y₂ | y₁), as far as they are faster.
import { invalid } from '../errors.js'
import type { Network } from '../types.js'
import { withWeights } from './with_weights.js'

/**
 * A network with the score of `first` in the coordinates 0 … `count` − 1 and that of `rest` in the others. Units that have no say in them are
 * left out; the others keep their order, those of `first` before those of `rest`.
 *
 * @param first - a reservoir-sampler, whose W_fb may be 0 from coordinate `count` on, as that of {@link widenedStart}
 * @param rest - another one of as many dimensions, with the same activation and scaling
 * @param count - number of coordinates whose score is that of `first`, 1 to n − 1
 * @throws an `InvalidArgumentError` for networks that aren't so, or have inputs or irreversible drift
 */
export function joinedNetwork(first: Network, rest: Network, count: number): Network {
  for (const [name, network] of Object.entries({ first, rest })) {
    const { architecture, activation, dimension, tensors, irreversibleScale } = network
    const more = 'W_in.weight' in tensors ? 'with inputs' : irreversibleScale === undefined ? '' : 'irreversible'
    if (architecture !== 'reservoir-sampler' || more !== '')
      throw invalid(name, more || architecture, 'a reservoir-sampler without inputs or irreversible drift')
    if (activation !== first.activation || dimension !== first.dimension)
      throw invalid(name, `${activation} in ${dimension}`, `${first.activation} in ${first.dimension} dimensions`)
  }
  if (JSON.stringify(unitsOfX(first)) !== JSON.stringify(unitsOfX(rest)))
    throw invalid('rest.scaling', 'another', 'that of the first network')
  const { dimension: n } = first
  if (!Number.isInteger(count) || count < 1 || count >= n)
    throw invalid('count', count, `a whole number from 1 to ${n - 1}`)

  const parts = [
    { network: first, from: 0, to: count },
    { network: rest, from: count, to: n },
  ].map((part) => ({ ...part, units: unitsWithSay(part.network, part.from, part.to) }))
  const m = parts.reduce((sum, { units }) => sum + units.length, 0)
  if (m === 0) throw invalid('W1.weight', 'zero', 'units that have a say in the first coordinates, or in the rest')
  const [wOut, wFb, bias] = [new Float32Array(n * m), new Float32Array(m * n), new Float32Array(m)]
  let at = 0
  for (const { network, from, to, units } of parts) {
    const given = (name: string) => network.tensors[name]!.data
    for (const j of units) {
      for (let d = from; d < to; d += 1) wOut[d * m + at] = given('W1.weight')[d * network.units + j]!
      wFb.set(given('W2.weight').subarray(j * n, (j + 1) * n), at * n)
      bias[at] = given('W2.bias')[j]!
      at += 1
    }
  }
  return withWeights(first, wOut, wFb, bias)
}

function unitsOfX({ scaling }: Network) {
  const { mean, deviation } = scaling?.x ?? { mean: [], deviation: [] }
  return [[...mean], [...deviation]]
}

/** Units whose output weights to some of the coordinates from … to − 1 aren't 0. */
function unitsWithSay({ tensors, units: m }: Network, from: number, to: number): number[] {
  const wOut = tensors['W1.weight']!.data
  const rows = Array.from({ length: to - from }, (_, d) => (from + d) * m)
  return Array.from({ length: m }, (_, j) => j).filter((j) => rows.some((row) => wOut[row + j] !== 0))
}
