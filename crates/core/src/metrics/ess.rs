//! Effective sample size S/τ̂ with τ̂ = 1 + 2 Σ ρ̂_t, ρ̂_t = 1 − (W − γ_t)/V̂, summed as long as pairs of ρ̂ are positive and
//! fall (Geyer 1992), and the Monte Carlo standard error of the mean, sd/√ESS.
//!
//! Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, section 3 and 4, as ArviZ computes it.

use super::autocorrelation::autocovariance;
use super::ranks::normal_scores;
use super::sample::{Chains, quantile, variance};
use crate::error::Result;
use crate::order::sorted;

/// Chains and draws without which there is no estimate.
const LEAST: (usize, usize) = (1, 4);

/// Bulk ESS: of the normal scores of split chains. Number of independent draws as good for the middle of the law.
pub fn bulk(chains: &Chains) -> Result<f64> {
    chains.at_least(LEAST.0, LEAST.1)?;
    Ok(effective(&normal_scores(&chains.split())))
}

/// Tail ESS: the smaller of those of the indicators x ≤ q₅ and x ≤ q₉₅.
pub fn tail(chains: &Chains) -> Result<f64> {
    chains.at_least(LEAST.0, LEAST.1)?;
    let order = sorted(&chains.values);
    let at = |q: f64| {
        let bound = quantile(&order, q);
        let indicator = chains.values.iter().map(|x| f64::from(u8::from(*x <= bound)));
        effective(&chains.with(indicator.collect()).split())
    };
    Ok(at(0.05).min(at(0.95)))
}

/// Standard error of the mean that comes from the number of draws: sd/√ESS, with the ESS of the split chains as they are.
pub fn mcse_mean(chains: &Chains) -> Result<f64> {
    chains.at_least(LEAST.0, LEAST.1)?;
    Ok((variance(&chains.values) / effective(&chains.split())).sqrt())
}

/// ESS of chains of two draws or more, as they are.
fn effective(chains: &Chains) -> f64 {
    let (count, draws) = (chains.values.len() as f64, chains.draws);
    let (low, high) = chains
        .values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| {
            (if x < low { x } else { low }, if x > high { x } else { high })
        });
    if high - low < 1e-15 {
        return count;
    }
    let covariance = autocovariance(chains);
    let within = covariance[0] * draws as f64 / (draws as f64 - 1.0);
    let mut marginal = covariance[0];
    if chains.chains > 1 {
        marginal += variance(&chains.means());
    }
    let rho = |t: usize| 1.0 - (within - covariance[t]) / marginal;
    count / time_of(rho, draws).max(core::f64::consts::LN_10 / libm::log(count))
}

/// τ̂ = −1 + 2 Σ_{t ≤ T} ρ̂_t + ρ̂_{T+1} over Geyer's initial positive and monotone sequence.
fn time_of(rho: impl Fn(usize) -> f64, draws: usize) -> f64 {
    let (mut even, mut odd) = (1.0, rho(1));
    let mut kept = vec![even, odd];
    let mut t = 1;
    while t + 3 < draws && even + odd > 0.0 {
        (even, odd) = (rho(t + 1), rho(t + 2));
        kept.extend(if even + odd >= 0.0 {
            [even, odd]
        } else {
            [0.0, 0.0]
        });
        t += 2;
    }
    // The last pair counts by its even part alone. With the shortest chains it is the first.
    let last = t - 1;
    if even > 0.0 {
        kept[last] = even;
    }
    let mut t = 2;
    while t + 2 <= last {
        let before = kept[t - 2] + kept[t - 1];
        if kept[t] + kept[t + 1] > before {
            (kept[t], kept[t + 1]) = (0.5 * before, 0.5 * before);
        }
        t += 2;
    }
    2.0 * kept[..last].iter().sum::<f64>() + kept[last] - 1.0
}
