//! Standardised units: y = (x − μ)/δ for each coordinate. A network may work in y while its users speak of x.
//!
//! Then ∇ log p(x) = s(y)/δ; the dynamics run in y, so that in x they are preconditioned by δ², with the same law.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Mean μ and deviation δ of each coordinate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    pub mean: Vec<f64>,
    pub deviation: Vec<f64>,
}

/// The units of data: of x, empty where those are the network's own, and of the stimuli.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaling {
    pub x: Standard,
    pub stimulus: Standard,
}

impl Standard {
    /// μ = 0, δ = 1.
    #[must_use]
    pub fn identity(n: usize) -> Self {
        Self {
            mean: vec![0.0; n],
            deviation: vec![1.0; n],
        }
    }

    /// Of coordinates `first` … `first + n − 1` of rows of `width` numbers; one that never varies keeps its unit.
    #[must_use]
    pub fn of(rows: &[f32], width: usize, first: usize, n: usize) -> Self {
        let count = (rows.len() / width) as f64;
        let mut standard = Self::identity(n);
        for d in 0..n {
            let values = || rows.chunks_exact(width).map(move |row| f64::from(row[first + d]));
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
            standard.mean[d] = mean;
            if variance > 0.0 {
                standard.deviation[d] = variance.sqrt();
            }
        }
        standard
    }

    /// Checks that there is a finite mean and a positive deviation for each of `n` coordinates.
    pub fn validate(&self, n: usize) -> Result<()> {
        let good = self.mean.len() == n
            && self.deviation.len() == n
            && self.mean.iter().all(|v| v.is_finite())
            && self.deviation.iter().all(|v| v.is_finite() && *v > 0.0);
        if good {
            return Ok(());
        }
        Err(Error::invalid(
            "scaling",
            format!("mean {:?}, deviation {:?}", self.mean, self.deviation),
            format!("{n} finite means and {n} deviations above 0"),
        ))
    }

    /// δ̄, the root mean square of the deviations: what a noise level in units of x is divided by.
    #[must_use]
    pub fn unit(&self) -> f64 {
        let square: f64 = self.deviation.iter().map(|v| v * v).sum();
        (square / self.deviation.len() as f64).sqrt()
    }

    /// δ̄ in the place of every deviation, so that distances keep their proportions.
    #[must_use]
    pub fn isotropic(mut self) -> Self {
        let unit = self.unit();
        self.deviation.fill(unit);
        self
    }

    /// Whether single precision learns data in these units ill: its spread far from 1, or its middle far from 0 beside it.
    #[must_use]
    pub fn is_far_from_unit(&self) -> bool {
        let mut both = self.mean.iter().zip(&self.deviation);
        both.any(|(mean, deviation)| !(0.2..=5.0).contains(deviation) || mean.abs() > 5.0 * deviation)
    }

    /// x → y in rows, from coordinate `first` on.
    pub fn standardise(&self, rows: &mut [f32], width: usize, first: usize) {
        self.each(rows, width, first, |x, mean, deviation| (x - mean) / deviation);
    }

    /// y → x in rows.
    pub fn restore(&self, rows: &mut [f32]) {
        self.each(rows, self.mean.len(), 0, |y, mean, deviation| {
            mean + deviation * y
        });
    }

    /// s(y) → s(x) in rows.
    pub fn restore_scores(&self, rows: &mut [f32]) {
        self.each(rows, self.mean.len(), 0, |s, _, deviation| s / deviation);
    }

    fn each(&self, rows: &mut [f32], width: usize, first: usize, map: fn(f64, f64, f64) -> f64) {
        for row in rows.chunks_exact_mut(width) {
            for (v, (mean, deviation)) in row[first..].iter_mut().zip(self.mean.iter().zip(&self.deviation)) {
                *v = map(f64::from(*v), *mean, *deviation) as f32;
            }
        }
    }
}
