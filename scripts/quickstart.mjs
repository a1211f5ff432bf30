// Sets up, then runs the paper's first experiment: `langevin-rnn reproduce double-peak --preset quick`.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './setup/paths.mjs'
import { setUp } from './setup.mjs'

const output = join(root, 'out/double-peak')
const command = join(root, 'ts/cli/dist/main.js')

if (!(await setUp())) process.exit(1)
if (!existsSync(command)) {
  console.error(`${relative(root, command)} was not built: look at the messages of set-up above.`)
  process.exit(1)
}

const args = ['reproduce', 'double-peak', '--preset', 'quick', '--out', output, ...process.argv.slice(2)]
console.log(`npx langevin-rnn ${args.map((part) => (part === output ? relative(root, output) : part)).join(' ')}\n`)
const { status } = spawnSync(process.execPath, [command, ...args], { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const figures = join(output, 'figures')
const pictures = existsSync(figures) ? readdirSync(figures).filter((name) => name.endsWith('.png')) : []
console.log('\nThe figures:')
for (const name of pictures.sort()) console.log(`  ${join(figures, name)}`)
console.log(`All results: ${output}`)
