// A scene's run and the address that holds its settings: a link brings the run back.
import { onMount } from 'svelte'
import { address } from '../../platform/address.svelte.ts'
import { prefersCalm } from '../../platform/motion.ts'
import type { RunSettings } from './settings.ts'
import type { Steered } from './steered.svelte.ts'

interface InAddress<Settings> {
  /** What is missing keeps its default, what makes no sense is named. */
  readonly fromAddress: (query: URLSearchParams) => { settings: Settings; refused: string[] }
  readonly toAddress: (settings: Settings) => URLSearchParams
}

/** To be called while a component begins: the run starts with it and ends with it. */
export function steer<Settings extends RunSettings, Run extends Steered<Settings>>(
  { fromAddress, toAddress }: InAddress<Settings>,
  make: (settings: Settings, calm: () => boolean) => Run,
): { readonly run: Run; readonly refused: readonly string[]; readonly change: (settings: Settings) => void } {
  const { settings, refused } = fromAddress(address.settings)
  const run = make(settings, prefersCalm)
  onMount(() => {
    address.keep(toAddress(settings))
    void run.retrain()
    return () => run.dispose()
  })
  const change = (next: Settings) => {
    run.change(next)
    address.keep(toAddress(next))
  }
  return { run, refused, change }
}
