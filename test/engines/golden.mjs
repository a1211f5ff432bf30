// The committed manifests as the engine tests need them: the hash of every array, and a digest of each manifest for tables.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { cases } from '../golden/cases.mjs'

/** The cases that every engine is compared on: every experiment, in the presets that take an engine seconds, and one of minutes. */
export const compared = Object.keys(cases).filter((name) => /^double-peak-|-short$/.test(name))

/** @param {string} name of a case @returns {Promise<string>} */
export const manifestText = (name) => readFile(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')

/** SHA-256 of every array of a case. @param {string} name @returns {Promise<Record<string, string>>} */
export async function committed(name) {
  /** @type {{ arrays: Record<string, { sha256: string }> }} */
  const { arrays } = JSON.parse(await manifestText(name))
  return Object.fromEntries(Object.entries(arrays).map(([array, { sha256 }]) => [array, sha256]))
}

/** The first array that differs or is missing, or undefined. @param {Record<string, string>} expected @param {Record<string, string>} found */
export function firstDifference(expected, found) {
  return Object.keys({ ...expected, ...found }).find((array) => expected[array] !== found[array])
}

/** What a cell of the table says. @param {Record<string, string>} expected @param {Record<string, string>} found @param {boolean} some whether it may lack arrays */
export function verdict(expected, found, some) {
  const [arrays, all] = [Object.keys(found).length, Object.keys(expected).length]
  const wanted = some ? Object.fromEntries(Object.entries(expected).filter(([array]) => array in found)) : expected
  const different = arrays === 0 ? 'the first array' : firstDifference(wanted, found)
  if (different !== undefined) return `differs from ${different} on`
  return arrays === all ? 'equal' : `equal, ${arrays} of ${all} arrays`
}

/** Twelve digits that stand for all arrays of a case: SHA-256 over lines `array sha256`. @param {string} name */
export async function digest(name) {
  const lines = Object.entries(await committed(name)).map(([array, hash]) => `${array} ${hash}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 12)
}
