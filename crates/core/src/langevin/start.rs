//! Where chains start: x₀ ~ U(low, high) or N(mean, deviation²) in every coordinate, addressed by chain and dimension.

use crate::error::{Error, Result, not_negative};
use crate::kernels::Scalar;
use crate::random::{Stream, gaussian::normals, unit};
use serde::{Deserialize, Serialize};

/// The law of the starting states.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Start {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        deviation: f64,
    },
    /// Given by the caller, part by part.
    States,
}

impl Default for Start {
    fn default() -> Self {
        Self::Normal {
            mean: 0.0,
            deviation: 1.0,
        }
    }
}

impl Start {
    pub(crate) fn validate(self) -> Result<()> {
        match self {
            Self::Uniform { low, high } if !(low.is_finite() && high.is_finite() && low <= high) => {
                Err(Error::invalid(
                    "start",
                    format!("uniform({low}, {high})"),
                    "finite bounds, low ≤ high",
                ))
            }
            Self::Normal { mean, .. } if !mean.is_finite() => {
                Err(Error::invalid("start.mean", mean, "a finite number"))
            }
            Self::Normal { deviation, .. } => not_negative("start.deviation", deviation).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Starting states [chain, n] of `chains` chains from absolute chain `first`.
    /// The odd chain of an antithetic pair starts at the even one's mirror image in the law's middle.
    pub(crate) fn states(
        self,
        stream: Stream,
        antithetic: bool,
        first: u32,
        chains: usize,
        n: usize,
    ) -> Vec<f32> {
        let mut states = Vec::with_capacity(chains * n);
        for chain in 0..chains as u32 {
            for d in 0..n as u32 {
                let number = first.wrapping_add(chain);
                let (index, mirrored) = if antithetic {
                    (number / 2, number % 2 == 1)
                } else {
                    (number, false)
                };
                let lane = (d % 4) as usize;
                states.push(match self {
                    Self::Uniform { low, high } => {
                        let u = f64::from(unit(stream.word4(index, 0, d / 4)[lane]));
                        (low + (high - low) * if mirrored { 1.0 - u } else { u }) as f32
                    }
                    Self::Normal { mean, deviation } => {
                        let z: [Scalar; 4] = normals(stream, index, 0, d / 4);
                        (mean + deviation * f64::from(if mirrored { -z[lane].0 } else { z[lane].0 })) as f32
                    }
                    Self::States => 0.0,
                });
            }
        }
        states
    }
}
