// A tiny static server: a folder's files, headers at will, and for the probe's pages a request to read and a report to post.
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/**
 * @typedef {object} Options
 * @property {string} [subPath] where the folder appears; default '/'
 * @property {Readonly<Record<string, string>>} [headers] sent with every file
 * @property {boolean} [compressed] whether files go out by gzip to whoever takes it; default false
 * @property {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} [otherwise]
 *   answers what is no file of the folder, such as a bundler's development server; default 404
 */

/**
 * @typedef {object} Site
 * @property {string} address ends with the sub-path
 * @property {string[]} refused paths that were asked for and are not there
 * @property {(open: (address: string) => () => Promise<void>, page: string, request: object, seconds: number) => Promise<any>} visit
 *   opens a page of the probe in a browser, and gives what it posts; `open` starts the browser and returns what ends it
 * @property {() => void} close cuts it off, with every connection that is open
 */

/** @param {string} folder @returns {Promise<[path: string, bytes: Buffer][]>} */
async function zippedFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return Promise.all(files.map(async (path) => [relative(folder, path), gzipSync(await readFile(path))]))
}

/** @param {string} folder @param {Options} [options] @returns {Promise<Site>} */
export async function serveFolder(folder, { subPath = '/', headers = {}, compressed = false, otherwise } = {}) {
  /** @type {string[]} */
  const refused = []
  // Ahead of any visit, as a host does: it would take its time from the page that is measured.
  const zipped = new Map(compressed ? await zippedFiles(folder) : [])
  let asked = '{}'
  /** @type {(report: unknown) => void} */
  let reported = () => {}

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    if (request.method === 'POST' && path === '/report') {
      let body = ''
      for await (const piece of request) body += piece
      response.end()
      reported(JSON.parse(body))
      return
    }
    if (path === '/request') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(asked)
      return
    }
    const name = normalize(path.slice(subPath.length)) || '.'
    try {
      if (!path.startsWith(subPath) || name.startsWith('..')) throw new Error('outside')
      const file = name === '.' ? 'index.html' : name
      const zip = /\bgzip\b/.test(String(request.headers['accept-encoding'])) ? zipped.get(file) : undefined
      const body = zip ?? (await readFile(join(folder, file)))
      // Nothing stays in the browser's own cache, so that what works offline does so by the page's doing.
      const type = TYPES[extname(file)] ?? 'application/octet-stream'
      const coding = zip ? { 'content-encoding': 'gzip' } : {}
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...coding, ...headers })
      response.end(body)
    } catch {
      if (otherwise !== undefined) return otherwise(request, response)
      refused.push(path)
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  // localhost counts as secure, which service workers need.
  const origin = `http://localhost:${port}`

  return {
    address: `${origin}${subPath}`,
    refused,
    async visit(open, page, request, seconds) {
      asked = JSON.stringify(request)
      /** @type {NodeJS.Timeout | undefined} */
      let timer
      const report = new Promise((resolve, reject) => {
        reported = resolve
        timer = setTimeout(() => {
          reject(new Error(`${page} reported nothing in ${seconds} s; not found: ${refused.join(', ') || 'nothing'}`))
        }, seconds * 1000)
      })
      const end = open(`${origin}/${page}`)
      try {
        return await report
      } finally {
        clearTimeout(timer)
        await end()
      }
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
