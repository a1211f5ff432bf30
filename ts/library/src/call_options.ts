// What the engine's smaller calls are given: tasks, boxes, draws and signals, checked before work starts.
import * as v from 'valibot'
import { invalid } from './errors.js'
import { check, checkTarget } from './options.js'
import type { Box, Target, Task } from './types.js'

/** The tasks that can be simulated, in the order of tables and figures. */
export const TASKS = ['two-moons', 'gaussian-mixture', 'gaussian-linear', 'slcp'] as const
const taskSchema = v.picklist(TASKS, `one of ${TASKS.join(', ')}`)
const drawsSchema = v.instance(Float32Array, 'a Float32Array')
const numbers = v.instance(Float64Array, 'a Float64Array')
const boxSchema = v.object(
  { bound: v.number('a number'), centres: numbers, widths: numbers },
  'an object { bound, centres, widths }',
)
const signalSchema = v.object({ signal: v.optional(v.instance(AbortSignal, 'an AbortSignal')) }, 'an object { signal }')

const directionSchema = v.picklist(['forth', 'back'], 'one of forth, back')

export const checkTask = (task: unknown): Task => check(taskSchema, task, 'task')
export const checkDirection = (direction: unknown): 'forth' | 'back' => check(directionSchema, direction, 'direction')
export const checkDraws = (draws: unknown): Float32Array => check(drawsSchema, draws, 'draws')
export const checkSignal = (options: unknown): AbortSignal | undefined => check(signalSchema, options, 'options').signal

/** A target, or draws to compare with. */
export const checkReference = (reference: unknown): Target | Float32Array =>
  reference instanceof Float32Array ? reference : checkTarget(reference)

export function checkBox(box: unknown, count: number): Box {
  const { bound, centres, widths } = check(boxSchema, box, 'box')
  if (!(bound >= 0 && bound < Number.POSITIVE_INFINITY))
    throw invalid('box.bound', bound, 'a finite number, 0 or above')
  for (const [name, of] of [['centres', centres] as const, ['widths', widths] as const]) {
    if (of.length !== count) throw invalid(`box.${name}`, `${of.length} numbers`, `${count}, one for each value`)
  }
  const outside = centres.find((centre) => !(bound > 0 ? Math.abs(centre) <= bound : Number.isFinite(centre)))
  if (outside !== undefined)
    throw invalid('box.centres', outside, bound > 0 ? `from −${bound} to ${bound}` : 'finite numbers')
  const narrow = widths.find((width) => !(width > 0 && width < Number.POSITIVE_INFINITY))
  if (narrow !== undefined) throw invalid('box.widths', narrow, 'finite numbers above 0')
  return { bound, centres, widths }
}
