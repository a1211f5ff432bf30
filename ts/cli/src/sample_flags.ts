// The options of sampling as flags, a line each.
import type { Change, SampleOptions } from 'langevin-rnn'
import { UsageError } from './errors.js'
import { type FlagTable, KEPT_EVERY_SECONDS } from './flags.js'
import { DYNAMICS, EVALUATORS, INTEGRATORS } from './names.js'
import { matrix, numberList, oneOf, realNumber, wholeNumber, wholeRanges } from './options.js'

const count = (flag: string, least = 1) => wholeNumber(flag, least, Number.MAX_SAFE_INTEGER)

export const SAMPLE_FLAGS: FlagTable<SampleOptions> = {
  chains: {
    flags: '--chains <number>',
    help: 'chains',
    parse: wholeNumber('--chains', 1, 2 ** 32 - 1),
    required: true,
  },
  steps: { flags: '--steps <number>', help: 'steps of each chain', parse: count('--steps'), required: true },
  dt: { flags: '--dt <tau>', help: 'length of a step, in units of τ', parse: realNumber('--dt'), required: true },
  temperature: {
    flags: '--temperature <T>',
    help: 'T of dx = s(x) dt + √(2T) dB (default: 1)',
    parse: realNumber('--temperature'),
  },
  stimulus: {
    flags: '--stimulus <u,…>',
    help: 'what a network with a stimulus input is shown, in the units of its stimuli',
    parse: numberList('--stimulus'),
  },
  noise: {
    flags: '--noise <sigma>',
    help: 'σ of a network with a noise-level input, in units of x',
    parse: realNumber('--noise'),
  },
  irreversible: {
    flags: '--irreversible <rows>',
    help: "a skew-symmetric Q of dx = (I + Q) s dt + √2 dB: the same law, mixed faster, such as '0,1;-1,0'",
    parse: matrix('--irreversible'),
  },
  changes: {
    flags: '--changes <list>',
    help: 'new conditions from a step on: STEP:dt=…,temperature=…,noise=…,stimulus=U/U/…; …',
    parse: changeList,
  },
  integrator: {
    flags: '--integrator <name>',
    help: `${INTEGRATORS.join(', ')} (default: the last)`,
    parse: oneOf('--integrator', INTEGRATORS),
  },
  dynamics: {
    flags: '--dynamics <name>',
    help: 'projected: the outputs alone (default); recurrent: the circuit itself',
    parse: oneOf('--dynamics', DYNAMICS),
  },
  evaluator: {
    flags: '--evaluator <name>',
    help: 'direct (default), or piecewise-linear: O(1) a step, for one or two outputs and relu units',
    parse: oneOf('--evaluator', EVALUATORS),
  },
  recordEvery: {
    flags: '--record-every <steps>',
    help: 'record the state so often (default: after the last step only)',
    parse: count('--record-every'),
  },
  burnIn: {
    flags: '--burn-in <steps>',
    help: 'steps before recording begins (default: 0)',
    parse: count('--burn-in', 0),
  },
  rates: {
    flags: '--rates <units>',
    help: 'record the firing rates of these reservoir units with the draws: 0,5,9 or 0-31 (default: none)',
    parse: wholeRanges('--rates'),
  },
  antithetic: { flags: '--antithetic', help: 'chains in pairs whose noise has opposite signs' },
  firstChain: {
    flags: '--first-chain <number>',
    help: 'absolute number of the first chain, which addresses its noise (default: 0)',
    parse: wholeNumber('--first-chain', 0, 2 ** 32 - 1),
  },
  firstStep: {
    flags: '--first-step <number>',
    help: 'absolute number of the first step: go on from the states of a run of so many (default: 0)',
    parse: count('--first-step', 0),
  },
  checkpointSeconds: {
    flags: '--checkpoint-seconds <number>',
    help: `keep a checkpoint about so often (default: ${KEPT_EVERY_SECONDS})`,
    parse: realNumber('--checkpoint-seconds'),
  },
}

/** `1000:dt=0.01,temperature=0.5; 2000:stimulus=0.3/1` */
function changeList(text: string): Change[] {
  return text.split(';').map((part) => {
    const match = /^\s*(\d+)\s*:\s*(.+?)\s*$/.exec(part)
    const values = match?.[2]?.split(',').map(condition)
    if (!match || !values || values.includes(undefined)) {
      throw new UsageError(`--changes '${part.trim()}' is no change`, {
        argument: '--changes',
        value: text,
        expected: 'STEP:dt=NUMBER,temperature=NUMBER,noise=NUMBER,stimulus=NUMBER/NUMBER…, several with ; between them',
      })
    }
    return { step: Number(match[1]), ...Object.fromEntries(values as [string, number | number[]][]) }
  })
}

/** `dt=0.01`, or a stimulus with slashes between its numbers. */
function condition(text: string): [string, number | number[]] | undefined {
  const match = /^\s*(dt|temperature|noise|stimulus)\s*=\s*(\S+)\s*$/.exec(text)
  const numbers = match?.[2]?.split('/').map(Number) ?? []
  if (!match || !numbers.every(Number.isFinite)) return undefined
  if (match[1] === 'stimulus') return ['stimulus', numbers]
  return numbers.length === 1 ? [match[1]!, numbers[0]!] : undefined
}
