// The runs whose manifests are committed here: what every engine and processor must give, bit for bit.

/** @type {Record<string, import('langevin-rnn/experiments').DoublePeakOptions>} */
export const cases = {
  'double-peak-quick': { preset: 'quick', seed: 1 },
  'double-peak-quick-adam': { preset: 'quick', seed: 1, method: 'adam', architectures: ['reservoir-sampler'] },
  'double-peak-paper-short': { preset: 'paper-short', seed: 1 },
  'double-peak-paper': { preset: 'paper', seed: 1 },
}
