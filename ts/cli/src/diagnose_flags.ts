// The options of a diagnosis as flags, a line each.
import type { DiagnoseOptions } from 'langevin-rnn'
import type { FlagTable } from './flags.js'
import { TARGETS } from './names.js'
import { oneOf, realNumber, wholeNumber } from './options.js'

const count = (flag: string) => wholeNumber(flag, 0, Number.MAX_SAFE_INTEGER)

export const DIAGNOSE_FLAGS: FlagTable<DiagnoseOptions> = {
  target: {
    flags: '--target <name>',
    help: `law that these should have, by its exact score: ${TARGETS.join(', ')}; not with --network`,
    parse: oneOf('--target', TARGETS),
  },
  interval: {
    flags: '--interval <tau>',
    help: 'time between draws, in units of τ (default: what the file tells, else a draw is the unit)',
    parse: realNumber('--interval'),
  },
  lags: {
    flags: '--lags <draws>',
    help: 'largest lag of the autocorrelation (default: 100, or as many as there are; 0: none)',
    parse: count('--lags'),
  },
  segment: {
    flags: '--segment <draws>',
    help: 'segments of the spectrum, a power of two (default: 256, or as many as there are; 0: none)',
    parse: count('--segment'),
  },
  maxPoints: {
    flags: '--max-points <number>',
    help: 'points taken, at an even stride, for what takes work in their square (default: 2000)',
    parse: count('--max-points'),
  },
  directions: {
    flags: '--directions <number>',
    help: 'random directions of the sliced distance (default: 128)',
    parse: count('--directions'),
  },
  bandwidth: {
    flags: '--bandwidth <x>',
    help: 'of the kernel of MMD (default: the median distance)',
    parse: realNumber('--bandwidth'),
  },
  kernelScale: {
    flags: '--kernel-scale <x>',
    help: 'of the kernel of the Stein discrepancy (default: 1)',
    parse: realNumber('--kernel-scale'),
  },
  c2st: { flags: '--c2st', help: 'train a classifier to tell draws from reference: seconds to minutes' },
  folds: { flags: '--folds <number>', help: 'of the classifier test (default: 5)', parse: count('--folds') },
  c2stPoints: {
    flags: '--c2st-points <number>',
    help: 'points of either side in the classifier test (default: 10000)',
    parse: count('--c2st-points'),
  },
}
