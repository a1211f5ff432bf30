// The scenes, each in a file of its own that is loaded when it is asked for.
import type { Engine } from 'langevin-rnn'
import type { Component } from 'svelte'
import { LIST } from './list.ts'

export interface SceneProps {
  /** It starts while the scene shows already. */
  readonly engine: Promise<Engine>
}

const LOAD = {
  double_peak: () => import('./DoublePeak.svelte'),
  draw: () => import('./DrawYourOwn.svelte'),
  laplace: () => import('./LaplaceMixture.svelte'),
  inside: () => import('./InsideCircuit.svelte'),
  brain: () => import('./BayesianBrain.svelte'),
  digits: () => import('./Digits.svelte'),
} satisfies Record<(typeof LIST)[number]['folder'], () => Promise<{ default: Component<SceneProps> }>>

export const SCENES = LIST.map((listed) => ({ ...listed, load: LOAD[listed.folder] }))

/** The scene of a name in the address, or null when there is none of that name. */
export function sceneOf(name: string | null): (typeof SCENES)[number] | null {
  return SCENES.find((scene) => scene.name === name) ?? null
}
