// The built page on a tiny static server, below a sub-path.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Site, serveFolder } from '../../test/engines/site.mjs'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))

export async function serveSite(): Promise<Site> {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('demo/dist is missing: call `npm run setup` first')
  return serveFolder(dist, { subPath: '/some/folder/' })
}
