// The classifier of digits that comes with the package: p = softmax(W₂ max(0, W₁ x + b₁) + b₂) of a picture x of unit length times 28.
import { readFile } from 'node:fs/promises'
import type { Tensor } from 'langevin-rnn'

const FILE = new URL('../../dist/digits.safetensors', import.meta.url)
/** Pixels have a mean square of 1. */
const SCALE = 28

/** Probabilities [picture, class] of pixels [picture, 784]; pictures are taken as they are where they have unit length already. */
export type Classifier = (pixels: Tensor) => Tensor

export async function loadClassifier(): Promise<Classifier> {
  const { readSafetensors } = await import('langevin-rnn')
  const { tensors } = readSafetensors(await readFile(FILE))
  const [w1, b1, w2, b2] = ['layer1.weight', 'layer1.bias', 'layer2.weight', 'layer2.bias'].map((name) => {
    const found = tensors.get(name)
    if (found === undefined) throw new Error(`the classifier has no ${name}`)
    return found
  })
  const layers = [
    { weight: w1!, bias: b1! },
    { weight: w2!, bias: b2! },
  ]
  return ({ shape: [count = 0, d = 0], data }) => {
    const classes = b2!.data.length
    const out = new Float32Array(count * classes)
    for (let i = 0; i < count; i += 1) {
      const x = Float64Array.from(data.subarray(i * d, (i + 1) * d), (value) => SCALE * value)
      const hidden = affine(layers[0]!, x).map((z) => Math.max(0, z))
      out.set(softmax(affine(layers[1]!, hidden)), i * classes)
    }
    return { shape: [count, classes], data: out }
  }
}

function affine({ weight, bias }: { weight: Tensor; bias: Tensor }, x: Float64Array): Float64Array {
  return Float64Array.from(bias.data, (start, row) => {
    let sum = start
    const at = row * x.length
    for (let j = 0; j < x.length; j += 1) sum += weight.data[at + j]! * x[j]!
    return sum
  })
}

function softmax(logits: Float64Array): Float64Array {
  const most = Math.max(...logits)
  const powers = logits.map((z) => Math.exp(z - most))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** The same classifier for pictures of any brightness: each is scaled to unit length first. */
export function ofAnyBrightness(classify: Classifier): Classifier {
  return ({ shape, data }) => {
    const d = shape[1] ?? 1
    const scaled = data.slice()
    for (let start = 0; start < data.length; start += d) {
      const row = scaled.subarray(start, start + d)
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1
      for (let i = 0; i < d; i += 1) row[i]! /= length
    }
    return classify({ shape, data: scaled })
  }
}
