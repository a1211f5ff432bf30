// Each experiment's view by its name.
import type { ExperimentName, ExperimentReport } from 'langevin-rnn/experiments'
import { capacity } from './capacity.js'
import { doublePeak } from './double_peak.js'
import { integrators } from './integrators.js'
import { laplaceMixture } from './laplace_mixture.js'
import { pictures } from './pictures.js'
import { posterior } from './posterior.js'
import type { View } from './view.js'

export const views: Readonly<Record<ExperimentName, View<ExperimentReport>>> = {
  'double-peak': doublePeak,
  'laplace-mixture': laplaceMixture,
  integrators,
  capacity,
  posterior,
  mnist: pictures,
  cifar: pictures,
} as const
