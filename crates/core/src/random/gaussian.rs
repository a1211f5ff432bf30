//! Standard normals by Box–Muller: z = √(−2 ln u) (cos 2πv, sin 2πv). Two words give two normals, always.

use super::Stream;
use crate::kernels::{IntLanes, Lanes};
use crate::math::{ln, sin_cos_turn};

/// Two normals from two words. u keeps all 32 bits, so the tails reach 6.8 standard deviations.
#[inline(always)]
pub fn box_muller<L: Lanes>(radius: L::Int, angle: L::Int) -> (L, L) {
    let u = radius
        .to_float()
        .add(L::splat(0.5))
        .mul(L::splat(2.328_306_4e-10));
    let r = ln(u).mul(L::splat(-2.0)).sqrt();
    let (sine, cosine) = sin_cos_turn::<L>(angle);
    (r.mul(cosine), r.mul(sine))
}

/// Four normals at the address (index, time, dimension), for `WIDTH` consecutive indices.
#[inline(always)]
pub fn normals<L: Lanes>(stream: Stream, index: u32, time: u64, dimension: u32) -> [L; 4] {
    normals_at(stream, L::Int::count_from(index), time, dimension)
}

/// The same for any index in each lane.
#[inline(always)]
pub fn normals_at<L: Lanes>(stream: Stream, index: L::Int, time: u64, dimension: u32) -> [L; 4] {
    let [a, b, c, d] = stream.words(index, time, dimension);
    let (x0, x1) = box_muller::<L>(a, b);
    let (x2, x3) = box_muller::<L>(c, d);
    [x0, x1, x2, x3]
}

/// Normals of antithetic pairs: indices 2k and 2k + 1 share those of address k, the odd one with the sign turned.
#[inline(always)]
pub fn paired_normals<L: Lanes>(stream: Stream, index: u32, time: u64, dimension: u32) -> [L; 4] {
    let index = L::Int::count_from(index);
    let sign = index.shl::<31>();
    normals_at::<L>(stream, index.shr::<1>(), time, dimension).map(|z| z.to_bits().xor(sign).as_float())
}
