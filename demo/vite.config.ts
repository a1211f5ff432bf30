// How the page is built: no address outside its own folder, everything kept for use offline, a strict content policy.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import wasm from 'vite-plugin-wasm'

/**
 * What the page may do: run its own scripts and wasm, start its own workers, read its own files. No inline script, no inline
 * style. Images of its own making (`blob:`) become PNG files. `frame-ancestors` works in a header only; README.md has the whole policy for servers.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Built pages only: the development server puts scripts and styles inline. */
function contentPolicy(): Plugin {
  return {
    name: 'content-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
        // First of all, so that it holds for every line after it.
        injectTo: 'head-prepend',
      },
    ],
  }
}

/**
 * What the bare address needs and index.html doesn't name, asked for at once: the first scene, which is read before the engine runs,
 * and the engine's wasm. Other scenes cost a visitor a few kB for nothing.
 */
function preloads(): Plugin {
  return {
    name: 'preloads',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const files = Object.values(bundle)
        const chunks = files.filter((file) => file.type === 'chunk')
        const needed = new Set<string>()
        const need = (fileName: string) => {
          const chunk = chunks.find((each) => each.fileName === fileName)
          if (chunk === undefined || chunk.isEntry || needed.has(fileName)) return
          needed.add(fileName)
          chunk.imports.forEach(need)
        }
        const first = chunks.find((chunk) => chunk.facadeModuleId?.endsWith('/scenes/DoublePeak.svelte'))
        const module = files.find((file) => file.fileName.endsWith('.wasm'))
        if (first === undefined || module === undefined)
          throw new Error('the first scene or the wasm is not in the bundle')
        need(first.fileName)
        const link = (attrs: Record<string, string | true>) => ({ tag: 'link', attrs, injectTo: 'head' as const })
        return [
          ...[...needed].map((name) => link({ rel: 'modulepreload', crossorigin: true, href: `./${name}` })),
          link({ rel: 'preload', as: 'fetch', fetchpriority: 'low', crossorigin: true, href: `./${module.fileName}` }),
        ]
      },
    },
  }
}

export default defineConfig({
  // Any folder of any server.
  base: './',
  plugins: [
    svelte(),
    // For wasm that is imported as a module. The library's is not: wasm-pack's `web` target is an asset to Vite.
    wasm(),
    VitePWA({
      registerType: 'autoUpdate',
      // src/platform/offline.ts does it, and tells the visitor.
      injectRegister: null,
      manifest: {
        name: 'langevin-rnn: a recurrent circuit that samples',
        short_name: 'langevin-rnn',
        description: 'Recurrent circuits learn a law and sample it, live in your browser',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#ffffff',
        theme_color: '#0072b2',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        globPatterns: ['**/*.{html,js,css,wasm,svg,safetensors}'],
        navigateFallback: 'index.html',
        // A link carries its settings in the query; the page behind it is the same.
        ignoreURLParametersMatching: [/./],
        clientsClaim: true,
        skipWaiting: true,
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
    contentPolicy(),
    preloads(),
  ],
  // The library finds its worker and its wasm beside itself; pre-bundling would move it away from them.
  optimizeDeps: { exclude: ['langevin-rnn'] },
  worker: { format: 'es', plugins: () => [wasm()] },
  build: {
    target: 'es2022',
    // Data URLs would need a wider content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
