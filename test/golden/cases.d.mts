import type { ExperimentName, ExperimentOptions } from 'langevin-rnn/experiments'

export const cases: Readonly<Record<string, ExperimentOptions & { readonly experiment: ExperimentName }>>
