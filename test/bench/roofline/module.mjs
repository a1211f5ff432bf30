// Three hand-written wasm loops that tell what the machine can do: a register tile of multiply-adds, one of hinges, and a triad over memory.
//   peak    8 accumulators of 4 lanes: c[i, j] += a[k, i] · b[k, j], 4 × 8 a step of k, everything in the first-level cache
//   hinges  6 accumulators of 4 lanes: s[t] += h[k] · max(k[k], x[t]), maxima as of whole numbers: the loop of one output over relu units and no more
//   triad   a[i] = b[i] + s · c[i], on arrays far larger than any cache
import binaryen from 'binaryen'

const ROWS = 4
const VECTORS = 2
/** Depth of the tile: (4 + 8) · 256 · 4 bytes = 12 KiB. */
export const DEPTH = 256
/** Where the panels lie: b after a. */
const A = 0
const B = DEPTH * ROWS * 4
export const FLOPS_A_TILE = 2 * ROWS * VECTORS * 4 * DEPTH

function peakFunction() {
  const tile = []
  for (let i = 0; i < ROWS; i += 1) for (let j = 0; j < VECTORS; j += 1) tile.push(`$c${i}${j}`)
  const loads = Array.from(
    { length: VECTORS },
    (_, j) => `(local.set $b${j} (v128.load offset=${B + 16 * j} (local.get $pb)))`,
  )
  const body = Array.from({ length: ROWS }, (_, i) => {
    const multiplyAdds = Array.from(
      { length: VECTORS },
      (_, j) =>
        `(local.set $c${i}${j} (f32x4.add (local.get $c${i}${j}) (f32x4.mul (local.get $a) (local.get $b${j}))))`,
    )
    return `(local.set $a (v128.load32_splat offset=${A + 4 * i} (local.get $pa))) ${multiplyAdds.join(' ')}`
  })
  const stores = tile.map(
    (name, k) => `(v128.store offset=${B + DEPTH * VECTORS * 16 + 16 * k} (i32.const 0) (local.get ${name}))`,
  )
  return `(func (export "peak") (param $tiles i32)
    (local $pa i32) (local $pb i32) (local $k i32) (local $a v128)
    ${Array.from({ length: VECTORS }, (_, j) => `(local $b${j} v128)`).join(' ')} ${tile.map((name) => `(local ${name} v128)`).join(' ')}
    (loop $tile
      (local.set $pa (i32.const 0)) (local.set $pb (i32.const 0)) (local.set $k (i32.const ${DEPTH}))
      (loop $depth
        ${loads.join(' ')}
        ${body.join('\n        ')}
        (local.set $pa (i32.add (local.get $pa) (i32.const ${4 * ROWS})))
        (local.set $pb (i32.add (local.get $pb) (i32.const ${16 * VECTORS})))
        (br_if $depth (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (br_if $tile (local.tee $tiles (i32.sub (local.get $tiles) (i32.const 1)))))
    ${stores.join(' ')})`
}

/** Vector instructions of a tile of hinges. */
export const HINGES_A_TILE = 3 * 6 * DEPTH

/** Pairs of h and k from memory's beginning on. */
function hingesFunction() {
  const tile = [0, 1, 2, 3, 4, 5]
  const states = tile.map((t) => `(local.set $x${t} (v128.load offset=${16 * t} (i32.const ${8 * DEPTH})))`)
  const terms = tile.map(
    (t) =>
      `(local.set $s${t} (f32x4.add (local.get $s${t}) (f32x4.mul (local.get $h) (i32x4.max_s (local.get $k) (local.get $x${t})))))`,
  )
  const stores = tile.map((t) => `(v128.store offset=${8 * DEPTH + 96 + 16 * t} (i32.const 0) (local.get $s${t}))`)
  return `(func (export "hinges") (param $tiles i32)
    (local $p i32) (local $h v128) (local $k v128) ${tile.map((t) => `(local $x${t} v128) (local $s${t} v128)`).join(' ')}
    (loop $tile
      ${states.join(' ')}
      (local.set $p (i32.const 0))
      (loop $unit
        (local.set $h (v128.load32_splat (local.get $p))) (local.set $k (v128.load32_splat offset=4 (local.get $p)))
        ${terms.join('\n        ')}
        (br_if $unit (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 8))) (i32.const ${8 * DEPTH}))))
      (br_if $tile (local.tee $tiles (i32.sub (local.get $tiles) (i32.const 1)))))
    ${stores.join(' ')})`
}

/** Arrays of `bytes` each, one after the other from the second page; four vectors a turn. */
function triadFunction(bytes) {
  const base = 65_536
  const turn = [0, 16, 32, 48].map(
    (
      at,
    ) => `(v128.store offset=${base + at} (local.get $i) (f32x4.add (v128.load offset=${base + bytes + at} (local.get $i))
        (f32x4.mul (local.get $s) (v128.load offset=${base + 2 * bytes + at} (local.get $i)))))`,
  )
  return `(func (export "triad") (param $times i32) (local $i i32) (local $s v128)
    (local.set $s (f32x4.splat (f32.const 1.5)))
    (loop $time
      (local.set $i (i32.const 0))
      (loop $vector
        ${turn.join('\n        ')}
        (br_if $vector (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 64))) (i32.const ${bytes}))))
      (br_if $time (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))`
}

/** The module's bytes; its memory holds three arrays of `bytes` bytes. */
export function rooflineModule(bytes) {
  const pages = 2 + Math.ceil((3 * bytes) / 65_536)
  const text = `(module (memory (export "memory") ${pages}) ${peakFunction()} ${hingesFunction()} ${triadFunction(bytes)})`
  const module = binaryen.parseText(text)
  module.setFeatures(binaryen.Features.SIMD128)
  if (!module.validate()) throw new Error('the roofline module is not valid')
  const binary = module.emitBinary()
  module.dispose()
  return binary
}
