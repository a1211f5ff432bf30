// A folder, such as that of the built page, on a tiny static server, and Chromium to open it with.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const SUB_PATH = '/some/folder/'
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

export interface Site {
  readonly address: string
  /** Cuts it off, with every connection that is open. */
  close(): void
}

/** The built page, below a sub-path. */
export async function serveSite(): Promise<Site> {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('demo/dist is missing: call `npm run setup` first')
  return serveFolder(dist, SUB_PATH)
}

export async function serveFolder(folder: string, subPath: string): Promise<Site> {
  const server: Server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const name = normalize(path.slice(subPath.length)) || '.'
    try {
      if (!path.startsWith(subPath) || name.startsWith('..')) throw new Error('outside')
      const file = name === '.' ? 'index.html' : name
      const body = await readFile(join(folder, file))
      // Nothing stays in the browser's own cache, so that what works offline does so by the page's doing.
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'cache-control': 'no-store',
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    // localhost counts as secure, which service workers need.
    address: `http://localhost:${port}${subPath}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A Chromium of the system: `CHROMIUM` in the environment, or where it usually is. */
export function findChromium(): string | undefined {
  return [
    process.env['CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== undefined && existsSync(path))
}
