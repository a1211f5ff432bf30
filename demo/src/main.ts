// The page's entry: its code, once the words that public/early.js puts there have been painted.
import './styles/page.css'
import './styles/controls.css'
import './styles/circuits.css'
import './styles/figures.css'
import './styles/sections.css'
import { painted, turn } from './platform/turns.ts'

await painted()
const [{ mount }, { default: App }] = await Promise.all([import('svelte'), import('./App.svelte')])
const target = document.getElementById('app')!
await turn()
target.querySelector('main')?.remove()
mount(App, { target })
