//! Ranks of pooled draws, and normal scores z = Φ⁻¹((r − 3/8)/(S + 1/4)) of them (Blom 1958; Vehtari et al. 2021, eq. 14).

use super::sample::Chains;
use crate::error::{Error, Result};
use crate::order::order;

/// Ranks 1 … S; equal values share the mean of theirs.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let order = order(values);
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for last in 0..order.len() {
        let value = values[order[last] as usize];
        if last + 1 < order.len() && values[order[last + 1] as usize] == value {
            continue;
        }
        // Ranks first + 1 … last + 1.
        for &place in &order[first..=last] {
            ranks[place as usize] = 0.5 * (first + last + 2) as f64;
        }
        first = last + 1;
    }
    ranks
}

/// Normal scores of the ranks.
#[must_use]
pub fn normal_scores(chains: &Chains) -> Chains {
    let count = chains.values.len() as f64;
    let ranks = ranks(&chains.values);
    let scores = ranks
        .iter()
        .map(|r| normal_quantile((r - 0.375) / (count + 0.25)));
    chains.with(scores.collect())
}

/// How many of each chain's ranks fall into each of `bins` equal parts of 1 … S: [chain, bin]. Even when chains agree.
pub fn rank_histogram(chains: &Chains, bins: usize) -> Result<Vec<u32>> {
    if bins == 0 || bins > chains.values.len() {
        return Err(Error::invalid(
            "rankBins",
            bins,
            format!("from 1 to {}, the number of draws", chains.values.len()),
        ));
    }
    let mut counts = vec![0; chains.chains * bins];
    let count = chains.values.len() as f64;
    for (i, rank) in ranks(&chains.values).into_iter().enumerate() {
        let bin = ((rank - 0.5) / count * bins as f64) as usize;
        counts[i / chains.draws * bins + bin] += 1;
    }
    Ok(counts)
}

/// c₀ + c₁x + c₂x² …
#[inline(never)]
fn polynomial(x: f64, coefficients: &[f64; 8]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// Φ⁻¹(p) for p in (0, 1), to about 1e-16 (Wichura 1988, algorithm AS 241, PPND16).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(r, &CENTRE.0) / polynomial(r, &CENTRE.1);
    }
    let r = (-libm::log(if q < 0.0 { p } else { 1.0 - p })).sqrt();
    let z = if r <= 5.0 {
        polynomial(r - 1.6, &TAIL.0) / polynomial(r - 1.6, &TAIL.1)
    } else {
        polynomial(r - 5.0, &FAR.0) / polynomial(r - 5.0, &FAR.1)
    };
    if q < 0.0 { -z } else { z }
}

type Rational = ([f64; 8], [f64; 8]);

const CENTRE: Rational = (
    [
        3.3871328727963666080e0,
        1.3314166789178437745e+2,
        1.9715909503065514427e+3,
        1.3731693765509461125e+4,
        4.5921953931549871457e+4,
        6.7265770927008700853e+4,
        3.3430575583588128105e+4,
        2.5090809287301226727e+3,
    ],
    [
        1.0,
        4.2313330701600911252e+1,
        6.8718700749205790830e+2,
        5.3941960214247511077e+3,
        2.1213794301586595867e+4,
        3.9307895800092710610e+4,
        2.8729085735721942674e+4,
        5.2264952788528545610e+3,
    ],
);
const TAIL: Rational = (
    [
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ],
    [
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
);
const FAR: Rational = (
    [
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    [
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
);
