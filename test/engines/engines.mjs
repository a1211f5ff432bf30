// Every engine whose bits are compared: its row in docs/equal-bits.md, and how it computes the arrays of a case.
import { fileURLToPath } from 'node:url'
import { cases } from '../golden/cases.mjs'
import { browsers, installed, opener, versionOf } from './browsers.mjs'
import { cores, recompute } from './cores.mjs'
import { manifestText } from './golden.mjs'
import { debianFile, Missing } from './install.mjs'
import { runScript, runtimes } from './runtimes.mjs'
import { serveFolder } from './site.mjs'

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} processor
 * @property {string} runs what of ours it runs, and by which compiler
 * @property {boolean} [emulated]
 * @property {boolean} [core] runs the core alone, without the experiments' own programs: it has no arrays of theirs
 * @property {string} [slow] why the whole paper preset is not run
 * @property {(consumer: string) => Promise<Ready>} ready installs what is lacking; throws `Missing` where it can't be had
 */

/**
 * @typedef {object} Ready
 * @property {string} version
 * @property {(name: string, seconds: number) => Promise<Record<string, string>>} arrays of a case: name → SHA-256
 */

const scalarModule = fileURLToPath(new URL('../../ts/library/wasm-scalar/langevin_rnn_wasm_bg.wasm', import.meta.url))

/** @param {keyof typeof cores} which @returns {Engine['ready']} */
const core = (which) => async () => {
  const found = await cores[which]()
  return {
    version: found.version,
    arrays: async (name, seconds) => recompute(found, await manifestText(name), seconds),
  }
}

/** @param {string} name */
function oneCase(name) {
  const found = cases[name]
  if (found === undefined) throw new Error(`no case ${name}`)
  return { [name]: found }
}

/** @param {string} name @param {string} [wasm] @returns {Engine['ready']} */
const runtime = (name, wasm) => async (consumer) => {
  const found = await runtimes[name]?.()
  if (found === undefined) throw new Missing(`no runtime ${name}`)
  return {
    version: found.version,
    async arrays(one, seconds) {
      const request = { cases: oneCase(one), ...(wasm !== undefined && { wasm }) }
      const { simd, arrays } = await runScript(found, consumer, 'script.mjs', request, seconds)
      if (simd !== (wasm === undefined)) throw new Error(`SIMD is ${simd}`)
      return arrays[one] ?? {}
    },
  }
}

/** @param {import('./browsers.mjs').Browser} browser @returns {Engine['ready']} */
const page = (browser) => async (consumer) => {
  if (browser.find() === undefined) await debianFile(`/usr/share/doc/${browser.shipped}`, browser.packages)
  const binary = installed(browser)
  return {
    version: await versionOf(browser),
    async arrays(name, seconds) {
      const site = await serveFolder(consumer)
      try {
        const { failure, report } = await site.visit(
          opener(browser, binary),
          'page.html',
          { cases: oneCase(name) },
          seconds,
        )
        if (failure !== undefined) throw new Error(failure)
        return report.arrays[name]
      } finally {
        site.close()
      }
    },
  }
}

const x86 = 'x86-64'
const long = 'the longest case, on an emulated processor'
const simd = (/** @type {string} */ compiler) => `wasm simd128, ${compiler}`

/** @type {readonly Engine[]} */
export const engines = [
  { name: 'native', processor: x86, runs: 'scalar kernels, rustc', core: true, ready: core('native') },
  {
    name: 'native',
    processor: 'ARM64',
    runs: 'scalar kernels, rustc',
    emulated: true,
    slow: long,
    core: true,
    ready: core('emulated'),
  },
  {
    name: 'Node 20',
    processor: x86,
    runs: 'wasm scalar, V8',
    ready: runtime('Node 20', scalarModule),
  },
  { name: 'Node 20', processor: x86, runs: simd('V8'), ready: runtime('Node 20') },
  { name: 'Node 24', processor: x86, runs: simd('V8'), ready: runtime('Node 24') },
  { name: 'Node 26', processor: x86, runs: simd('V8'), ready: runtime('Node 26') },
  {
    name: 'Node 24',
    processor: 'ARM64',
    runs: simd('V8'),
    emulated: true,
    slow: long,
    ready: runtime('Node 24 on ARM64'),
  },
  { name: 'Bun', processor: x86, runs: simd('JavaScriptCore'), ready: runtime('Bun') },
  { name: 'Deno', processor: x86, runs: simd('V8'), ready: runtime('Deno') },
  { name: 'wasmtime', processor: x86, runs: simd('Cranelift'), core: true, ready: core('wasmtime') },
  ...browsers.map((browser) => ({
    name: browser.name,
    processor: x86,
    runs: simd(browser.engine),
    ready: page(browser),
  })),
]

/** What a row begins with, but for the engine's version. @param {Engine} engine */
export const titleOf = ({ name, processor, emulated, runs }) => [
  name,
  `${processor}${emulated ? ', emulated' : ''}`,
  runs,
]

/** Whether a line of the table is this engine's. @param {Engine} engine @param {string} line */
export function isRowOf(engine, line) {
  const [first = '', ...rest] = line.slice(2, -2).split(' | ')
  const [name, ...title] = titleOf(engine)
  return first.replace(/ \([\d.]*\)$/, '') === name && title.every((cell, i) => cell === rest[i])
}
