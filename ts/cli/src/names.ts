// The names that the library knows, as the command line offers, checks and completes them.
import type { Activation, Dynamics, Evaluator, Integrator, Target, Task } from 'langevin-rnn'
import type { Theme } from './figures/theme.js'

export const ACTIVATIONS: readonly Activation[] = ['relu', 'tanh', 'softplus', 'sigmoid']
export const INTEGRATORS: readonly Integrator[] = ['euler-maruyama', 'exponential-euler', 'leimkuhler-matthews']
export const DYNAMICS: readonly Dynamics[] = ['projected', 'recurrent']
export const EVALUATORS: readonly Evaluator[] = ['direct', 'piecewise-linear']
export const TARGETS: readonly Extract<Target, string>[] = ['double-peak', 'laplace-mixture', 'ring', 'spiral']
export const THEMES: readonly Theme[] = ['light', 'dark']
export const TASKS: readonly Task[] = ['two-moons', 'gaussian-mixture', 'gaussian-linear', 'slcp']
