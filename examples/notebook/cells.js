// Cells in the page by Observable's runtime: each is computed anew when a cell that it names has changed.
import { Inspector } from '@observablehq/inspector'
import { Runtime } from '@observablehq/runtime'
import { Library } from '@observablehq/stdlib'

/**
 * The values of the notebook's cells, and what Observable's standard library adds to them.
 * @typedef {object} Values
 * @property {number} units
 * @property {number} chains
 * @property {number} dt
 * @property {number} seed
 * @property {import('langevin-rnn').Engine} engine
 * @property {import('langevin-rnn').Network} network
 * @property {{ time: number, data: Float32Array, hash?: string }} draws
 * @property {import('langevin-rnn').TargetValues & { points: import('langevin-rnn').Tensor }} truth
 * @property {import('@observablehq/stdlib').Html} html
 * @property {Library['Generators']} Generators
 */

const notebook = new Runtime(new Library()).module()

/**
 * Defines a cell by the cells that it depends on, and shows it in the element of its name, if there is one.
 * @template {(keyof Values)[]} Names
 * @param {string} name
 * @param {[...Names]} inputs
 * @param {(...inputs: { [I in keyof Names]: Values[Names[I]] }) => unknown} definition
 */
export function cell(name, inputs, definition) {
  const element = document.getElementById(name)
  notebook.variable(element && new Inspector(element)).define(name, inputs, definition)
}

/**
 * A cell that shows an input, and one that is its value.
 * @param {keyof Values} name
 * @param {HTMLElement} input
 */
export function viewof(name, input) {
  cell(`viewof ${name}`, [], () => input)
  cell(name, ['Generators'], (Generators) => Generators.input(input))
}
