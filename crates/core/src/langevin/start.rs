//! Where chains start: x₀ ~ U(low, high) or N(mean, deviation²) in every coordinate, addressed by chain and dimension.

use crate::error::{Error, Result, not_negative};
use crate::kernels::Scalar;
use crate::random::{Stream, gaussian::normals, unit};
use serde::{Deserialize, Serialize};

/// The law of the starting states.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Start {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        deviation: f64,
    },
    /// The mean and the deviation that the network's scaling has for each coordinate; N(0, 1) without a scaling.
    Data,
    /// Given by the caller, part by part.
    States,
}

/// A start as it is written: one flat object. (An internally tagged enum would read it through a tree of its own, four
/// times the code.)
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deviation: Option<f64>,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Uniform,
    Normal,
    Data,
    #[default]
    States,
}

impl TryFrom<Fields> for Start {
    type Error = &'static str;

    fn try_from(fields: Fields) -> core::result::Result<Self, Self::Error> {
        match fields {
            Fields {
                kind: Kind::Uniform,
                low: Some(low),
                high: Some(high),
                mean: None,
                deviation: None,
            } => Ok(Self::Uniform { low, high }),
            Fields {
                kind: Kind::Normal,
                low: None,
                high: None,
                mean: Some(mean),
                deviation: Some(deviation),
            } => Ok(Self::Normal { mean, deviation }),
            Fields {
                kind: kind @ (Kind::States | Kind::Data),
                low: None,
                high: None,
                mean: None,
                deviation: None,
            } => Ok(match kind {
                Kind::Data => Self::Data,
                _ => Self::States,
            }),
            _ => Err("a start is uniform with low and high, normal with mean and deviation, data, or states"),
        }
    }
}

impl From<Start> for Fields {
    fn from(start: Start) -> Self {
        match start {
            Start::Uniform { low, high } => Self {
                kind: Kind::Uniform,
                low: Some(low),
                high: Some(high),
                ..Self::default()
            },
            Start::Normal { mean, deviation } => Self {
                kind: Kind::Normal,
                mean: Some(mean),
                deviation: Some(deviation),
                ..Self::default()
            },
            Start::Data => Self {
                kind: Kind::Data,
                ..Self::default()
            },
            Start::States => Self::default(),
        }
    }
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

    /// Starting states [chain, n], in units of x but for `Data`, which are the network's own, of `chains` chains from absolute chain `first`.
    /// The odd chain of an antithetic pair starts at the even one's mirror image in the law's middle.
    #[inline(never)]
    pub(crate) fn states(
        self,
        stream: Stream,
        antithetic: bool,
        first: u32,
        chains: usize,
        n: usize,
    ) -> Vec<f32> {
        let this = if self == Self::Data { Self::default() } else { self };
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
                states.push(match this {
                    Self::Uniform { low, high } => {
                        let u = f64::from(unit(stream.word4(index, 0, d / 4)[lane]));
                        (low + (high - low) * if mirrored { 1.0 - u } else { u }) as f32
                    }
                    Self::Normal { mean, deviation } => {
                        let z: [Scalar; 4] = normals(stream, index, 0, d / 4);
                        (mean + deviation * f64::from(if mirrored { -z[lane].0 } else { z[lane].0 })) as f32
                    }
                    Self::Data | Self::States => 0.0,
                });
            }
        }
        states
    }
}
