// The runs whose manifests are committed here: what every engine and processor must give, bit for bit.

/** @type {Record<string, import('langevin-rnn/experiments').ExperimentOptions & { experiment: import('langevin-rnn/experiments').ExperimentName }>} */
export const cases = {
  'double-peak-quick': { experiment: 'double-peak', preset: 'quick', seed: 1 },
  'double-peak-quick-adam': {
    experiment: 'double-peak',
    preset: 'quick',
    seed: 1,
    method: 'adam',
    architectures: ['reservoir-sampler'],
  },
  'double-peak-paper-short': { experiment: 'double-peak', preset: 'paper-short', seed: 1 },
  'double-peak-paper': { experiment: 'double-peak', preset: 'paper', seed: 1 },
  'laplace-mixture-quick': { experiment: 'laplace-mixture', preset: 'quick', seed: 1 },
  'laplace-mixture-paper-short': { experiment: 'laplace-mixture', preset: 'paper-short', seed: 1 },
  'integrators-quick': { experiment: 'integrators', preset: 'quick', seed: 1 },
  'integrators-paper-short': { experiment: 'integrators', preset: 'paper-short', seed: 1 },
  'capacity-quick': { experiment: 'capacity', preset: 'quick', seed: 1 },
  'capacity-paper-short': { experiment: 'capacity', preset: 'paper-short', seed: 1 },
  'posterior-quick': { experiment: 'posterior', preset: 'quick', seed: 1 },
  'posterior-paper-short': { experiment: 'posterior', preset: 'paper-short', seed: 1 },
  'mnist-quick': { experiment: 'mnist', preset: 'quick', seed: 1 },
  // With the paper's 20,000 units these would take every engine minutes.
  'mnist-paper-short': { experiment: 'mnist', preset: 'paper-short', seed: 1, units: 500 },
  'cifar-quick': { experiment: 'cifar', preset: 'quick', seed: 1 },
  'cifar-paper-short': { experiment: 'cifar', preset: 'paper-short', seed: 1, units: 500 },
}
