// The wasm is a function of the sources: built twice more, from nothing, in folders of other names, it has the packed module's very bytes.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const wasm = 'langevin_rnn_wasm_bg.wasm'

// Minutes on two cores: LONG_TESTS=1.
test.skipIf(!process.env['LONG_TESTS'])(
  'two builds give the bytes of the packed module',
  { timeout: 1_800_000 },
  async () => {
    const script = join(root, 'scripts/check-reproducible-wasm.mjs')
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: root, maxBuffer: 2 ** 26 })
    expect(stdout).toContain('The two builds are equal byte for byte.')
    expect(stdout).not.toContain('DIFFERS')
    const packed = createHash('sha256').update(await readFile(join(root, 'ts/library/wasm', wasm)))
    expect(stdout).toContain(`same    ${packed.digest('hex')} ${wasm}\n`)
  },
)
