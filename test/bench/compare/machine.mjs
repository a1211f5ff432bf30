// The facts of the machine and of the build that figures belong to.
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const wasmFolder = fileURLToPath(new URL('../../../ts/library/wasm/', import.meta.url))

export const load = () => Number(loadavg()[0].toFixed(2))

/** Linux tells family and model, which say more than some virtual machines' model names. */
function processor() {
  const name = cpus()[0]?.model.trim() ?? 'unknown'
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8')
    const field = (/** @type {string} */ key) => text.match(new RegExp(`^${key}\\s*: (.*)$`, 'm'))?.[1]
    return `${name} (family ${field('cpu family')}, model ${field('model')})`
  } catch {
    return name
  }
}

export function machineFacts() {
  const wasm = readdirSync(wasmFolder).find((name) => name.endsWith('.wasm'))
  const bytes = wasm && readFileSync(wasmFolder + wasm)
  return {
    date: new Date().toISOString(),
    processor: processor(),
    cores: availableParallelism(),
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    wasmBytes: bytes?.length,
    wasmGzipBytes: bytes && gzipSync(bytes, { level: 9 }).length,
    loadBefore: load(),
  }
}
