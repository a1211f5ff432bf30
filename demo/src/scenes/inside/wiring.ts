// The circuit of a network with one output, to be drawn: W_rec = W_fb W_out, Σ = W_outᵀ / (W_out W_outᵀ), and each unit's tuning φ(w x + b).
import type { Network } from 'langevin-rnn'

export interface Unit {
  readonly unit: number
  /** W_fb, b and W_out of the unit. */
  readonly feedback: number
  readonly bias: number
  readonly output: number
  /** Σ of the unit: how much of the noise it gets. */
  readonly noise: number
}

/** Units in the order in which they are drawn: those that like low outputs, then those that like high ones, by the kink −b/w of each. */
export function unitsOf({ units, tensors }: Network): Unit[] {
  const of = (name: string) => tensors[name]!.data
  const [out, feedback, bias] = [of('W1.weight'), of('W2.weight'), of('W2.bias')]
  const square = out.reduce((sum, w) => sum + w * w, 0)
  const all = Array.from({ length: units }, (_, unit) => ({
    unit,
    feedback: feedback[unit]!,
    bias: bias[unit]!,
    output: out[unit]!,
    noise: out[unit]! / square,
  }))
  const kink = ({ feedback, bias }: Unit) => -bias / feedback
  return all.sort((a, b) => Math.sign(a.feedback) - Math.sign(b.feedback) || kink(a) - kink(b))
}

/** The rate that a unit settles to while the output is held at x. */
export const tuning = ({ feedback, bias }: Unit, x: number): number => Math.max(0, feedback * x + bias)

/** From unit `from` to unit `to`. */
export const weight = (to: Unit, from: Unit): number => to.feedback * from.output
