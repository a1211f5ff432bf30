//! Maximum mean discrepancy, unbiased: MMD² = E k(x,x′) + E k(y,y′) − 2 E k(x,y), k = exp(−‖x − y‖²/2h²), no pair of a point
//! with itself (Gretton et al. 2012, eq. 3). About 0 for one law, where it may be negative.

use super::pairs::{median_distance, pair_sums};
use super::sample::Points;
use crate::error::{Error, Result, positive};

/// MMD² and the h that it was computed with.
pub struct Mmd {
    pub squared: f64,
    pub bandwidth: f64,
}

/// MMD² of two points or more on either side; h is `bandwidth`, or the median distance of all pairs of the union.
pub fn mmd(x: &Points, y: &Points, bandwidth: Option<f64>) -> Result<Mmd> {
    x.beside(y)?;
    let h = match bandwidth {
        Some(h) => positive("bandwidth", h)?,
        None => median_distance(x, y),
    };
    if !(h > 0.0) {
        return Err(Error::invalid(
            "bandwidth",
            "a median distance of 0",
            "a bandwidth, where half of all pairs of points are equal",
        ));
    }
    let scale = -0.5 / (h * h);
    let [xx, yy, xy] = pair_sums(x, y, &|d| libm::exp(scale * d));
    let (m, n) = (x.count as f64, y.count as f64);
    Ok(Mmd {
        squared: 2.0 * xx / (m * (m - 1.0)) + 2.0 * yy / (n * (n - 1.0)) - 2.0 * xy / (m * n),
        bandwidth: h,
    })
}
