// The probe where a command runs scripts: `node script.mjs '{"cases": …}'` prints the report as one line of JSON.
import * as library from 'langevin-rnn'
import * as experiments from 'langevin-rnn/experiments'
import { probe } from './probe.mjs'

console.log(JSON.stringify(await probe(library, experiments, JSON.parse(process.argv[2] ?? ''))))
