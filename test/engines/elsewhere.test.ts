// Engines without a row among the environments of the package, each on one case: the core in wasmtime and on an emulated ARM64, and
// Node on an emulated ARM64. test/engines/all.mjs runs the other cases.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeConsumer } from './consumer.mjs'
import { engines } from './engines.mjs'
import { committed } from './golden.mjs'
import { Missing } from './install.mjs'

const CASE = 'double-peak-quick'
// Emulated, and perhaps beside other tests.
const SECONDS = 600

let consumer: Awaited<ReturnType<typeof makeConsumer>>
beforeAll(async () => {
  consumer = await makeConsumer()
})
afterAll(() => consumer?.remove())

const elsewhere = engines.filter(({ name, emulated }) => emulated || name === 'wasmtime')

test.for(elsewhere.map((engine) => [`${engine.name}, ${engine.processor}`, engine] as const))(
  '%s',
  // What it needs may have to be fetched and built first.
  { timeout: 2 * SECONDS * 1000 },
  async ([, engine], context) => {
    const ready = await engine.ready(consumer.folder).catch((error: unknown) => {
      if (error instanceof Missing) context.skip(error.message)
      throw error
    })
    expect(await ready.arrays(CASE, SECONDS)).toEqual(await committed(CASE))
  },
)
