//! Laws with exact draws, density and score: what networks are trained on and judged by.

pub mod gaussian_mixture;

pub use gaussian_mixture::GaussianMixture;

use crate::error::{Error, Result};

/// A target by its name.
pub fn by_name(name: &str) -> Result<GaussianMixture> {
    match name {
        "double-peak" => Ok(GaussianMixture::double_peak()),
        _ => Err(Error::invalid(
            "target",
            format!("'{name}'"),
            "'double-peak' or a gaussian-mixture of your own",
        )),
    }
}
