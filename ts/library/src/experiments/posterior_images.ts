// The θ that give the same data: a network learns the first of these images, and draws are laid out over all of them, for prior and
// likelihood are the same at each. two-moons has |θ₀ + θ₁|: θ and (−θ₁, −θ₀). slcp has θ₂² and θ₃²: four by sign.
import type { Task } from '../types.js'

/** How the images of a task's θ are found. */
interface Images {
  readonly count: number
  /** Of any θ the first image, as the network has it: in the whole box of the prior. */
  first(theta: Float32Array): ArrayLike<number>
  /** Image number k of θ, of a first image as the network has it. */
  image(first: Float32Array, k: number): ArrayLike<number>
}

/** Half of slcp's box. */
const BOUND = 3
/** The half of a box in which θ is positive, as the whole box. */
export const stretched = (theta: number): number => 2 * Math.abs(theta) - BOUND
/** And |θ| again. */
export const unstretched = (x: number): number => (x + BOUND) / 2

export const IMAGES: Readonly<Partial<Record<Task, Images>>> = {
  'two-moons': {
    count: 2,
    first: (theta) => (theta[0]! + theta[1]! < 0 ? [-theta[1]!, -theta[0]!] : theta),
    image: (first, k) => (k === 1 ? [-first[1]!, -first[0]!] : first),
  },
  slcp: {
    count: 4,
    first: ([x, y, s, t, r]) => [x!, y!, stretched(s!), stretched(t!), r!],
    image([x, y, s, t, r], k) {
      const signed = (size: number, negative: boolean) => (negative ? -size : size)
      return [x!, y!, signed(unstretched(s!), k % 2 === 1), signed(unstretched(t!), k >= 2), r!]
    },
  },
}
