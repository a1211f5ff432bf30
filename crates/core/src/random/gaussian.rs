//! Standard normals by Box–Muller: z = √(−2 ln u) (cos 2πv, sin 2πv). Two words give two normals, always.

use super::Stream;
use crate::kernels::{IntLanes, Lanes};
use crate::math::{lns, sin_cos_turns};
use core::array;

/// Two normals from two words. u keeps all 32 bits, so the tails reach 6.8 standard deviations.
#[inline(always)]
pub fn box_muller<L: Lanes>(radius: L::Int, angle: L::Int) -> (L, L) {
    box_mullers::<L, 1>([radius], [angle])[0]
}

/// The same for several pairs of words side by side.
#[inline(always)]
fn box_mullers<L: Lanes, const T: usize>(radii: [L::Int; T], angles: [L::Int; T]) -> [(L, L); T] {
    let u = radii.map(|radius| {
        radius
            .to_float()
            .add(L::splat(0.5))
            .mul(L::splat(2.328_306_4e-10))
    });
    let r = lns(u).map(|ln| ln.mul(L::splat(-2.0)).sqrt());
    let turns = sin_cos_turns::<L, T>(angles);
    array::from_fn(|t| {
        let (sine, cosine) = turns[t];
        (r[t].mul(cosine), r[t].mul(sine))
    })
}

/// Four normals at the address (index, time, dimension), for `WIDTH` consecutive indices.
#[inline(always)]
pub fn normals<L: Lanes>(stream: Stream, index: u32, time: u64, dimension: u32) -> [L; 4] {
    normals_at(stream, L::Int::count_from(index), time, dimension)
}

/// The same for any index in each lane.
#[inline(always)]
fn normals_at<L: Lanes>(stream: Stream, index: L::Int, time: u64, dimension: u32) -> [L; 4] {
    let [a, b, c, d] = stream.words(index, time, dimension);
    let [(x0, x1), (x2, x3)] = box_mullers::<L, 2>([a, c], [b, d]);
    [x0, x1, x2, x3]
}

/// Normals of antithetic pairs: indices 2k and 2k + 1 share those of address k, the odd one with the sign turned.
#[inline(always)]
pub fn paired_normals<L: Lanes>(stream: Stream, index: u32, time: u64, dimension: u32) -> [L; 4] {
    let (address, sign) = paired::<L>(true, index);
    turned(normals_at(stream, address, time, dimension), sign)
}

/// Address and bit of the sign of `WIDTH` consecutive indices, in pairs or not.
#[inline(always)]
fn paired<L: Lanes>(pairs: bool, index: u32) -> (L::Int, L::Int) {
    let index = L::Int::count_from(index);
    // Masks, not a choice of shifts: shifts by a number that isn't known go lane by lane.
    let [pairs, singles] = [pairs, !pairs].map(|mask| L::Int::splat(if mask { u32::MAX } else { 0 }));
    (
        index.shr::<1>().and(pairs).or(index.and(singles)),
        index.shl::<31>().and(pairs),
    )
}

/// With the sign turned where `sign` has its bit.
#[inline(always)]
fn turned<L: Lanes>(normals: [L; 4], sign: L::Int) -> [L; 4] {
    normals.map(|z| z.to_bits().xor(sign).as_float())
}

/// [`paired_normals`] or [`normals`] at two places (index, dimension) side by side.
#[inline(always)]
pub fn normals_beside<L: Lanes>(
    stream: Stream,
    pairs: bool,
    places: [(u32, u32); 2],
    time: u64,
) -> [[L; 4]; 2] {
    let [(first, first_sign), (second, second_sign)] = places.map(|(index, _)| paired::<L>(pairs, index));
    let words = stream.words_of([(first, places[0].1), (second, places[1].1)], time);
    let [[a0, b0, c0, d0], [a1, b1, c1, d1]] = words;
    let [(x0, x1), (x2, x3), (y0, y1), (y2, y3)] = box_mullers::<L, 4>([a0, c0, a1, c1], [b0, d0, b1, d1]);
    [
        turned([x0, x1, x2, x3], first_sign),
        turned([y0, y1, y2, y3], second_sign),
    ]
}
