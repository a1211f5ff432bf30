// Before `npm pack` of a workspace: the licences beside its package.json, where npm takes them from.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup/paths.mjs'

for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(join(root, name), join(process.cwd(), name))
