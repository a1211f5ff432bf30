// After tsc: the classifier that judges drawn digits goes into the package.
import { copyFileSync } from 'node:fs'

const from = new URL('../../test/digits/classifier.safetensors', import.meta.url)
copyFileSync(from, new URL('dist/digits.safetensors', import.meta.url))
