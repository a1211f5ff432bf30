//! The score of a network with many outputs as matrix products: Z = b + W_fb X, S = W_out φ(Z) − X.
//!
//! Units go in chunks, so that a chunk's weights stay in the second-level cache while all points pass by; S keeps its sums
//! from chunk to chunk, so every sum still runs over the units in order.

use super::activation::Phi;
use super::reservoir::{Layout, PackedReservoir};
use crate::kernels::Lanes;
use crate::kernels::product::{BLOCK, Blocks, Start, pack_columns, pack_rows, times};
use core::ops::Range;

/// Units of a chunk: 64 rows of 300 weights, twice, are 150 kB.
pub const CHUNK: usize = 64;
/// Points that are taken together through a chunk: their activations stay in the first-level cache.
const SLAB: usize = 64;

/// φ on buffers. Calls by pointer, so that the products are compiled once and not for each φ.
#[derive(Clone, Copy)]
pub struct PhiOnBuffers {
    /// a = φ(z).
    pub value: fn(&[f32], &mut [f32]),
    /// back *= φ′(z), given a = φ(z).
    pub times_slope: fn(&[f32], &[f32], &mut [f32]),
}

impl PhiOnBuffers {
    #[must_use]
    pub fn new<L: Lanes, A: Phi>() -> Self {
        Self {
            value: value::<L, A>,
            times_slope: times_slope::<L, A>,
        }
    }
}

fn value<L: Lanes, A: Phi>(z: &[f32], a: &mut [f32]) {
    let zero = L::unknown_zero();
    for (z, a) in z.chunks_exact(L::WIDTH).zip(a.chunks_exact_mut(L::WIDTH)) {
        let mut value = [L::load(z)];
        A::values(&mut value, zero);
        value[0].store(a);
    }
}

fn times_slope<L: Lanes, A: Phi>(z: &[f32], a: &[f32], back: &mut [f32]) {
    let both = z.chunks_exact(L::WIDTH).zip(a.chunks_exact(L::WIDTH));
    for ((z, a), back) in both.zip(back.chunks_exact_mut(L::WIDTH)) {
        A::times_slope(L::load(back), L::load(z), L::load(a)).store(back);
    }
}

/// A network and room for one chunk's activations.
pub struct Products<'a> {
    net: &'a PackedReservoir,
    phi: PhiOnBuffers,
    z: Vec<f32>,
    a: Vec<f32>,
    /// A chunk's weights in panels, where the network has them in rows.
    panels: [Vec<f32>; 2],
}

impl<'a> Products<'a> {
    #[must_use]
    pub fn new(net: &'a PackedReservoir, phi: PhiOnBuffers) -> Self {
        Self {
            net,
            phi,
            z: Vec::new(),
            a: Vec::new(),
            panels: [Vec::new(), Vec::new()],
        }
    }

    /// The network's units.
    #[must_use]
    pub fn units(&self) -> usize {
        self.net.units
    }

    /// Units with their padding.
    #[must_use]
    pub fn padded_units(&self) -> usize {
        self.net.columns
    }

    /// Zeros in the shape of scores at `columns` points: rows are padded to whole tiles.
    #[must_use]
    pub fn scores(&self, columns: usize) -> Blocks {
        Blocks::new(self.net.stride, columns)
    }

    /// s(x) for points x [n][point].
    pub fn score<L: Lanes>(&mut self, x: &Blocks, s: &mut Blocks) {
        s.data.fill(0.0);
        self.add::<L>(0..self.net.columns, x, s, None);
        subtract::<L>(s, x);
    }

    /// S ← S + W_out φ(Z) over a range of units, padding included. With `keep` it also stores their Z for the gradient, from
    /// place first unit · points on those of each of [`chunks`], in blocks of points.
    pub fn add<L: Lanes>(
        &mut self,
        range: Range<usize>,
        x: &Blocks,
        s: &mut Blocks,
        mut keep: Option<&mut [f32]>,
    ) {
        let Self {
            net,
            phi,
            z: room,
            a,
            panels: [fb_panels, out_panels],
        } = self;
        let stride = net.stride;
        let slab = if keep.is_some() {
            x.columns
        } else {
            SLAB.min(x.columns)
        };
        room.resize(CHUNK * slab, 0.0);
        a.resize(CHUNK * slab, 0.0);
        if net.layout == Layout::Rows {
            fb_panels.resize(CHUNK * stride, 0.0);
            out_panels.resize(CHUNK * stride, 0.0);
        }
        for Range { start: unit, end } in chunks(range) {
            // Padding units have no say in S, whatever φ(0) is.
            let (rows, real) = (end - unit, end.min(net.units).saturating_sub(unit));
            let weights = [&net.w_fb, &net.w_out].map(|w| &w[unit * stride..end * stride]);
            let [w_fb, w_out] = if net.layout == Layout::Rows {
                pack_rows::<L>(weights[0], stride, fb_panels, stride);
                pack_columns(weights[1], stride, &mut out_panels[..rows * stride]);
                [&*fb_panels, &*out_panels].map(|panels| &panels[..rows * stride])
            } else {
                weights
            };
            let bias = Start::Rows(&net.bias[unit..end]);
            for point in (0..x.columns).step_by(slab) {
                let width = slab.min(x.columns - point);
                let z = match &mut keep {
                    Some(all) => &mut all[unit * width..][..rows * width],
                    None => &mut room[..rows * width],
                };
                let firsts = || x.firsts().skip(point / BLOCK).take(width.div_ceil(BLOCK));
                for first in firsts() {
                    let (block, wide) = (x.block(first), x.width(first));
                    let z = &mut z[(first - point) * rows..];
                    times::<L>(w_fb, stride, bias, block, wide, z, wide);
                }
                (phi.value)(z, &mut a[..rows * width]);
                for first in firsts() {
                    let wide = x.width(first);
                    let a = &a[(first - point) * rows..][..real * wide];
                    times::<L>(w_out, rows, Start::Sums, a, wide, s.block_mut(first), wide);
                }
            }
        }
    }
}

/// A range of units in chunks.
pub fn chunks(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(CHUNK).map(move |unit| unit..end.min(unit + CHUNK))
}

/// S ← S − X, where S may have more rows.
pub fn subtract<L: Lanes>(s: &mut Blocks, x: &Blocks) {
    for first in x.firsts() {
        let block = x.block(first);
        let sums = &mut s.block_mut(first)[..block.len()];
        for (s, x) in sums.chunks_exact_mut(L::WIDTH).zip(block.chunks_exact(L::WIDTH)) {
            L::load(s).sub(L::load(x)).store(s);
        }
    }
}
