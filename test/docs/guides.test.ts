// The tutorial and the how-to guides do what they say: their commands and Python programs run, and print what the pages show.
import { afterAll, describe } from 'vitest'
import { openGuide, testBlocks } from './guide.js'

const guides = {
  'docs/tutorial.md': ['docs/data/rates.csv'],
  'docs/how-to-python.md': [],
  'docs/how-to-check-bits.md': [],
  'docs/how-to-posterior.md': [],
  'docs/how-to-mnist.md': [],
  'docs/how-to-reproduce.md': [],
}

for (const [page, files] of Object.entries(guides)) {
  const guide = await openGuide(page, files)
  describe(page, async () => {
    afterAll(() => guide.remove())
    await testBlocks(guide)
  })
}
