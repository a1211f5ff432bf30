// The probe where a command runs scripts: `node script.mjs '{"cases": …}'` prints the report as one line of JSON.
import { readFile } from 'node:fs/promises'
import * as library from 'langevin-rnn'
import * as experiments from 'langevin-rnn/experiments'
import { probe } from './probe.mjs'

const request = JSON.parse(process.argv[2] ?? '')
const read = (/** @type {string} */ name) => readFile(new URL(`pictures/${name}`, import.meta.url))
console.log(JSON.stringify(await probe(library, experiments, request, read)))
