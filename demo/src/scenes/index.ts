// The scenes, each in a file of its own that is loaded when it is asked for.
import type { Engine } from 'langevin-rnn'
import type { Component } from 'svelte'

export interface SceneProps {
  /** It starts while the scene is read already. */
  readonly engine: Promise<Engine>
}

interface Scene {
  /** Its name in the address; the first has none, so that the bare address shows it. */
  readonly name: string | null
  readonly title: string
  readonly load: () => Promise<{ default: Component<SceneProps> }>
}

const FIRST: Scene = { name: null, title: 'The double peak', load: () => import('./DoublePeak.svelte') }
export const SCENES: readonly Scene[] = [
  FIRST,
  { name: 'draw', title: 'Draw your own', load: () => import('./DrawYourOwn.svelte') },
  { name: 'laplace', title: 'Acceleration', load: () => import('./LaplaceMixture.svelte') },
  { name: 'inside', title: 'Inside the circuit', load: () => import('./InsideCircuit.svelte') },
  { name: 'brain', title: 'Bayesian brain', load: () => import('./BayesianBrain.svelte') },
  { name: 'digits', title: 'Digits', load: () => import('./Digits.svelte') },
]

/** The scene of a name in the address, or null when there is none of that name. */
export function sceneOf(name: string | null): Scene | null {
  return SCENES.find((scene) => scene.name === name) ?? null
}
