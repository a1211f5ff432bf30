// The formats of files, which are needed only when one is saved or dropped: a part of the page that comes after its first picture.
import { onMount } from 'svelte'
import { firstPicture } from '../../platform/turns.ts'

const load = () => import('./formats.ts')

/** To be called while a component begins: they are fetched while the network is still there. */
export function formats(): typeof load {
  onMount(() => {
    void firstPicture()
      .then(load)
      .catch(() => {})
  })
  return load
}
