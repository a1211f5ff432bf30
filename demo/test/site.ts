// The built page on a tiny static server, below a sub-path, with its content policy sent as a header as well: so it binds workers, too.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Site, serveFolder } from '../../test/engines/site.mjs'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))

export async function serveSite(): Promise<Site> {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('demo/dist is missing: call `npm run setup` first')
  const page = await readFile(join(dist, 'index.html'), 'utf8')
  const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]+)"/)?.[1]?.replaceAll('&#39;', "'")
  if (policy === undefined) throw new Error('the built page has no content policy')
  return serveFolder(dist, { subPath: '/some/folder/', headers: { 'content-security-policy': policy } })
}
