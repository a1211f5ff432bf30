//! Energy distance: D = √(2 E‖x − y‖ − E‖x − x′‖ − E‖y − y′‖) between empirical laws (Székely and Rizzo 2013). 0 for the same
//! points; in one dimension D² = 2 ∫ (F − G)² dx, as SciPy has it.

use super::pairs::pair_sums;
use super::sample::Points;
use crate::error::Result;

/// D, in units of √x.
pub fn energy_distance(x: &Points, y: &Points) -> Result<f64> {
    x.beside(y)?;
    let [xx, yy, xy] = pair_sums(x, y, &f64::sqrt);
    let (m, n) = (x.count as f64, y.count as f64);
    let squared = 2.0 * (xy / (m * n) - xx / (m * m) - yy / (n * n));
    // Rounding may leave the same points a little below 0.
    Ok(if squared > 0.0 { squared.sqrt() } else { 0.0 })
}
