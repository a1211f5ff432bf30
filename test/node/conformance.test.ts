// Scalar = SIMD to the bit, over random shapes and all tails, inside one wasm module.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = fileURLToPath(
  new URL(
    '../../target/wasm/conformance/wasm32-unknown-unknown/release/langevin_rnn_conformance.wasm',
    import.meta.url,
  ),
)

interface Exports {
  readonly memory: WebAssembly.Memory
  compares_two_kernels(): number
  check(seed: number, cases: number): number
  message_pointer(): number
  message_length(): number
}

// LONG_TESTS=1 runs a hundred times as many.
const cases = process.env['LONG_TESTS'] ? 30_000 : 300

// The long form takes some minutes.
test.skipIf(!existsSync(path))(
  `${cases} random cases give the same bits on both kernels`,
  { timeout: 1_800_000 },
  async () => {
    const { instance } = await WebAssembly.instantiate(await readFile(path))
    const wasm = instance.exports as unknown as Exports
    expect(wasm.compares_two_kernels()).toBe(1)
    const differing = wasm.check(20261124, cases)
    const message = new TextDecoder().decode(
      new Uint8Array(wasm.memory.buffer, wasm.message_pointer(), wasm.message_length()),
    )
    expect(differing, message).toBe(0)
  },
)

test('the module is there whenever the whole suite runs', () => {
  // `npm test` builds it first; a lone vitest run may do without.
  if (process.env['CI']) expect(existsSync(path)).toBe(true)
})
