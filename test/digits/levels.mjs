// The networks of all noise levels of a run, as files: level-0.safetensors is that of the largest σ, levels.json has every σ.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { networkFromSafetensors, networkToSafetensors } from 'langevin-rnn'

export function writeLevels(folder, { levels }) {
  mkdirSync(folder, { recursive: true })
  for (const [k, { network }] of levels.entries()) {
    writeFileSync(`${folder}/level-${k}.safetensors`, networkToSafetensors({ ...network, provenance: null }))
  }
  writeFileSync(`${folder}/levels.json`, `${JSON.stringify(levels.map(({ noise }) => noise))}\n`)
}

/** What `annealingParts` takes. */
export function readLevels(folder) {
  const noises = JSON.parse(readFileSync(`${folder}/levels.json`, 'utf8'))
  const levels = noises.map((noise, k) => ({
    noise,
    network: networkFromSafetensors(readFileSync(`${folder}/level-${k}.safetensors`)),
  }))
  return { levels, scaling: levels[0].network.scaling }
}
