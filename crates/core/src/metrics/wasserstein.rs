//! W1 in one dimension: W1 = ∫ |F(x) − G(x)| dx, exactly, for draws against a law and draws against draws.

use super::sample::Points;
use crate::error::{Error, Result};
use crate::order;
use crate::targets::Law;

/// Sorted doubles of finite draws.
fn sorted(argument: &'static str, draws: &[f32]) -> Result<Vec<f64>> {
    Ok(order::sorted(&Points::new(argument, draws, 1, 1)?.values))
}

/// W1 between the empirical law of `draws` and a law on the line.
///
/// Between two draws the empirical function is a constant c, so ∫ |c − F| follows from the integral of F, with the
/// crossing F(x) = c found by bisection.
pub fn to_law(draws: &[f32], law: &dyn Law) -> Result<f64> {
    if law.dimension() != 1 {
        return Err(Error::invalid(
            "target",
            format!("{} dimensions", law.dimension()),
            "one dimension",
        ));
    }
    let x = sorted("draws", draws)?;
    let count = x.len();
    // ∫_a^b |c − F|
    let area = |a: f64, b: f64, c: f64| -> f64 {
        let below = |a: f64, b: f64| c * (b - a) - (law.integrated_cdf(b) - law.integrated_cdf(a));
        if law.cdf(b) <= c {
            below(a, b)
        } else if law.cdf(a) >= c {
            -below(a, b)
        } else {
            let (mut low, mut high) = (a, b);
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if law.cdf(middle) <= c {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            below(a, low) - below(low, b)
        }
    };
    let last = x[count - 1];
    let mut sum = law.integrated_cdf(x[0]) + (law.integrated_cdf(last) - last + law.mean());
    for i in 1..count {
        sum += area(x[i - 1], x[i], i as f64 / count as f64);
    }
    Ok(sum)
}

/// W1 between two empirical laws of any sizes.
pub fn between_draws(draws: &[f32], reference: &[f32]) -> Result<f64> {
    Ok(between_sorted(
        &sorted("draws", draws)?,
        &sorted("reference", reference)?,
    ))
}

/// W1 between two empirical laws given in ascending order.
pub(super) fn between_sorted(x: &[f64], y: &[f64]) -> f64 {
    let (mut i, mut j) = (0, 0);
    let mut last = x[0].min(y[0]);
    let mut sum = 0.0;
    while i < x.len() || j < y.len() {
        let here = match (x.get(i), y.get(j)) {
            (Some(&a), Some(&b)) => a.min(b),
            (Some(&a), None) => a,
            (None, Some(&b)) => b,
            (None, None) => break,
        };
        let gap = (i as f64 / x.len() as f64 - j as f64 / y.len() as f64).abs();
        sum += gap * (here - last);
        last = here;
        while x.get(i).is_some_and(|&v| v <= here) {
            i += 1;
        }
        while y.get(j).is_some_and(|&v| v <= here) {
            j += 1;
        }
    }
    sum
}
