// How the page is built: no address outside its own folder, everything kept for use offline, a strict content policy.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import wasm from 'vite-plugin-wasm'
import { early } from './build/early.ts'

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
    early(),
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
