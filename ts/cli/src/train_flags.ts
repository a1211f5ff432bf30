// The options of training as flags, a line each.
import type { TrainOptions } from 'langevin-rnn'
import { ARCHITECTURES, METHODS } from './commands/reproduce.js'
import { type FlagTable, KEPT_EVERY_SECONDS } from './flags.js'
import { ACTIVATIONS } from './names.js'
import { matrix, numberList, oneOf, realNumber, wholeNumber } from './options.js'

const count = (flag: string, least = 1) => wholeNumber(flag, least, Number.MAX_SAFE_INTEGER)

export const TRAIN_FLAGS: FlagTable<TrainOptions> = {
  architecture: {
    flags: '--architecture <name>',
    help: `${ARCHITECTURES.join(', ')} (default: the first)`,
    parse: oneOf('--architecture', ARCHITECTURES),
  },
  units: { flags: '--units <m>', help: 'reservoir units (default: 128)', parse: count('--units') },
  activation: {
    flags: '--activation <name>',
    help: `${ACTIVATIONS.join(', ')} (default: the first)`,
    parse: oneOf('--activation', ACTIVATIONS),
  },
  method: {
    flags: '--method <name>',
    help: 'closed-form (default for the reservoir-sampler) or adam (the others train by nothing else)',
    parse: oneOf('--method', METHODS),
  },
  noiseMax: {
    flags: '--noise-max <sigma>',
    help: 'σ of the first noise level, in units of the data (default: 0.5, by adam 1)',
    parse: realNumber('--noise-max'),
  },
  noiseMin: {
    flags: '--noise-min <sigma>',
    help: 'σ of the last noise level (default: 0.05)',
    parse: realNumber('--noise-min'),
  },
  levels: {
    flags: '--levels <k>',
    help: 'noise levels (default: 4, by adam 10; 1 with --noise-input)',
    parse: count('--levels'),
  },
  solveLevels: {
    flags: '--solve-levels <which>',
    help: 'closed form: all or last, whose network is the same and takes a k-th of the time (default: all)',
    parse: oneOf('--solve-levels', ['all', 'last']),
  },
  points: {
    flags: '--points <number>',
    help: 'points of an epoch or level (default: all data; of a target 100,000, by adam 10,000)',
    parse: count('--points'),
  },
  ridges: {
    flags: '--ridges <list>',
    help: 'closed form: ridges λ to choose from (default: 1e-12,1e-11 … 1e-4)',
    parse: numberList('--ridges'),
  },
  standardise: {
    flags: '--standardise <when>',
    help: 'always or never work in (x − mean)/deviation; files stay in units of x (default: where the data needs it)',
    parse: (text) => oneOf('--standardise', ['always', 'never'])(text) === 'always',
  },
  commonDeviation: {
    flags: '--common-deviation',
    help: 'standardise all coordinates by one deviation, so that distances keep their proportions',
  },
  noiseInput: {
    flags: '--noise-input',
    help: 'log σ as an input: one network for all noise levels, sampled with --noise',
  },
  irreversible: {
    flags: '--irreversible <rows>',
    help: "train for a given skew-symmetric Q, dx = (I + Q) s dt + √2 dB, such as '0,1;-1,0'",
    parse: matrix('--irreversible'),
  },
  irreversibleScale: {
    flags: '--irreversible-scale <c>',
    help: 'adam: learn a Q of this size (the paper: 0.01)',
    parse: realNumber('--irreversible-scale'),
  },
  epochs: { flags: '--epochs <number>', help: 'adam: epochs in all (default: 1000)', parse: count('--epochs') },
  batch: { flags: '--batch <number>', help: 'adam: points a step (default: 32)', parse: count('--batch') },
  learningRate: {
    flags: '--learning-rate <eta>',
    help: 'adam: step size (default: 1e-4)',
    parse: realNumber('--learning-rate'),
  },
  finalLearningRate: {
    flags: '--final-learning-rate <eta>',
    help: 'adam: what the step size falls to within each noise level (default: it stays)',
    parse: realNumber('--final-learning-rate'),
  },
  weightDecay: {
    flags: '--weight-decay <lambda>',
    help: 'adam: coupled weight decay (default: 0)',
    parse: realNumber('--weight-decay'),
  },
  amsgrad: { flags: '--amsgrad', help: 'adam: divide by the largest second moment so far' },
  restartLevels: { flags: '--no-restart-levels', help: 'adam: keep the moments from one noise level to the next' },
  checkpointSeconds: {
    flags: '--checkpoint-seconds <number>',
    help: `adam: keep a checkpoint about so often (default: ${KEPT_EVERY_SECONDS})`,
    parse: realNumber('--checkpoint-seconds'),
  },
}
