//! Residuals and gradients of a network with many outputs, as matrix products over a batch: back = W_outᵀ E, then
//! ∂L/∂W_out = E φ(Z)ᵀ, ∂L/∂W_fb = (back ⊙ φ′(Z)) Xᵀ and ∂L/∂b = (back ⊙ φ′(Z)) 1.
//!
//! Lanes run over samples, or over dimensions where a sum runs over samples; each sum runs in index order. A group of units
//! is done with before the next one begins, so its gradient never leaves the cache.

use super::loss::{Batch, RowsGradient, Visit};
use crate::kernels::product::{Blocks, Left, times};
use crate::kernels::{Lanes, PAD};
use crate::network::products::{PhiOnBuffers, Products};
use crate::network::reservoir::PackedReservoir;

/// Units of a group: at n = 300 their gradients are 77 kB.
const GROUP: usize = 32;

/// s(x̃) of a batch; keeps Z in it for the gradient.
pub(super) fn scores<L: Lanes>(mut products: Products<'_>, batch: &mut Batch) -> Blocks {
    let Batch { n, columns, .. } = *batch;
    let x = Blocks::from(n, columns, |d, i| batch.x[d * columns + i]);
    let mut s = products.scores(columns);
    batch.z.resize(products.padded_units() * columns, 0.0);
    products.score::<L>(&x, &mut s, Some(&mut batch.z));
    s
}

/// ∂L/∂(W_fb, b, W_out) by groups of units, from a batch whose `e` holds residuals and whose `z` is of the same weights.
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
    let [mut a, mut back] = [(); 2].map(|()| vec![0.0; GROUP * columns]);
    let [mut w_fb, mut w_out] = [(); 2].map(|()| vec![0.0; GROUP * stride]);
    let mut sums = vec![0.0; GROUP * PAD];
    let mut bias = [0.0; GROUP];
    for unit in (0..net.columns).step_by(GROUP) {
        let rows = GROUP.min(net.columns - unit);
        let z = &batch.z[unit * columns..][..rows * columns];
        let (a, back) = (&mut a[..rows * columns], &mut back[..rows * columns]);
        (phi.value)(z, a);
        let out = Left::Rows {
            a: &net.w_out[unit * stride..][..rows * stride],
            stride,
        };
        for first in e.firsts() {
            times::<L>(
                out,
                &[],
                e.block(first),
                e.width(first),
                &mut back[first..],
                columns,
            );
        }
        (phi.times_slope)(z, a, back);
        let [a, back] = [a, back].map(|a| Left::Rows { a, stride: columns });
        for d in x_rows.firsts() {
            let width = x_rows.width(d);
            times::<L>(back, &[], x_rows.block(d), width, &mut w_fb[d..], stride);
            times::<L>(a, &[], e_rows.block(d), width, &mut w_out[d..], stride);
        }
        times::<L>(back, &[], ones.block(0), PAD, &mut sums, PAD);
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
