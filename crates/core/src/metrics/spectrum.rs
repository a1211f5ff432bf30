//! Power spectrum by Welch's method, mean over segments and chains: P_j = 2 |Σ_t w_t (x_t − x̄) e^(−2πi jt/L)|² / (f Σ w²).
//!
//! Segments of L draws that overlap by half, each about its mean, under a Hann window w_t = ½ − ½ cos(2πt/L); the factor 2
//! is not for j = 0 and L/2. One-sided density at frequencies j f/L, f draws a unit of time: `scipy.signal.welch`.

use super::fourier::Fourier;
use super::sample::{Chains, mean};
use crate::error::{Error, Result};

/// P_0 … P_(L/2), in units of x² times the `interval` of time between draws.
pub fn welch(chains: &Chains, segment: usize, interval: f64) -> Result<Vec<f64>> {
    let interval = crate::error::positive("interval", interval)?;
    if segment < 4 || segment > chains.draws || !segment.is_power_of_two() {
        return Err(Error::invalid(
            "segment",
            segment,
            format!("a power of two from 4 to {}, the draws of a chain", chains.draws),
        ));
    }
    let fourier = Fourier::new(segment);
    let window: Vec<f64> = (0..segment).map(|t| 0.5 - 0.5 * fourier.cosine(t)).collect();
    let mut power = vec![0.0; segment / 2 + 1];
    let (mut real, mut imaginary) = (vec![0.0; segment], vec![0.0; segment]);
    let mut segments = 0;
    for chain in chains.values.chunks_exact(chains.draws) {
        for part in chain.windows(segment).step_by(segment / 2) {
            let middle = mean(part);
            for t in 0..segment {
                real[t] = window[t] * (part[t] - middle);
            }
            imaginary.fill(0.0);
            fourier.transform(&mut real, &mut imaginary);
            for (j, sum) in power.iter_mut().enumerate() {
                *sum += real[j] * real[j] + imaginary[j] * imaginary[j];
            }
            segments += 1;
        }
    }
    // Σ w² = 3L/8.
    let scale = interval / (0.375 * segment as f64 * f64::from(segments));
    for (j, sum) in power.iter_mut().enumerate() {
        *sum *= if j == 0 || j == segment / 2 {
            scale
        } else {
            2.0 * scale
        };
    }
    Ok(power)
}
