//! Permutations by Fisher and Yates: for i = N − 1 … 1 swap places i and j, j uniform in 0 … i, one word a swap.

use super::Stream;

/// A permutation of 0 … count − 1; `time` and `dimension` tell those of one stream apart.
#[must_use]
pub fn permutation(stream: Stream, time: u64, dimension: u32, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    for i in (1..count).rev() {
        let word = stream.word4(i as u32, time, dimension)[0];
        // Multiply-shift: its bias of 2⁻³² · count is far below what any data set could show.
        let j = (u64::from(word) * (i as u64 + 1)) >> 32;
        order.swap(i, j as usize);
    }
    order
}
