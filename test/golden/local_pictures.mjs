// The files of cases on pictures, on this machine: MNIST in the command line's cache, fetched by npm the first time; colour patches
// from this checkout.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as library from 'langevin-rnn'
import { fetched } from '../../ts/cli/dist/pictures/mnist_data.js'
import { picturesOf } from '../engines/pictures.mjs'

const patches = fileURLToPath(new URL('../patches/', import.meta.url))

/** The folder with an experiment's files. @param {string} experiment */
export const folderOf = async (experiment) =>
  experiment === 'mnist' ? fetched((text) => process.stderr.write(text)) : patches

/** @param {string} experiment @returns {ReturnType<typeof picturesOf>} */
export async function localPictures(experiment) {
  return picturesOf(library, experiment, async (name) => readFile(join(await folderOf(experiment), name)))
}
