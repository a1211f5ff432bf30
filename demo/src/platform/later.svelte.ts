// A value that figures show a task after the rest: what arrives at once for many figures is then drawn in as many tasks.
import { turn } from './turns.ts'

/** Follows a value, each change in its own turn. To be called where a component begins, as it ends with it. */
export function later<Value>(value: () => Value): { readonly current: Value } {
  let shown = $state.raw(value())
  $effect(() => {
    const next = value()
    if (next !== shown) void turn().then(() => (shown = next))
  })
  return {
    get current() {
      return shown
    },
  }
}
