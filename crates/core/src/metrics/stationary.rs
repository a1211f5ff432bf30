//! The exact stationary law of a one-dimensional drift: p∞(x) ∝ exp ∫ s(x) dx, by quadrature on an even grid.

use super::fisher;
use crate::error::{Error, Result};
use crate::kernels::Kernel;
use crate::network::Network;
use crate::targets::{GaussianMixture, Law};

/// Points of the grid; at this spacing the trapezoidal error is far below every figure reported.
pub const POINTS: usize = 16_001;

/// A law on an even grid.
pub struct StationaryLaw {
    pub grid: Vec<f64>,
    pub density: Vec<f64>,
}

/// How well a learned score stands for a one-dimensional target.
pub struct ScoreQuality {
    pub fisher_divergence: f64,
    /// W1 between target and stationary law.
    pub law_wasserstein: f64,
    pub law: StationaryLaw,
    pub modes: usize,
}

impl StationaryLaw {
    /// p∞ on `grid` from scores there, normalised on the grid.
    #[must_use]
    pub fn from_scores(grid: Vec<f64>, scores: &[f32]) -> Self {
        let step = grid[1] - grid[0];
        let mut log = Vec::with_capacity(grid.len());
        let mut sum = 0.0;
        for i in 0..grid.len() {
            if i > 0 {
                sum += 0.5 * step * (f64::from(scores[i - 1]) + f64::from(scores[i]));
            }
            log.push(sum);
        }
        let top = log
            .iter()
            .fold(f64::NEG_INFINITY, |a, &b| if b > a { b } else { a });
        let mut density: Vec<f64> = log.iter().map(|l| libm::exp(l - top)).collect();
        let total: f64 = density.iter().sum::<f64>() * step;
        for p in &mut density {
            *p /= total;
        }
        Self { grid, density }
    }

    /// ∫ |F∞ − F| over the grid.
    #[must_use]
    pub fn wasserstein(&self, law: &dyn Law) -> f64 {
        let step = self.grid[1] - self.grid[0];
        let mut mass = 0.0;
        let mut sum = 0.0;
        for i in 0..self.grid.len() {
            if i > 0 {
                mass += 0.5 * step * (self.density[i - 1] + self.density[i]);
            }
            sum += (mass - law.cdf(self.grid[i])).abs();
        }
        sum * step
    }

    /// Peaks that rise above the valley next to them by more than 1 % of the highest: ripples of the fit don't count.
    #[must_use]
    pub fn modes(&self) -> usize {
        let top = self.density.iter().fold(0.0, |a, &b| if b > a { b } else { a });
        let ripple = 0.01 * top;
        let (mut modes, mut valley, mut peak, mut rising) = (0, 0.0, 0.0, true);
        for &p in &self.density {
            if rising {
                if p > peak {
                    peak = p;
                } else if p < peak - ripple {
                    if peak > valley + ripple {
                        modes += 1;
                    }
                    (rising, valley) = (false, p);
                }
            } else if p < valley {
                valley = p;
            } else if p > valley + ripple {
                (rising, peak) = (true, p);
            }
        }
        modes + usize::from(rising && peak > valley + ripple)
    }
}

/// Fisher divergence and stationary law of a network with one output.
pub fn quality(network: &Network, law: &GaussianMixture, kernel: Kernel) -> Result<ScoreQuality> {
    for (argument, n) in [("network", network.dimension()), ("target", law.dimension())] {
        if n != 1 {
            return Err(Error::invalid(
                argument,
                format!("{n} dimensions"),
                "one dimension for quadrature",
            ));
        }
    }
    let (low, high) = law.support();
    // Twice the target's own range: a law that leaks beyond it must show.
    let (middle, half) = (0.5 * (low + high), high - low);
    let step = 2.0 * half / (POINTS - 1) as f64;
    let grid: Vec<f64> = (0..POINTS).map(|i| middle - half + step * i as f64).collect();
    let points: Vec<f32> = grid.iter().map(|&x| x as f32).collect();
    let scores = network.score(&points, kernel)?;
    let fisher_divergence = fisher::divergence(&grid, &scores, law);
    let stationary = StationaryLaw::from_scores(grid, &scores);
    Ok(ScoreQuality {
        fisher_divergence,
        law_wasserstein: stationary.wasserstein(law),
        modes: stationary.modes(),
        law: stationary,
    })
}
