// The guide to the command line does what it says.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openGuide, testBlocks } from './guide.js'

const guide = await openGuide('docs/command-line.md')
afterAll(() => guide.remove())

await testBlocks(guide)

test('the files are those that the guide names', async () => {
  const found = await readdir(guide.work, { recursive: true })
  for (const name of ['ring/figures/density.svg', 'ring/results.json', 'points/figures/density.png', 'merged.npz'])
    expect(found).toContain(name)
  expect(found.filter((name) => /checkpoint|unfinished/.test(name))).toEqual([])
  expect(JSON.parse(await readFile(join(guide.work, 'few.json'), 'utf8'))).toMatchObject({ shape: [100, 1, 2] })
})
