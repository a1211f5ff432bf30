// What the cases on pictures learn from, read by the library alone, so that every engine can: MNIST's four files, and the committed
// features of colour patches. What comes out is what the command line gives the experiments, but for a decoder and a classifier,
// which no manifest depends on.

/** @typedef {import('langevin-rnn/experiments').Pictures} Pictures */

const MNIST = /** @type {const} */ ({
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
})

/** Files that an experiment needs; none where it has no pictures. @type {Readonly<Record<string, readonly string[]>>} */
export const filesOf = { mnist: [...MNIST.train, ...MNIST.test], cifar: ['features.npz', 'decoder.onnx'] }

/** @param {Uint8Array} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The pictures of an experiment; undefined where it has none.
 * @param {Pick<typeof import('langevin-rnn'), 'readIdx' | 'readNpz'>} library
 * @param {string} experiment
 * @param {(name: string) => Promise<Uint8Array>} read gives a file of `filesOf`
 * @returns {Promise<Pictures | undefined>}
 */
export async function picturesOf(library, experiment, read) {
  const names = filesOf[experiment]
  if (names === undefined) return undefined
  const files = new Map(await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await read(name)]))))
  const bytes = (/** @type {string} */ name) => files.get(name) ?? new Uint8Array()
  return experiment === 'mnist' ? digits(library, bytes) : patches(library, bytes)
}

/** @param {Pick<typeof import('langevin-rnn'), 'readIdx'>} library @param {(name: string) => Uint8Array} bytes @returns {Promise<Pictures>} */
async function digits({ readIdx }, bytes) {
  const pixels = (/** @type {string} */ name) => {
    const { shape, data } = readIdx(bytes(name))
    return { shape: [shape[0] ?? 0, 784], data: Float32Array.from(/** @type {Uint8Array} */ (data)) }
  }
  const labels = (/** @type {string} */ name) => Uint8Array.from(/** @type {Uint8Array} */ (readIdx(bytes(name)).data))
  const hashes = filesOf['mnist']?.map(async (name) => [name, await sha256(bytes(name))]) ?? []
  return {
    source: { name: 'mnist', sha256: Object.fromEntries(await Promise.all(hashes)) },
    shape: [28, 28, 1],
    holds: 'pixels',
    train: pixels(MNIST.train[0]),
    test: pixels(MNIST.test[0]),
    labels: { train: labels(MNIST.train[1]), test: labels(MNIST.test[1]) },
  }
}

/** @param {Pick<typeof import('langevin-rnn'), 'readNpz'>} library @param {(name: string) => Uint8Array} bytes @returns {Promise<Pictures>} */
async function patches({ readNpz }, bytes) {
  const { arrays } = readNpz(bytes('features.npz'))
  const features = (/** @type {string} */ name) => {
    const { shape, data } = arrays.get(name) ?? { shape: [], data: [] }
    return { shape, data: Float32Array.from(/** @type {Float32Array} */ (data)) }
  }
  const [ofFeatures, ofDecoder] = await Promise.all(['features.npz', 'decoder.onnx'].map((name) => sha256(bytes(name))))
  return {
    source: { name: 'features.npz', sha256: { features: ofFeatures ?? '', decoder: ofDecoder ?? '' } },
    shape: [16, 16, 3],
    holds: 'features',
    train: features('train'),
    test: features('test'),
    decode: async (values) => values,
  }
}
