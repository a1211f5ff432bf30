//! Fisher divergence in one dimension: F = ∫ p(x) (s(x) − ∂ log p(x))² dx, without a factor ½, by the trapezoidal rule.

use crate::targets::GaussianMixture;

/// F of scores `s` on an even grid that covers the law.
#[must_use]
pub fn divergence(grid: &[f64], s: &[f32], law: &GaussianMixture) -> f64 {
    let step = grid[1] - grid[0];
    let mut exact = [0.0];
    let mut sum = 0.0;
    for (&x, &learned) in grid.iter().zip(s) {
        law.score(&[x], &mut exact);
        let error = f64::from(learned) - exact[0];
        sum += law.density(&[x]) * error * error;
    }
    sum * step
}
