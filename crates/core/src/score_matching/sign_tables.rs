//! The gradient of two outputs over relu units. With sums over the samples at which a unit is active, S_k = Σ e_k and S_ki = Σ e_k x_i,
//! ∂L/∂w_k = v₁ S_k1 + v₂ S_k2 + b S_k, ∂L/∂v_i = w₁ S_1i + w₂ S_2i, ∂L/∂b = w₁ S_1 + w₂ S_2.
//!
//! Of each few samples a table holds the six sums over any of them; the signs of v·x + b there are the row to be added. So a unit costs
//! its signs and two additions of vectors for each table instead of all sums for each sample.

use super::loss::{Batch, UnitGradient, Visit};
use crate::kernels::Lanes;
use crate::network::reservoir::PackedReservoir;
use core::array;

/// Samples of a table.
const EACH: usize = 4;
/// Sums of a row, with what fills whole vectors.
const ROW: usize = 8;
/// Floats of a table: a row for each set of samples.
const TABLE: usize = ROW << EACH;
/// Tables at once: 16 kB of them stay in the first-level cache.
const TOGETHER: usize = 32;
/// Units at once: more of them don't fit the registers.
const UNITS: usize = 2;

/// Row `bits` of each table: the sums over the samples whose bits are set, in their order.
fn fill(tables: &mut [f32], batch: &Batch, first: usize) {
    let (columns, x, e) = (batch.columns, &batch.x, &batch.e);
    for (at, table) in tables.chunks_exact_mut(TABLE).enumerate() {
        for k in 0..EACH {
            let i = first + EACH * at + k;
            let mut row = [0.0; ROW];
            if i < batch.size {
                let ([x1, x2], [e1, e2]) = ([x[i], x[columns + i]], [e[i], e[columns + i]]);
                row = [e1, e2, e1 * x1, e1 * x2, e2 * x1, e2 * x2, 0.0, 0.0];
            }
            let (known, new) = table.split_at_mut(ROW << k);
            for (from, to) in known.chunks_exact(ROW).zip(new.chunks_exact_mut(ROW)) {
                for (to, (from, term)) in to.iter_mut().zip(from.iter().zip(row)) {
                    *to = from + term;
                }
            }
        }
    }
}

/// Adds the samples of some tables, from `first` on, to the six sums of every unit, [6][columns].
#[inline(never)]
fn add<L: Lanes>(net: &PackedReservoir, batch: &Batch, first: usize, tables: &[f32], sums: &mut [f32]) {
    let m = net.columns;
    let samples = tables.len() / TABLE * EACH;
    let x = |d: usize| batch.x[d * batch.columns + first..][..samples].chunks_exact(EACH);
    for j in (0..m).step_by(UNITS) {
        let splat = |values: &[f32]| array::from_fn::<L, UNITS, _>(|u| L::splat(values[u]));
        let (v1, v2) = (splat(&net.w_fb[j..]), splat(&net.w_fb[m + j..]));
        // Where v·x > −b; the same as v·x + b > 0, whose rounding keeps its sign.
        let beyond = splat(&net.bias[j..]).map(L::neg);
        let mut rows = [[0.0; ROW]; UNITS];
        let mut units = [[L::zero(); ROW]; UNITS];
        // What was stored number by number just before would be waited for: only where there is something to go on from.
        if first > 0 {
            for u in 0..UNITS {
                for d in 0..6 {
                    rows[u][d] = sums[d * m + j + u];
                }
                for t in 0..ROW / L::WIDTH {
                    units[u][t] = L::load_at(&rows[u], t * L::WIDTH);
                }
            }
        }
        for ((table, x1), x2) in tables.chunks_exact(TABLE).zip(x(0)).zip(x(1)) {
            let mut active = [0; UNITS];
            for k in (0..EACH).step_by(L::WIDTH) {
                let (x1, x2) = (L::load_at(x1, k), L::load_at(x2, k));
                for u in 0..UNITS {
                    let z = v1[u].mul(x1).add(v2[u].mul(x2));
                    active[u] |= L::bits(beyond[u].less(z)) << k;
                }
            }
            for u in 0..UNITS {
                let row = &table[ROW * (active[u] as usize % (1 << EACH))..][..ROW];
                for t in 0..ROW / L::WIDTH {
                    units[u][t] = units[u][t].add(L::load_at(row, t * L::WIDTH));
                }
            }
        }
        for u in 0..UNITS {
            for t in 0..ROW / L::WIDTH {
                units[u][t].store_at(&mut rows[u], t * L::WIDTH);
            }
            for d in 0..6 {
                sums[d * m + j + u] = rows[u][d];
            }
        }
    }
}

/// The gradients of all units, to their visitor.
#[inline(never)]
pub(super) fn gradient<L: Lanes>(net: &mut PackedReservoir, batch: &Batch, visitor: &mut impl Visit<L>) {
    let m = net.columns;
    let count = batch.size.div_ceil(EACH);
    let mut tables = vec![0.0; count.min(TOGETHER) * TABLE];
    let mut sums = vec![0.0; 6 * m];
    for at in (0..count).step_by(TOGETHER) {
        let tables = &mut tables[..(count - at).min(TOGETHER) * TABLE];
        fill(tables, batch, EACH * at);
        add::<L>(net, batch, EACH * at, tables, &mut sums);
    }
    for first in (0..m).step_by(L::WIDTH) {
        let at = |values: &[f32], d: usize| L::load_at(values, d * m + first);
        let [v1, v2] = [0, 1].map(|d| at(&net.w_fb, d));
        let [w1, w2] = [0, 1].map(|d| at(&net.w_out, d));
        let b = at(&net.bias, 0);
        let [e1, e2, e1x1, e1x2, e2x1, e2x2] = array::from_fn(|d| at(&sums, d));
        visitor.visit(
            net,
            first,
            UnitGradient {
                w_fb: &[[w1.mul(e1x1).add(w2.mul(e2x1))], [w1.mul(e1x2).add(w2.mul(e2x2))]],
                bias: [w1.mul(e1).add(w2.mul(e2))],
                w_out: &[
                    [v1.mul(e1x1).add(v2.mul(e1x2)).add(b.mul(e1))],
                    [v1.mul(e2x1).add(v2.mul(e2x2)).add(b.mul(e2))],
                ],
            },
        );
    }
}
