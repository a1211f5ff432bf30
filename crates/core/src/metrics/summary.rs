//! Everything that chains of one coordinate tell by themselves, each number by its own file's equation.

use super::sample::Chains;
use super::{autocorrelation, ess, moments, r_hat, ranks, spectrum};
use crate::error::Result;

/// What to compute beside the numbers; 0 leaves it out.
pub struct Settings {
    /// Largest lag of the autocorrelation.
    pub lags: usize,
    /// Draws of a segment of the spectrum.
    pub segment: usize,
    /// Time between draws.
    pub interval: f64,
    /// Bins of the rank histogram.
    pub rank_bins: usize,
}

/// NaN stands for what isn't defined: with fewer than four draws a chain, fewer than two chains, or draws that are all equal.
pub struct Summary {
    pub moments: moments::Moments,
    pub ess_bulk: f64,
    pub ess_tail: f64,
    pub mcse_mean: f64,
    pub r_hat: f64,
    /// ρ_0 … ρ_lags.
    pub autocorrelation: Vec<f64>,
    /// P_0 … P_(segment/2).
    pub spectrum: Vec<f64>,
    /// [chain, bin].
    pub rank_histogram: Vec<u32>,
}

/// The summary of two draws or more.
pub fn summary(chains: &Chains, settings: &Settings) -> Result<Summary> {
    let long = chains.draws >= 4;
    let when = |defined: bool, compute: fn(&Chains) -> Result<f64>| {
        if defined { compute(chains) } else { Ok(f64::NAN) }
    };
    Ok(Summary {
        moments: moments::moments(&chains.values)?,
        ess_bulk: when(long, ess::bulk)?,
        ess_tail: when(long, ess::tail)?,
        mcse_mean: when(long, ess::mcse_mean)?,
        r_hat: when(long && chains.chains > 1, r_hat::r_hat)?,
        autocorrelation: match settings.lags {
            0 => Vec::new(),
            lags => autocorrelation::autocorrelation(chains, lags)?,
        },
        spectrum: match settings.segment {
            0 => Vec::new(),
            segment => spectrum::welch(chains, segment, settings.interval)?,
        },
        rank_histogram: match settings.rank_bins {
            0 => Vec::new(),
            bins => ranks::rank_histogram(chains, bins)?,
        },
    })
}
