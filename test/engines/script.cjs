// The probe from CommonJS, whose require() loads the packages' ES modules.
const { readFile } = require('node:fs/promises')
const { join } = require('node:path')
const library = require('langevin-rnn')
const experiments = require('langevin-rnn/experiments')
const { probe } = require('./probe.mjs')

const read = (name) => readFile(join(__dirname, 'pictures', name))
probe(library, experiments, JSON.parse(process.argv[2]), read).then((report) => console.log(JSON.stringify(report)))
