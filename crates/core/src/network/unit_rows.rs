//! The direct score of a few outputs: z = b + Σ_d v_d x_d, s_d = Σ w_d φ(z) − x_d.
//!
//! Some units at a time: first z of each, over two to four outputs in one loop, then φ, then what their rates add to s, again two to four
//! outputs in one loop. So x or s of two vectors of chains stay in registers, beside all the weights of a unit that the loop needs, which engines
//! load before its first product. Sums run in the order of the products of matrices that more outputs have (`products`), so the bits are
//! theirs.

use super::activation::{Activation, each, with_activation};
use super::{ReservoirSampler, ScoreField};
use crate::kernels::Lanes;
use core::array;
use core::hint::black_box;
use core::ops::Range;

/// Outputs of a loop at most.
const MOST: usize = 4;
/// Units of a turn: their z in two vectors are 8 kB.
const UNITS: usize = 256;

/// A network's weights by parts of its outputs, in each part a unit's side by side.
pub(crate) struct UnitRows {
    units: usize,
    activation: Activation,
    /// The outputs of each part.
    parts: Vec<Range<usize>>,
    /// v of each output [part][unit][output], in the first part after b.
    inputs: Vec<f32>,
    /// w of each output [part][unit][output].
    outputs: Vec<f32>,
}

impl UnitRows {
    /// Whether this is faster than products of matrices: for so many outputs, more where φ is long, which is found for many units in one
    /// call here.
    pub(crate) fn suit(net: &ReservoirSampler) -> bool {
        let most = if net.activation == Activation::Relu {
            11
        } else {
            40
        };
        (3..=most).contains(&net.dimension)
    }

    /// Takes the weights of a network with three outputs or more, but not its bias.
    #[inline(never)]
    pub(crate) fn new(net: &ReservoirSampler) -> Self {
        let (n, m) = (net.dimension, net.units);
        let count = n.div_ceil(MOST);
        let mut this = Self {
            units: m,
            activation: net.activation,
            parts: (0..count).map(|p| p * n / count..(p + 1) * n / count).collect(),
            inputs: vec![0.0; m * (n + 1)],
            outputs: vec![0.0; m * n],
        };
        let (mut at, mut to) = (0, 0);
        for part in &this.parts {
            for j in 0..m {
                // A place for its bias.
                at += usize::from(part.start == 0);
                for d in part.clone() {
                    this.inputs[at] = net.w_fb[j * n + d];
                    this.outputs[to] = net.w_out[d * m + j];
                    at += 1;
                    to += 1;
                }
            }
        }
        this
    }

    /// Holds another bias.
    pub(crate) fn set_bias(&mut self, bias: &[f32]) {
        let rows = self.inputs.chunks_exact_mut(1 + self.parts[0].len());
        for (row, b) in rows.zip(bias) {
            row[0] = *b;
        }
    }

    /// Rows of v of some units and of one part, with b where it is the first.
    #[inline(always)]
    fn inputs(&self, units: &Range<usize>, part: &Range<usize>) -> &[f32] {
        // A bias a unit lies in the first part and before all others.
        let (before, bias) = if part.start == 0 { (0, 1) } else { (self.units, 0) };
        rows(
            &self.inputs,
            before + self.units * part.start,
            part.len() + bias,
            units,
        )
    }

    /// Rows of w of some units and of one part.
    #[inline(always)]
    fn outputs(&self, units: &Range<usize>, part: &Range<usize>) -> &[f32] {
        rows(&self.outputs, self.units * part.start, part.len(), units)
    }
}

/// Rows of one width of some units.
#[inline(never)]
fn rows<'a>(weights: &'a [f32], first: usize, width: usize, units: &Range<usize>) -> &'a [f32] {
    &weights[first + units.start * width..first + units.end * width]
}

/// z += Σ v x over the N outputs of a part, for some units; where FIRST, it begins at b.
#[inline(never)]
fn add_inputs<L: Lanes, const T: usize, const N: usize, const FIRST: bool>(
    weights: &[f32],
    x: &[[L; T]],
    z: &mut [[L; T]],
) {
    let x: [[L; T]; N] = array::from_fn(|d| x[d]);
    let bias = usize::from(FIRST);
    for (z, unit) in z.iter_mut().zip(weights.chunks_exact(bias + N)) {
        let mut sum = if FIRST { [L::splat(unit[0]); T] } else { *z };
        for d in 0..N {
            let weight = L::splat(unit[bias + d]);
            for t in 0..T {
                sum[t] = sum[t].add(weight.mul(x[d][t]));
            }
        }
        *z = sum;
    }
}

/// s += Σ w max(least, a) over some units, for the N outputs of a part: relu with 0, what is there with −∞.
#[inline(never)]
fn add_outputs<L: Lanes, const T: usize, const N: usize>(
    weights: &[f32],
    rates: &[[L; T]],
    least: L,
    s: &mut [[L; T]],
) {
    let mut sums: [[L; T]; N] = array::from_fn(|d| s[d]);
    for (a, unit) in rates.iter().zip(weights.chunks_exact(N)) {
        let a = a.map(|a| least.pmax(a));
        for d in 0..N {
            let weight = L::splat(unit[d]);
            for t in 0..T {
                sums[d][t] = sums[d][t].add(weight.mul(a[t]));
            }
        }
    }
    s[..N].copy_from_slice(&sums);
}

impl ScoreField for UnitRows {
    const WIDE: bool = true;
    const SHORT: bool = true; // φ is a call for many units, not for each: nothing here is made wider to hide it.

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        s.fill([L::zero(); T]);
        let relu = self.activation == Activation::Relu;
        let least = L::splat(black_box(if relu { 0.0 } else { f32::NEG_INFINITY }));
        let mut z = [[L::zero(); T]; UNITS];
        for first in (0..self.units).step_by(UNITS) {
            let units = first..self.units.min(first + UNITS);
            let z = &mut z[..units.len()];
            for part in &self.parts {
                let (weights, x) = (self.inputs(&units, part), &x[part.clone()]);
                match (part.start, x.len()) {
                    (0, 2) => add_inputs::<L, T, 2, true>(weights, x, z),
                    (0, 3) => add_inputs::<L, T, 3, true>(weights, x, z),
                    (0, _) => add_inputs::<L, T, 4, true>(weights, x, z),
                    (_, 3) => add_inputs::<L, T, 3, false>(weights, x, z),
                    _ => add_inputs::<L, T, 4, false>(weights, x, z),
                }
            }
            // Relu along with the sums: one instruction.
            if !relu {
                with_activation!(self.activation, A => each::<L, A>(z.as_flattened_mut()));
            }
            for part in &self.parts {
                let (weights, s) = (self.outputs(&units, part), &mut s[part.clone()]);
                match s.len() {
                    2 => add_outputs::<L, T, 2>(weights, z, least, s),
                    3 => add_outputs::<L, T, 3>(weights, z, least, s),
                    _ => add_outputs::<L, T, 4>(weights, z, least, s),
                }
            }
        }
        for (s, x) in s.iter_mut().zip(x) {
            for t in 0..T {
                s[t] = s[t].sub(x[t]);
            }
        }
    }
}
