// After tsc: makes the browser's worker one self-contained file. Import maps don't reach workers, so in a page without a
// bundler its `import 'comlink'` could not be resolved.
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const file = fileURLToPath(new URL('dist/worker.js', import.meta.url))
await build({
  input: file,
  platform: 'browser',
  logLevel: 'warn',
  output: { file, format: 'esm', minify: false },
})
