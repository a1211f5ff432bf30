//! Scores, residuals and gradients of a network with many outputs, as matrix products over a batch: S = Σ_g S_g, then
//! back = W_outᵀ E, ∂L/∂W_out = E φ(Z)ᵀ, ∂L/∂W_fb = (back ⊙ φ′(Z)) Xᵀ and ∂L/∂b = (back ⊙ φ′(Z)) 1.
//!
//! Lanes run over samples, or over dimensions where a sum runs over samples; each sum runs in index order, S over its groups
//! of units (see `split`). Units that are worked on together are done with before the next, so gradients never leave the cache.

use super::loss::{Batch, RowsGradient, Visit};
use super::moments::GROUPS;
use super::split::Share;
use crate::kernels::product::{Blocks, ROWS, Start, pack_rows, times};
use crate::kernels::{Lanes, PAD};
use crate::network::products::{PhiOnBuffers, Products, chunks};
use crate::network::reservoir::PackedReservoir;

/// Units that are worked on together: at n = 300 their gradients are 77 kB.
const UNITS: usize = 32;

/// S_g of every group of a batch, `[group][n][columns]` in blocks of columns.
pub type GroupSums = Vec<Blocks>;

/// S_g of the groups that an owner has; the others' stay as they are. Keeps Z of its units in the batch for the gradient.
pub(super) fn partial_scores<L: Lanes>(
    mut products: Products<'_>,
    share: Share,
    batch: &mut Batch,
    sums: &mut GroupSums,
) {
    let Batch { n, columns, .. } = *batch;
    let x = Blocks::from(n, columns, |d, i| batch.x[d * columns + i]);
    batch.z.resize(products.padded_units() * columns, 0.0);
    if sums.first().is_none_or(|s| s.columns != columns) {
        *sums = vec![products.scores(columns); GROUPS];
    }
    batch.chunks.clear();
    for (g, units) in share.own() {
        batch.chunks.extend(chunks(units.clone()));
        sums[g].data.fill(0.0);
        products.add::<L>(units, &x, &mut sums[g], Some(&mut batch.z));
    }
}

/// Residuals from the sums of all groups: s(x̃) = Σ_g S_g − x̃.
pub(super) fn residuals<L: Lanes>(batch: &mut Batch, sums: &GroupSums, noise: f64) {
    for d in 0..batch.n {
        for i in (0..batch.columns).step_by(L::WIDTH) {
            let at = sums[0].at(d, i);
            let s = sums
                .iter()
                .fold(L::zero(), |s, group| s.add(L::load(&group.data[at..])));
            let x = L::load(&batch.x[d * batch.columns + i..]);
            batch.put_residual(noise, d, i, s.sub(x));
        }
    }
}

/// ∂L/∂(W_fb, b, W_out) some units at a time, from a batch whose `e` holds residuals and whose `z` is of the same weights.
pub(super) fn gradient<L: Lanes>(
    net: &mut PackedReservoir,
    phi: PhiOnBuffers,
    batch: &Batch,
    visitor: &mut impl Visit<L>,
) {
    let (n, stride, size, columns) = (net.dimension, net.stride, batch.size, batch.columns);
    let e = Blocks::from(n, columns, |d, i| batch.e[d * columns + i]);
    // Samples as rows, for the sums over them.
    let x_rows = Blocks::from(size, n, |i, d| batch.x[d * columns + i]);
    let e_rows = Blocks::from(size, n, |i, d| batch.e[d * columns + i]);
    let ones = Blocks::from(size, 1, |_, _| 1.0);
    let [mut a, mut back, mut a_panels, mut back_panels] = [(); 4].map(|()| vec![0.0; UNITS * columns]);
    let [mut w_fb, mut w_out, mut out_panels] = [(); 3].map(|()| vec![0.0; UNITS * stride]);
    let mut sums = vec![0.0; UNITS * PAD];
    let mut bias = [0.0; UNITS];
    let pieces = batch.chunks.iter().flat_map(|chunk| {
        let firsts = chunk.clone().step_by(UNITS);
        firsts.map(move |unit| (chunk, unit, UNITS.min(chunk.end - unit)))
    });
    for (chunk, unit, rows) in pieces {
        pack_rows::<L>(
            &net.w_out[unit * stride..][..rows * stride],
            stride,
            &mut out_panels,
            stride,
        );
        for first in e.firsts() {
            let (block, width) = (e.block(first), e.width(first));
            let z = &batch.z[chunk.start * columns + first * chunk.len() + (unit - chunk.start) * width..];
            let (z, a) = (&z[..rows * width], &mut a[..rows * width]);
            let back = &mut back[..rows * width];
            (phi.value)(z, a);
            let out = &out_panels[..rows * stride];
            times::<L>(out, stride, Start::Zero, block, width, back, width);
            (phi.times_slope)(z, a, back);
            pack_rows::<L>(a, width, &mut a_panels[first * ROWS..], columns);
            pack_rows::<L>(back, width, &mut back_panels[first * ROWS..], columns);
        }
        let [a, back] = [&a_panels, &back_panels].map(|panels| &panels[..rows * columns]);
        for d in x_rows.firsts() {
            let width = x_rows.width(d);
            let (x, e) = (x_rows.block(d), e_rows.block(d));
            times::<L>(back, columns, Start::Zero, x, width, &mut w_fb[d..], stride);
            times::<L>(a, columns, Start::Zero, e, width, &mut w_out[d..], stride);
        }
        times::<L>(back, columns, Start::Zero, ones.block(0), PAD, &mut sums, PAD);
        for (bias, sum) in bias.iter_mut().zip(sums.chunks_exact(PAD)) {
            *bias = sum[0];
        }
        let gradient = RowsGradient {
            w_fb: &w_fb[..rows * stride],
            bias: &bias[..rows],
            w_out: &w_out[..rows * stride],
        };
        visitor.visit_rows(net, unit, gradient);
    }
}
