//! The stimulus input of an RSN: s(x | u) = −x + W_out φ(W_fb x + W_in u + b). A u that is held only changes the bias, b + W_in u.
//!
//! The last entry of u may be log σ: one network for all noise levels, as a neuromodulator would set them.

use super::scaling::Standard;
use super::{Network, ReservoirSampler};
use crate::error::{Error, Result, finite, length, positive};
use std::borrow::Cow;

/// W_in, and what it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Entries of u, log σ among them.
    pub size: usize,
    /// Whether the last entry is log σ.
    pub noise: bool,
    /// W_in [m, size].
    pub weights: Vec<f32>,
    /// The units of u; of log σ, σ in units of x.
    pub standard: Standard,
}

impl Input {
    /// Checks shapes and values for m units.
    pub fn new(units: usize, noise: bool, weights: Vec<f32>, standard: Standard) -> Result<Self> {
        let size = weights.len() / units;
        length(
            "W_in.weight",
            weights.len(),
            units * size.max(1),
            "[m, k], k of 1 or more",
        )?;
        finite("W_in.weight", &weights)?;
        standard.validate(size)?;
        Ok(Self {
            size,
            noise,
            weights,
            standard,
        })
    }

    /// k, the entries of a stimulus without log σ.
    #[must_use]
    pub fn stimuli(&self) -> usize {
        self.size - usize::from(self.noise)
    }

    /// b + W_in u, in double precision, rounded once.
    fn bias(&self, bias: &[f32], u: &[f64]) -> Vec<f32> {
        let u: Vec<f64> = (u.iter().zip(&self.standard.mean).zip(&self.standard.deviation))
            .map(|((u, mean), deviation)| (u - mean) / deviation)
            .collect();
        let rows = self.weights.chunks_exact(self.size);
        (bias.iter().zip(rows))
            .map(|(b, row)| {
                let drive = row.iter().zip(&u).map(|(w, u)| f64::from(*w) * u).sum::<f64>();
                (f64::from(*b) + drive) as f32
            })
            .collect()
    }
}

/// Checks a stimulus and a noise level, in their own units, against a network; empty and None are none.
pub fn check(network: &Network, stimulus: &[f64], noise: Option<f64>) -> Result<()> {
    let input = network.input();
    let (k, takes_noise) = input.map_or((0, false), |input| (input.stimuli(), input.noise));
    if stimulus.len() != k || stimulus.iter().any(|v| !v.is_finite()) {
        return Err(Error::invalid(
            "stimulus",
            format!("{stimulus:?}"),
            match k {
                0 => "none: the network has no stimulus input".to_owned(),
                _ => {
                    format!("{k} finite numbers, in the units of the stimuli that the network was trained on")
                }
            },
        ));
    }
    match noise {
        Some(_) if !takes_noise => Err(Error::invalid(
            "noise",
            noise.unwrap_or_default(),
            "none: the network has no noise-level input",
        )),
        Some(noise) => positive("noise", noise).map(|_| ()),
        None if takes_noise => Err(Error::invalid(
            "noise",
            "missing",
            "a noise level σ above 0, in units of x: the network was trained for many",
        )),
        None => Ok(()),
    }
}

impl ReservoirSampler {
    /// b with a stimulus and a noise level held, both checked and in their own units.
    #[must_use]
    pub fn bias_at(&self, stimulus: &[f64], noise: Option<f64>) -> Cow<'_, [f32]> {
        let Some(input) = &self.input else {
            return Cow::Borrowed(&self.bias);
        };
        let mut u = stimulus.to_vec();
        u.extend(noise.map(libm::log));
        Cow::Owned(input.bias(&self.bias, &u))
    }

    /// The network while its input is held, see [`Network::at`].
    #[must_use]
    pub fn at(&self, stimulus: &[f64], noise: Option<f64>) -> Cow<'_, Self> {
        if self.input.is_none() {
            return Cow::Borrowed(self);
        }
        let bias = self.bias_at(stimulus, noise).into_owned();
        let mut held = self.clone();
        (held.bias, held.input) = (bias, None);
        Cow::Owned(held)
    }
}

impl Network {
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        match self {
            Self::Reservoir(net) => net.input.as_ref(),
            Self::SamplerOnly(_) => None,
        }
    }

    /// The network with a stimulus and a noise level held, both checked and in their own units: it has an input no more.
    #[must_use]
    pub fn at(&self, stimulus: &[f64], noise: Option<f64>) -> Cow<'_, Self> {
        match self {
            Self::Reservoir(net) => match net.at(stimulus, noise) {
                Cow::Owned(held) => Cow::Owned(Self::Reservoir(held)),
                Cow::Borrowed(_) => Cow::Borrowed(self),
            },
            Self::SamplerOnly(_) => Cow::Borrowed(self),
        }
    }
}
