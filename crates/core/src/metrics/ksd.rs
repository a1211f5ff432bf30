//! Kernelised Stein discrepancy: KSD² = E u(x, x′), u = s·s′ k + s·∇′k + s′·∇k + tr ∇∇′k, k = (c² + ‖x − x′‖²)^(−½).
//!
//! Gorham and Mackey 2017, with the inverse multiquadric kernel, whose discrepancy detects non-convergence. It needs a law's
//! score s = ∇ log p alone, no draws of it.

use super::pairs::squared_distances;
use super::sample::Points;
use crate::error::{Error, Result, length, positive};

/// Both estimates of KSD².
pub struct Ksd {
    /// Mean over pairs of different points: unbiased, may be negative.
    pub u_statistic: f64,
    /// Mean over all pairs: the discrepancy of the empirical law itself, 0 or above.
    pub v_statistic: f64,
}

/// KSD² of two points or more to the law whose scores at them are `scores` [point, n]; c is the kernel's `scale`.
pub fn ksd(x: &Points, scores: &[f64], scale: f64) -> Result<Ksd> {
    let c = positive("kernelScale", scale)?;
    length("scores", scores.len(), x.values.len(), "one for each coordinate")?;
    if scores.iter().any(|s| !s.is_finite()) {
        return Err(Error::invalid(
            "scores",
            "not finite",
            "finite scores at every point",
        ));
    }
    let mut distances = Vec::with_capacity(x.count);
    let (mut pairs, mut own) = (0.0, 0.0);
    for i in 0..x.count {
        squared_distances(x.row(i), x, i, &mut distances);
        let terms = row_of_terms(x, scores, i, c * c, &distances);
        own += terms[0];
        pairs += terms[1..].iter().sum::<f64>();
    }
    let count = x.count as f64;
    Ok(Ksd {
        u_statistic: 2.0 * pairs / (count * (count - 1.0)),
        v_statistic: (2.0 * pairs + own) / (count * count),
    })
}

/// u(x_i, x_j) for j ≥ i. With q = c² + r² and β = −½: k = q^β, ∇k = −∇′k = 2β q^(β−1) (x − x′),
/// tr ∇∇′k = −2βn q^(β−1) − 4β(β−1) r² q^(β−2).
#[inline(never)]
fn row_of_terms(x: &Points, scores: &[f64], i: usize, c2: f64, distances: &[f64]) -> Vec<f64> {
    let n = x.n;
    let (own, s) = (x.row(i), &scores[i * n..(i + 1) * n]);
    let later = x.values[i * n..]
        .chunks_exact(n)
        .zip(scores[i * n..].chunks_exact(n));
    later
        .zip(distances)
        .map(|((other, s2), &r2)| {
            let (mut product, mut drift) = (0.0, 0.0);
            for d in 0..n {
                product += s[d] * s2[d];
                drift += (s2[d] - s[d]) * (own[d] - other[d]);
            }
            let q = c2 + r2;
            (product + (n as f64 - drift) / q - 3.0 * r2 / (q * q)) / q.sqrt()
        })
        .collect()
}
