// What shows before any code does: the page's links to its scenes, and the words of every scene, of which public/early.js shows one's.
import { readFileSync } from 'node:fs'
import type { Plugin, Rollup } from 'vite'
import { LIST } from '../src/scenes/list.ts'

const read = (path: string) => readFileSync(new URL(`../src/scenes/${path}`, import.meta.url), 'utf8')
const compact = (html: string) =>
  html
    .replace(/<!--.*?-->/gs, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/** The words of a scene, its equations in their places. */
function introOf(folder: string): string {
  const equations = read('equations.html')
  return compact(
    read(`${folder}/intro.html`).replace(/<math data-name="([a-z-]+)"><\/math>/g, (_, name) => {
      const found = equations.match(new RegExp(`<math data-name="${name}">(.*?)</math>`, 's'))
      if (found === null) throw new Error(`${folder}/intro.html names the equation ${name}, which equations.html lacks`)
      return `<math>${found[1]}</math>`
    }),
  )
}

/** The files that a scene's code is in, and that of the page. */
function codeOf(scene: string, chunks: readonly Rollup.OutputChunk[]): string[] {
  const needed = new Set<string>()
  const need = (fileName: string) => {
    const chunk = chunks.find((each) => each.fileName === fileName)
    if (chunk === undefined || chunk.isEntry || needed.has(fileName)) return
    needed.add(fileName)
    chunk.imports.forEach(need)
  }
  for (const source of ['App.svelte', `scenes/${scene}/settings.ts`]) {
    const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(`/src/${source}`)))
    if (chunk === undefined) throw new Error(`${source} is not in the bundle`)
    need(chunk.fileName)
  }
  return [...needed].map((name) => `./${name}`)
}

export function early(): Plugin {
  return {
    name: 'early',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const files = Object.values(bundle ?? {})
        const chunks = files.filter((file) => file.type === 'chunk')
        const wasm = files.filter(({ fileName }) => fileName.endsWith('.wasm')).map(({ fileName }) => `./${fileName}`)
        const links = LIST.map(({ name, title }) => `<li><a href="./${name ? `?scene=${name}` : ''}">${title}</a></li>`)
        const words = LIST.map(({ name, folder }) => {
          const code = bundle ? ` data-code="${[...codeOf(folder, chunks), ...wasm].join(' ')}"` : ''
          return `<template data-scene="${name ?? ''}"${code}>${introOf(folder)}</template>`
        })
        return {
          html: html.replace('<!-- scenes -->', links.join('')).replace('<!-- words -->', words.join('\n    ')),
          tags: [{ tag: 'script', attrs: { src: './early.js' }, injectTo: 'head' }],
        }
      },
    },
  }
}
