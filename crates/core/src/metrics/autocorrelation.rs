//! Autocovariance, mean over chains: γ_t = 1/(C N) Σ_c Σ_i (x_ci − x̄_c)(x_c,i+t − x̄_c), and autocorrelation ρ_t = γ_t/γ_0.
//!
//! By the Wiener–Khinchin theorem: γ is the transform of the mean |X|² of the padded chains, O(N log N) for all lags.

use super::fourier::Fourier;
use super::sample::{Chains, mean};
use crate::error::{Error, Result};

/// γ_0 … γ_(N−1), each chain about its own mean, always divided by N.
#[must_use]
pub fn autocovariance(chains: &Chains) -> Vec<f64> {
    let draws = chains.draws;
    let fourier = Fourier::new((2 * draws).next_power_of_two());
    let length = fourier.length();
    let mut power = vec![0.0; length];
    let (mut real, mut imaginary) = (power.clone(), power.clone());
    for chain in chains.values.chunks_exact(draws) {
        let middle = mean(chain);
        real.fill(0.0);
        imaginary.fill(0.0);
        for (to, x) in real.iter_mut().zip(chain) {
            *to = x - middle;
        }
        fourier.transform(&mut real, &mut imaginary);
        for (sum, (a, b)) in power.iter_mut().zip(real.iter().zip(&imaginary)) {
            *sum += a * a + b * b;
        }
    }
    imaginary.fill(0.0);
    fourier.transform(&mut power, &mut imaginary);
    power.truncate(draws);
    let scale = (length * draws * chains.chains) as f64;
    power.iter_mut().for_each(|sum| *sum /= scale);
    power
}

/// ρ_0 … ρ_lags; NaN where no chain ever moves.
pub fn autocorrelation(chains: &Chains, lags: usize) -> Result<Vec<f64>> {
    if lags >= chains.draws {
        return Err(Error::invalid(
            "lags",
            lags,
            format!("a lag below the {} draws of a chain", chains.draws),
        ));
    }
    if chains
        .values
        .chunks_exact(chains.draws)
        .all(|chain| chain.iter().all(|x| *x == chain[0]))
    {
        return Ok(vec![f64::NAN; lags + 1]);
    }
    let covariance = autocovariance(chains);
    Ok(covariance[..=lags].iter().map(|c| c / covariance[0]).collect())
}
