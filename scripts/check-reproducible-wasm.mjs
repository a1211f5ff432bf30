// Shows that the same sources give the same wasm bytes: builds twice, in two target folders, and compares every file.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tools } from './setup/paths.mjs'
import { exclusively, runSteps } from './setup/steps.mjs'
import { buildModule } from './setup/wasm-module.mjs'

/** @param {string} folder */
const hashes = (folder) =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )

const folder = join(tools, `reproducible-${process.pid}`)
/** @type {Record<string, string>[]} */
const results = []
const builds = ['first', 'second'].map((turn) => ({
  title: `${turn} build`,
  work: async () => {
    const output = join(folder, turn)
    const { after } = await buildModule('simd128', output, join(folder, `target-of-the-${turn}`))
    results.push(hashes(output))
    return `${after} bytes`
  },
}))
let same = false
try {
  same = await exclusively(() => runSteps(builds))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const [first, second] = results
if (same) {
  console.log()
  for (const [name, hash] of Object.entries(first ?? {})) {
    const equal = hash === second?.[name]
    same &&= equal
    console.log(`${equal ? 'same   ' : 'DIFFERS'} ${hash} ${name}`)
  }
  console.log(same ? 'The two builds are equal byte for byte.' : 'The two builds differ.')
}
process.exitCode = same ? 0 : 1
