// Writes the manifests anew: `node test/golden/update.mjs [CASE …]`. Bits change only with the stream version (CONTRIBUTING.md).
import { readFile, writeFile } from 'node:fs/promises'
import * as library from 'langevin-rnn'
import { experiments } from 'langevin-rnn/experiments'
import { cases } from './cases.mjs'
import { localPictures } from './local_pictures.mjs'

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(cases)
const engine = await library.createEngine()
for (const name of wanted) {
  if (cases[name] === undefined) throw new Error(`no case ${name}; there are ${Object.keys(cases).join(', ')}`)
  const { experiment, ...options } = cases[name]
  const path = new URL(`${name}.json`, import.meta.url)
  const pictures = await localPictures(experiment)
  const { manifest } = await experiments[experiment](engine, { ...options, ...(pictures && { pictures }) })
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  const before = await readFile(path, 'utf8').catch(() => undefined)
  await writeFile(path, text)
  console.log(`${name}: ${before === text ? 'as before' : before === undefined ? 'new' : 'CHANGED'}`)
}
await engine.dispose()
