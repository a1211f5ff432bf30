// What the page needs of the library's file formats, in a file of its own.
export { drawsToNpz, networkToSafetensors, readPoints } from 'langevin-rnn'
