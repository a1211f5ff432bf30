// Builds the wasm module alone: `node scripts/build-wasm.mjs`, and with --scalar the one without SIMD that tests compare it with.
import { exclusively, runSteps } from './setup/steps.mjs'
import { ensureModule } from './setup/wasm-module.mjs'
import { triple, wasmToolchain } from './setup/wasm-target.mjs'
import { installWasmBindgen, installWasmPack } from './setup/wasm-tools.mjs'

const variant = process.argv.includes('--scalar') ? 'scalar' : 'simd128'
const done = await exclusively(() =>
  runSteps([
    { title: `Rust target ${triple}`, work: async () => (await wasmToolchain()).how },
    { title: 'wasm-bindgen', work: installWasmBindgen },
    { title: 'wasm-pack', work: installWasmPack },
    { title: `wasm module, ${variant}`, work: () => ensureModule(variant) },
  ]),
)
process.exitCode = done ? 0 : 1
