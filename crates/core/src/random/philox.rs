//! Philox4x32-10: four words from a 128-bit counter and a 64-bit key, by ten rounds of multiply and exclusive or.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

use crate::kernels::IntLanes;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The block at `counter` under `key`; lanes hold independent counters.
#[inline(always)]
pub fn philox4x32<I: IntLanes>(counter: [I; 4], key: [u32; 2]) -> [I; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let (high0, low0) = c0.mul_wide(MULTIPLIERS[0]);
        let (high1, low1) = c2.mul_wide(MULTIPLIERS[1]);
        (c0, c1, c2, c3) = (
            high1.xor(c1).xor(I::splat(k0)),
            low1,
            high0.xor(c3).xor(I::splat(k1)),
            low0,
        );
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    [c0, c1, c2, c3]
}
