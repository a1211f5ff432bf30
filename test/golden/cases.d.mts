import type { DoublePeakOptions } from 'langevin-rnn/experiments'

export const cases: Readonly<Record<string, DoublePeakOptions>>
