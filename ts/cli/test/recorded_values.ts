// Whether a reproduction's folder holds the values behind every hash of its manifest.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createEngine } from 'langevin-rnn'
import type { Manifest } from 'langevin-rnn/experiments'
import { expect } from 'vitest'
import { recordedValues } from '../src/recorded.js'

/** Each array of the manifest is found by its name, and its values have the hash. */
export async function expectRecordedValues(folder: string): Promise<void> {
  const { arrays } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest
  await using engine = await createEngine({ workers: 1 })
  for (const [name, { shape, sha256 }] of Object.entries(arrays)) {
    const values = await recordedValues(folder, name)
    expect(values?.shape, name).toEqual(shape)
    expect(await engine.hash(values!), name).toBe(sha256)
  }
}
