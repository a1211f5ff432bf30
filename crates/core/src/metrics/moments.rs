//! Moments of one coordinate: mean x̄, deviation √(Σ(x − x̄)²/(N − 1)), excess kurtosis m₄/m₂² − 3 with m_k = Σ(x − x̄)^k/N.

use super::sample::{mean, variance};
use crate::error::{Error, Result};

/// Mean, deviation and excess kurtosis.
pub struct Moments {
    pub mean: f64,
    /// Square root of the unbiased variance.
    pub deviation: f64,
    /// Of the draws as they are (SciPy's default); NaN where all are equal.
    pub excess_kurtosis: f64,
}

/// Moments of two numbers or more.
pub fn moments(values: &[f64]) -> Result<Moments> {
    if values.len() < 2 {
        return Err(Error::invalid("draws", values.len(), "at least 2 draws"));
    }
    let middle = mean(values);
    let (mut second, mut fourth) = (0.0, 0.0);
    for x in values {
        let square = (x - middle) * (x - middle);
        second += square;
        fourth += square * square;
    }
    let count = values.len() as f64;
    Ok(Moments {
        mean: middle,
        deviation: variance(values).sqrt(),
        excess_kurtosis: if values.iter().all(|x| *x == values[0]) {
            f64::NAN
        } else {
            fourth * count / (second * second) - 3.0
        },
    })
}
