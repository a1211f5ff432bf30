// The probe in a page, plain or built by a bundler: asks its server what to run, and posts the report.
import * as library from 'langevin-rnn'
import * as experiments from 'langevin-rnn/experiments'
import { probe } from './probe.mjs'

/** @type {string[]} */
const complaints = []
addEventListener('securitypolicyviolation', (event) => {
  // WebKit looks for an icon by itself; the page has none.
  if (event.blockedURI.endsWith('/favicon.ico')) return
  complaints.push(`${event.violatedDirective} forbids ${event.blockedURI || 'something inline'}`)
})

/** @param {string} name */
async function read(name) {
  const response = await fetch(`/pictures/${name}`)
  if (!response.ok) throw new Error(`pictures/${name}: ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function run() {
  const response = await fetch('/request')
  return { report: await probe(library, experiments, await response.json(), read), complaints }
}

const answer = await run().catch((error) => ({ failure: String(error), complaints }))
await fetch('/report', { method: 'POST', body: JSON.stringify(answer) })
