//! Means over all pairs of points: Σ_i Σ_j f(‖x_i − y_j‖²), row by row, in index order.

use super::sample::Points;
use crate::order::sorted;

/// ‖x − y_j‖² for j from `first` on. A function of its own, so that engines compile it soon.
#[inline(never)]
pub fn squared_distances(x: &[f64], y: &Points, first: usize, out: &mut Vec<f64>) {
    out.clear();
    for row in y.values[first * y.n..].chunks_exact(y.n) {
        let mut sum = 0.0;
        for (a, b) in x.iter().zip(row) {
            sum += (a - b) * (a - b);
        }
        out.push(sum);
    }
}

/// Σ f over pairs within x (each once), within y (each once), and between them.
pub fn pair_sums(x: &Points, y: &Points, f: &dyn Fn(f64) -> f64) -> [f64; 3] {
    let mut row = Vec::with_capacity(x.count.max(y.count));
    let mut sum = |a: &Points, b: &Points, same: bool| {
        let mut total = 0.0;
        for i in 0..a.count {
            squared_distances(a.row(i), b, if same { i + 1 } else { 0 }, &mut row);
            total += row.iter().map(|&d| f(d)).sum::<f64>();
        }
        total
    };
    [sum(x, x, true), sum(y, y, true), sum(x, y, false)]
}

/// The lower median of the distances of all pairs in the union of x and y, without keeping them.
///
/// Bits of a positive number are in its order: the first pass counts by the upper 20 bits, the second keeps those of the
/// median's class alone.
#[must_use]
pub fn median_distance(x: &Points, y: &Points) -> f64 {
    const SHIFT: u32 = 44;
    let mut values = x.values.clone();
    values.extend_from_slice(&y.values);
    let union = Points {
        values,
        count: x.count + y.count,
        n: x.n,
    };
    let mut row = Vec::with_capacity(union.count);
    let mut each = |visit: &mut dyn FnMut(f64)| {
        for i in 0..union.count {
            squared_distances(union.row(i), &union, i + 1, &mut row);
            row.iter().for_each(|&d| visit(d));
        }
    };
    let mut counts = vec![0u32; 1 << 20];
    each(&mut |d| counts[(d.to_bits() >> SHIFT) as usize] += 1);
    let mut rank = (union.count * (union.count - 1) / 2 - 1) / 2;
    let mut class = 0;
    while rank >= counts[class] as usize {
        rank -= counts[class] as usize;
        class += 1;
    }
    let mut members = Vec::with_capacity(counts[class] as usize);
    each(&mut |d| {
        if d.to_bits() >> SHIFT == class as u64 {
            members.push(d);
        }
    });
    sorted(&members)[rank].sqrt()
}
