// A fence about the data: relu units that pull a coordinate back where it is farther out than any of the data with its noise,
//     s_d(x) ← s_d(x) − max(0, |x_d| − c_d)/σ², c_d = max |x_d| + 4σ.
// What a network has learned holds where noisy data are. A chain in a thousand gets out of there, and there is nothing to bring it back.

/** A reservoir-sampler of relu units, fenced in the coordinates from `from` on; `data` [point, n] is what it was trained on. */
export function fenced(network, { data, from, noise }) {
  const { dimension: n, units: inner, tensors, scaling } = network
  const { mean, deviation } = scaling.x
  const m = inner + 2 * (n - from)
  const [wOut, wFb, bias] = [new Float32Array(n * m), new Float32Array(m * n), new Float32Array(m)]
  const given = (name) => tensors[name].data
  for (let d = 0; d < n; d += 1) wOut.set(given('W1.weight').subarray(d * inner, (d + 1) * inner), d * m)
  wFb.set(given('W2.weight'))
  bias.set(given('W2.bias'))
  for (let d = from; d < n; d += 1) {
    let farthest = 0
    for (let i = d; i < data.data.length; i += n) farthest = Math.max(farthest, Math.abs(data.data[i] - mean[d]))
    for (const [k, sign] of [1, -1].entries()) {
      // In the network's units, y = (x − mean)/deviation.
      const unit = inner + 2 * (d - from) + k
      wFb[unit * n + d] = sign
      bias[unit] = -(farthest + 4 * noise) / deviation[d]
      wOut[d * m + unit] = -sign * (deviation[d] / noise) ** 2
    }
  }
  const weights = {
    'W1.weight': { shape: [n, m], data: wOut },
    'W2.weight': { shape: [m, n], data: wFb },
    'W2.bias': { shape: [m], data: bias },
  }
  return { ...network, units: m, tensors: { ...tensors, ...weights } }
}
