//! Split R̂ = √((B/W + N − 1)/N), the larger of those of the normal scores of x and of |x − median|: chains agree near 1.
//!
//! Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, section 4.1 (rank-normalised, folded), as ArviZ computes it.

use super::ranks::normal_scores;
use super::sample::{Chains, mean, quantile, variance};
use crate::error::Result;
use crate::order::sorted;

/// R̂ of two chains or more of four draws or more; NaN where no half of a chain moves.
pub fn r_hat(chains: &Chains) -> Result<f64> {
    chains.at_least(2, 4)?;
    let split = chains.split();
    let median = quantile(&sorted(&split.values), 0.5);
    let folded = split.with(split.values.iter().map(|x| (x - median).abs()).collect());
    let (bulk, tail) = (ratio(&normal_scores(&split)), ratio(&normal_scores(&folded)));
    Ok(if bulk > tail || tail.is_nan() { bulk } else { tail })
}

/// √((B/W + N − 1)/N) with B/N the variance of the chains' means and W the mean of their variances.
fn ratio(chains: &Chains) -> f64 {
    let draws = chains.draws as f64;
    let between = draws * variance(&chains.means());
    let rows = chains.values.chunks_exact(chains.draws);
    let within = mean(&rows.map(variance).collect::<Vec<f64>>());
    ((between / within + draws - 1.0) / draws).sqrt()
}
