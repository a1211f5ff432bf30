//! A training step of one output over relu units. A unit is active at the samples beyond its kink −b/v, so its rank among the batch's
//! samples decides its part of every score, s(x) = x Σ w v + Σ w b − x over active units, and its gradient: with S₀ = Σ e and S₁ = Σ e x
//! over the samples at which it is active, ∂L/∂w_out = v S₁ + b S₀, ∂L/∂w_fb = w S₁, ∂L/∂b = w S₀.
//!
//! Ranks are counted, lanes over units, two instructions for each vector of units and sample; all sums are then over units or samples
//! alone. At a sample on its very kink a unit is active if v < 0: of a relu's slopes there, 0 and 1, either serves.

use super::loss::{Batch, UnitGradient, Visit};
use crate::kernels::{IntLanes, Lanes, Scalar};
use crate::network::reservoir::PackedReservoir;
use crate::order::order;
use core::array;

/// Samples up to which putting each in its place is faster than sorting by radix.
const FEW: usize = 64;
/// Vectors of units whose ranks are counted together: more of them don't fit the registers.
const TOGETHER: usize = 6;

/// What residuals leave for the gradient.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranked {
    /// The batch's x̃ from the largest down, and where each stands in it.
    x: Vec<f32>,
    places: Vec<u32>,
    /// Of each unit: how many samples are beyond its kink; where v < 0, whose active samples are the others, so many more as there are
    /// samples and one.
    ranks: Vec<u32>,
}

impl Ranked {
    /// Equal samples stay as they are.
    fn sort(&mut self, x: &[f32]) {
        if x.len() > FEW {
            let keys: Vec<f64> = x.iter().map(|&x| -f64::from(x)).collect();
            self.places = order(&keys);
            self.x = self.places.iter().map(|&place| x[place as usize]).collect();
            return;
        }
        self.x.resize(x.len(), 0.0);
        self.places.resize(x.len(), 0);
        for (place, &x) in x.iter().enumerate() {
            let mut at = place;
            while at > 0 && self.x[at - 1] < x {
                (self.x[at], self.places[at]) = (self.x[at - 1], self.places[at - 1]);
                at -= 1;
            }
            (self.x[at], self.places[at]) = (x, place as u32);
        }
    }

    /// Counts samples beyond the kinks of T vectors of units.
    #[inline(never)]
    fn rank<L: Lanes, const T: usize>(&mut self, net: &PackedReservoir, first: usize) -> usize {
        let at = |t: usize| first + t * L::WIDTH;
        let kinks: [L; T] = array::from_fn(|t| {
            L::load_at(&net.bias, at(t))
                .neg()
                .div(L::load_at(&net.w_fb, at(t)))
        });
        let mut counts = [L::Int::splat(0); T];
        for &x in &self.x {
            let x = L::splat(x);
            for t in 0..T {
                counts[t] = counts[t].count(kinks[t].less(x));
            }
        }
        for t in 0..T {
            counts[t].store(&mut self.ranks[at(t)..]);
        }
        T * L::WIDTH
    }

    fn rank_all<L: Lanes>(&mut self, net: &PackedReservoir) {
        self.ranks.resize(net.columns, 0);
        let mut first = 0;
        while first < net.columns {
            let left = (net.columns - first) / L::WIDTH;
            first += if left >= TOGETHER {
                self.rank::<L, TOGETHER>(net, first)
            } else {
                self.rank::<L, 1>(net, first)
            };
        }
        let others = self.x.len() as u32 + 1;
        for (rank, v) in self.ranks.iter_mut().zip(&net.w_fb) {
            *rank += (v.to_bits() >> 31) * others;
        }
    }
}

fn plus(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

/// Turns ε into residuals over the batch size.
#[inline(never)]
pub(super) fn residuals<L: Lanes>(net: &PackedReservoir, batch: &mut Batch, noise: f64) {
    let mut ranked = core::mem::take(&mut batch.ranked);
    ranked.sort(&batch.x[..batch.size]);
    ranked.rank_all::<L>(net);
    // Σ (w v, w b) of the units of each rank.
    let mut bins = vec![[0.0f32; 2]; 2 * (batch.size + 1)];
    let units = net.w_fb.iter().zip(&net.w_out).zip(&net.bias).zip(&ranked.ranks);
    for (((v, w), b), &rank) in units {
        let bin = &mut bins[rank as usize];
        *bin = plus(*bin, [w * v, w * b]);
    }
    // Sample i of those in order is beyond the kinks of ranks over i: sums of all of these, from the last one down, and of the other
    // ranks, for units with v < 0, from the first one up.
    let (up, down) = bins.split_at_mut(batch.size + 1);
    for k in (1..batch.size).rev() {
        up[k] = plus(up[k + 1], up[k]);
    }
    let mut others = [0.0; 2];
    for (i, (&x, &place)) in ranked.x.iter().zip(&ranked.places).enumerate() {
        others = plus(others, down[i]);
        let [a, b] = plus(up[i + 1], others);
        batch.put_residual(noise, 0, place as usize, Scalar(a * x + b - x));
    }
    batch.ranked = ranked;
}

/// The gradients of all units, to their visitor, from a batch whose residuals are of the same weights.
#[inline(never)]
pub(super) fn gradient<L: Lanes>(net: &mut PackedReservoir, batch: &Batch, visitor: &mut impl Visit<L>) {
    let Ranked { x, places, ranks } = &batch.ranked;
    assert!(ranks.len() == net.columns && x.len() == batch.size);
    // Σ (e, e x) over the samples before each, and, after these, over those from each on.
    let mut sums = vec![[0.0; 2]; 2 * (batch.size + 1)];
    let (before, after) = sums.split_at_mut(batch.size + 1);
    for (i, (&x, &place)) in x.iter().zip(places).enumerate() {
        let e = batch.e[place as usize];
        after[i] = [e, e * x];
        before[i + 1] = plus(before[i], after[i]);
    }
    for i in (1..batch.size).rev() {
        after[i - 1] = plus(after[i], after[i - 1]);
    }
    let mut of_units = vec![0.0; 2 * net.columns];
    let (of_e, of_ex) = of_units.split_at_mut(net.columns);
    for ((e, ex), &rank) in of_e.iter_mut().zip(&mut *of_ex).zip(ranks) {
        [*e, *ex] = sums[rank as usize];
    }
    for first in (0..net.columns).step_by(L::WIDTH) {
        let load = |values: &[f32]| L::load_at(values, first);
        let (fb, out, bias) = (load(&net.w_fb), load(&net.w_out), load(&net.bias));
        let (e, ex) = (load(of_e), load(of_ex));
        visitor.visit(
            net,
            first,
            UnitGradient {
                w_fb: &[[out.mul(ex)]],
                bias: [out.mul(e)],
                w_out: &[[fb.mul(ex).add(bias.mul(e))]],
            },
        );
    }
}
