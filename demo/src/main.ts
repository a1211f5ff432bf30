// The page's entry.
import { mount } from 'svelte'
import App from './App.svelte'
import './styles/page.css'
import './styles/controls.css'
import './styles/circuits.css'
import './styles/figures.css'
import './styles/sections.css'

mount(App, { target: document.getElementById('app')! })
