//! Philox4x32-10: four words from a 128-bit counter and a 64-bit key, by ten rounds of multiply and exclusive or.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

use crate::kernels::IntLanes;
use core::hint::black_box;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The blocks at several counters under `key`; lanes hold independent counters, too. Side by side, since a round waits for the one before,
/// and what is beside it fills the time.
#[inline(always)]
pub fn philox4x32<I: IntLanes, const V: usize>(mut counters: [[I; 4]; V], key: [u32; 2]) -> [[I; 4]; V] {
    // What LLVM knows to be a splat it adds up outside the vectors, and splats again each round. And of factors that it knows, or whose
    // halves it can widen ahead of a loop, it makes products of 64-bit lanes, which take engines ten instructions, not the three of a
    // product of 32-bit ones. So it isn't told.
    let mut k = black_box(key.map(I::splat));
    let weyl = WEYL.map(I::splat);
    let multipliers = MULTIPLIERS.map(I::splat);
    for _ in 0..if V == 1 { 10 } else { 2 } {
        let m = black_box(multipliers);
        round(&mut counters, &mut k, m, weyl);
        // Where it's fast by being side by side it is worth the code of five rounds.
        if V > 1 {
            round(&mut counters, &mut k, m, weyl);
            round(&mut counters, &mut k, m, weyl);
            round(&mut counters, &mut k, m, weyl);
            round(&mut counters, &mut k, m, weyl);
        }
    }
    counters
}

#[inline(always)]
fn round<I: IntLanes, const V: usize>(counters: &mut [[I; 4]; V], k: &mut [I; 2], m: [I; 2], weyl: [I; 2]) {
    for c in counters {
        let (high0, low0) = c[0].mul_wide(m[0]);
        let (high1, low1) = c[2].mul_wide(m[1]);
        *c = [high1.xor(c[1]).xor(k[0]), low1, high0.xor(c[3]).xor(k[1]), low0];
    }
    *k = [k[0].add(weyl[0]), k[1].add(weyl[1])];
}
