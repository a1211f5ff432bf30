//! Laws with exact draws, density and score: what networks are trained on and judged by.

pub mod bounded;
pub mod curves;
pub mod gaussian_mixture;
pub mod laplace_mixture;
mod law;
pub mod simulators;

pub use gaussian_mixture::GaussianMixture;
pub use laplace_mixture::LaplaceMixture;
pub use law::Law;
pub use simulators::Simulator;

use crate::error::{Error, Result};
use crate::kernels::Kernel;
use crate::random::Stream;
use laplace_mixture::LaplaceAxis;

/// A law to learn.
#[derive(Clone, Debug)]
pub enum Target {
    GaussianMixture(GaussianMixture),
    LaplaceMixture(LaplaceMixture),
}

impl From<GaussianMixture> for Target {
    fn from(mixture: GaussianMixture) -> Self {
        Self::GaussianMixture(mixture)
    }
}

impl Target {
    /// A target by its name.
    pub fn by_name(name: &str) -> Result<Self> {
        Ok(Self::GaussianMixture(match name {
            "double-peak" => GaussianMixture::double_peak(),
            "ring" => curves::ring(),
            "spiral" => curves::spiral(),
            "laplace-mixture" => return Ok(Self::LaplaceMixture(LaplaceMixture::paper())),
            _ => {
                return Err(Error::invalid(
                    "target",
                    format!("'{name}'"),
                    "'double-peak', 'laplace-mixture', 'ring', 'spiral' or a gaussian-mixture of your own",
                ));
            }
        }))
    }

    #[must_use]
    pub fn dimension(&self) -> usize {
        match self {
            Self::GaussianMixture(mixture) => mixture.dimension(),
            Self::LaplaceMixture(_) => 2,
        }
    }

    /// `count` exact draws [n][padded count], lanes over draws; `time` tells passes over the stream apart.
    #[must_use]
    pub fn draws(&self, stream: Stream, first: u32, count: usize, time: u64, kernel: Kernel) -> Vec<f32> {
        match self {
            Self::GaussianMixture(mixture) => mixture.draws(stream, first, count, time, kernel),
            Self::LaplaceMixture(mixture) => mixture.draws(stream, first, count, time, kernel),
        }
    }

    /// Density [point] and score [point, n] at points [point, n] of the law with noise σ = `noise` added, 0 for none: with
    /// the noise of the last level of training, the very law that denoising score matching fits.
    #[must_use]
    pub fn values(&self, points: &[f64], noise: f64) -> (Vec<f64>, Vec<f64>) {
        let n = self.dimension();
        let mut score = vec![0.0; points.len()];
        let pairs = points.chunks_exact(n).zip(score.chunks_exact_mut(n));
        let density = match self {
            Self::GaussianMixture(mixture) => {
                let mixture = mixture.with_noise(noise);
                pairs
                    .map(|(x, s)| {
                        mixture.score(x, s);
                        mixture.density(x)
                    })
                    .collect()
            }
            Self::LaplaceMixture(mixture) => pairs
                .map(|(x, s)| {
                    let (density, score) = mixture.density_and_score(x, noise);
                    s.copy_from_slice(&score);
                    density
                })
                .collect(),
        };
        (density, score)
    }

    /// The target where only a law on the line will do, and only mixtures are.
    pub fn on_line(&self) -> Result<&GaussianMixture> {
        match self {
            Self::GaussianMixture(mixture) if mixture.dimension() == 1 => Ok(mixture),
            _ => Err(Error::invalid(
                "target",
                format!("{} dimensions", self.dimension()),
                "one dimension for quadrature",
            )),
        }
    }

    /// The law of one coordinate; in one dimension there is but one to choose.
    pub fn axis(&self, axis: Option<usize>) -> Result<Box<dyn Law>> {
        let n = self.dimension();
        let axis = match axis {
            Some(axis) if axis < n => axis,
            None if n == 1 => 0,
            other => {
                return Err(Error::invalid(
                    "axis",
                    other.map_or("not given".into(), |axis| axis.to_string()),
                    format!("one of the target's {n} axes, counted from 0"),
                ));
            }
        };
        Ok(match self {
            Self::GaussianMixture(mixture) => Box::new(mixture.axis(axis)),
            Self::LaplaceMixture(_) => Box::new(LaplaceAxis),
        })
    }
}
