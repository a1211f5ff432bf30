// The probe from CommonJS, whose require() loads the packages' ES modules.
const library = require('langevin-rnn')
const experiments = require('langevin-rnn/experiments')
const { probe } = require('./probe.mjs')

probe(library, experiments, JSON.parse(process.argv[2])).then((report) => console.log(JSON.stringify(report)))
