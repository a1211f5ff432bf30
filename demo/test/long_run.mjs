// A long run in a page, its clock speeded: pictures follow each other as fast as they can be made. What page and workers hold is asked of
// the browser after a garbage collection.
/** @import { CDPSession, Page } from 'puppeteer-core' */

/**
 * @typedef {object} Held
 * @property {number} heap bytes that the page's JavaScript uses, arrays and all
 * @property {number} nodes of its documents
 * @property {number} workerHeap the same of its workers, but for their wasm
 * @property {number} wasm bytes of the largest wasm memory among workers: another worker's first turn at the largest work is no growth
 */

/** Before the page is loaded. @param {Page} page */
export function speedUp(page) {
  return page.evaluateOnNewDocument(() => {
    const shown = () => document.querySelector('[data-figure="step"]')?.textContent
    const { port1, port2 } = new MessageChannel()
    /** @type {FrameRequestCallback[]} */
    let waiting = []
    let step = shown()
    const run = { blocks: 0, still: false, goOn: () => port2.postMessage(null) }
    Object.assign(globalThis, { run })
    port1.onmessage = () => {
      if (run.still) return
      const now = waiting
      waiting = []
      if (shown() !== step) run.blocks += 1
      step = shown()
      for (const callback of now) callback(performance.now())
    }
    globalThis.requestAnimationFrame = (callback) => {
      run.goOn()
      return waiting.push(callback)
    }
    // A page rests after a while, and a run that is played back ends: whoever stays presses a button.
    const button = (/** @type {string} */ name) =>
      [...document.querySelectorAll('button')].find(({ innerText, disabled }) => innerText === name && !disabled)
    setInterval(() => button('Run') && button(document.querySelector('.pick') ? 'Reset' : 'Run')?.click(), 50)
  })
}

/**
 * Until so many blocks have been drawn from now on: since the page was loaded, a fast machine has drawn any number.
 * @param {Page} page @param {number} blocks
 */
export async function drawn(page, blocks) {
  const count = async () => Number(await page.evaluate('run.blocks'))
  const end = (await count()) + blocks
  while ((await count()) < end) await new Promise((resolve) => setTimeout(resolve, 100))
}

/** While nothing is drawn. @param {Page} page @returns {Promise<Held>} */
export async function held(page) {
  await page.evaluate('run.still = true')
  // What has been asked of the workers comes meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const session = await page.createCDPSession()
  const heap = await heapOf(session)
  const { nodes } = await session.send('Memory.getDOMCounters')
  await session.detach()
  const sum = { heap, nodes, workerHeap: 0, wasm: 0 }
  for (const { client } of page.workers()) {
    sum.workerHeap += await heapOf(client)
    sum.wasm = Math.max(sum.wasm, await wasmOf(client))
  }
  await page.evaluate('run.still = false, run.goOn()')
  return sum
}

/** @param {CDPSession} session */
async function heapOf(session) {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage')
  return usedSize + backingStorageSize
}

/** @param {CDPSession} session */
async function wasmOf(session) {
  await session.send('Runtime.enable')
  const prototype = await session.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' })
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: /** @type {string} */ (prototype.result.objectId),
    objectGroup: 'memories',
  })
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: /** @type {string} */ (objects.objectId),
    functionDeclaration: 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) }',
    returnByValue: true,
  })
  await session.send('Runtime.releaseObjectGroup', { objectGroup: 'memories' })
  return Number(result.value)
}
