// The page's entry: its code, once the words that public/early.js puts there have been painted.
import './styles/page.css'
import './styles/controls.css'
import './styles/circuits.css'
import './styles/figures.css'
import './styles/sections.css'

/** A page that nobody sees has no frames. */
const LONGEST_WAIT = 1000

await new Promise<unknown>((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve))
  setTimeout(resolve, LONGEST_WAIT)
})
const [{ mount }, { default: App }] = await Promise.all([import('svelte'), import('./App.svelte')])
const target = document.getElementById('app')!
target.querySelector('main')?.remove()
mount(App, { target })
