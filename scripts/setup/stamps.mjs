// Stamps: a step is skipped when the content of its inputs, and of what it made of them, is what it was the last time.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, stamps } from './paths.mjs'

const skipped = new Set(['node_modules', 'dist', 'target', '.git', '.tools', 'wasm', 'wasm-scalar', 'test'])

/** Files below `path`, in a fixed order. @param {string} path @param {Set<string>} skip @returns {string[]} */
function filesBelow(path, skip) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .filter((name) => !skip.has(name) && !name.endsWith('.tsbuildinfo'))
    .flatMap((name) => filesBelow(join(path, name), skip))
}

/** Hash of files and folders (names and content), and of any other text. @param {string[]} paths @param {string[]} [texts] */
export function hashInputs(paths, texts = []) {
  return hash(
    paths.flatMap((path) => filesBelow(path, skipped)),
    texts,
  )
}

/** @param {string[]} files @param {string[]} texts */
function hash(files, texts) {
  const sum = createHash('sha256')
  for (const file of files)
    sum
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  for (const text of texts) sum.update(`${text}\0`)
  return sum.digest('hex')
}

/** @param {string} folder */
const hashOutput = (folder) => hash(filesBelow(folder, new Set()), [])

/** @param {string} name @param {string} inputs @param {string} outputFolder */
export function isCurrent(name, inputs, outputFolder) {
  try {
    const stamp = JSON.parse(readFileSync(join(stamps, `${name}.json`), 'utf8'))
    return stamp.inputs === inputs && existsSync(outputFolder) && stamp.output === hashOutput(outputFolder)
  } catch {
    return false
  }
}

/** @param {string} name @param {string} inputs @param {string} outputFolder */
export function stamp(name, inputs, outputFolder) {
  mkdirSync(stamps, { recursive: true })
  writeFileSync(join(stamps, `${name}.json`), `${JSON.stringify({ inputs, output: hashOutput(outputFolder) })}\n`)
}
