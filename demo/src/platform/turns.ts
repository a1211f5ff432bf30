// Work that is done piece by piece, each in a task of its own: a slow machine answers and paints in between.

/** A page that nobody sees has no frames. */
const LONGEST_WAIT = 1000
/** Time for a scene to get to its first picture. */
const FIRST_PICTURE = 1000

/** Ends after the next picture has been painted. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
    setTimeout(resolve, LONGEST_WAIT)
  })
}

/** Who waits for a turn, the next first. */
const waiting: (() => void)[] = []
/** Who asked in the turn that is being taken: parts of it, which come before all that stands after it. */
const asked: (() => void)[] = []
let going: Promise<void> | null = null

/** Ends in a task of its own, in the order of a page's parts. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    asked.push(resolve)
    going ??= go()
  })
}

/** Ends when nobody waits for a turn any more. */
export async function allTurns(): Promise<void> {
  await going
}

async function go(): Promise<void> {
  for (let next: (() => void) | undefined = () => {}; next !== undefined; next?.()) {
    // What the last one made has asked by then.
    await task()
    waiting.unshift(...asked.splice(0))
    next = waiting.shift()
  }
  going = null
}

/** The next task. Unlike a timer it is as soon where nobody looks. */
function task(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

/** Ends when a scene that begins now has most likely shown its first picture. */
export function firstPicture(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FIRST_PICTURE))
}
