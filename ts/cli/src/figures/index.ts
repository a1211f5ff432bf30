// What `langevin-rnn-cli/figures` offers: every figure as a function from plain numbers to an SVG element, and the colours.

export * from './contours.js'
export * from './curves.js'
export * from './diagnostics.js'
export * from './pictures.js'
export * from './plots.js'
export * from './rates.js'
export { type Palette, palettes } from './theme.js'
export * from './training.js'
