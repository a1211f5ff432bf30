// The probe's page built by bundlers as their users' first builds are: nothing set but what is to be built and where it goes.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, createServer } from 'vite'
import wasmPlugin from 'vite-plugin-wasm'
import webpack from 'webpack'
import { type Site, serveFolder } from '../engines/site.mjs'

// The plug-in's types call its default export a property of another.
const wasm = wasmPlugin as unknown as typeof wasmPlugin.default

/** Vite's build of `folder`/app. */
export async function viteBuild(folder: string, withPlugin = false): Promise<Site> {
  const outDir = join(folder, withPlugin ? 'vite-wasm' : 'vite')
  const plugins = withPlugin ? [wasm()] : []
  await build({ root: join(folder, 'app'), configFile: false, logLevel: 'error', plugins, build: { outDir } })
  return serveFolder(outDir)
}

/** Vite's development server on `folder`/app, which bundles dependencies ahead. */
export async function viteServer(folder: string): Promise<Site> {
  const server = await createServer({
    root: join(folder, 'app'),
    configFile: false,
    logLevel: 'error',
    cacheDir: join(folder, 'vite-cache'),
    server: { middlewareMode: true, ws: false },
  })
  const site = await serveFolder(join(folder, 'nothing'), { otherwise: server.middlewares })
  return {
    ...site,
    close() {
      site.close()
      void server.close()
    },
  }
}

/** webpack's build of `folder`/app/page.mjs. */
export async function webpackBuild(folder: string): Promise<Site> {
  const path = join(folder, 'webpack')
  const compiler = webpack({
    mode: 'production',
    context: join(folder, 'app'),
    entry: './page.mjs',
    output: { path, filename: 'page.js' },
    // A hint that any file above 244 KiB may be slow to load; every other warning counts.
    performance: false,
  })
  const stats = await new Promise<webpack.Stats>((resolve, reject) => {
    compiler.run((error, result) => (result ? resolve(result) : reject(error)))
  })
  if (stats.hasErrors() || stats.hasWarnings())
    throw new Error(stats.toString({ all: false, errors: true, warnings: true }))
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'index.html'), '<!doctype html><meta charset="utf-8" /><script src="page.js"></script>\n')
  return serveFolder(path)
}
