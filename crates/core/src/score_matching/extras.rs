//! What a configuration asks for beyond a plain score: a Q, stimuli, log σ as an input, and units of the data's own.

use super::Method;
use super::config::TrainConfig;
use crate::error::{Error, Result, positive};
use crate::network::{Architecture, Irreversible, Network, Scaling};

/// What a noise level in units of x is divided by to be in the network's units.
pub(super) fn noise_unit(scaling: &Scaling) -> f64 {
    if scaling.x.mean.is_empty() {
        1.0
    } else {
        scaling.x.unit()
    }
}

impl TrainConfig {
    /// What a noise level in units of x is divided by to be in the network's units.
    #[must_use]
    pub fn noise_unit(&self) -> f64 {
        noise_unit(&self.scaling)
    }

    /// Entries of the network's input: stimuli and log σ.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.stimuli + usize::from(self.noise_input)
    }

    /// The given Q, checked before.
    pub(super) fn given_q(&self, n: usize) -> Option<Irreversible> {
        let rows = self.irreversible.as_ref()?;
        Irreversible::given(rows, n).ok()
    }

    /// The network, told of the units that x has.
    pub(super) fn in_units(&self, mut network: Network) -> Network {
        if self.standardise {
            *network.standard_mut() = Some(self.scaling.x.clone());
        }
        network
    }

    /// Checks all of this for a network of `n` outputs.
    pub(super) fn validate_extras(&self, n: usize) -> Result<()> {
        let reservoir = self.architecture == Architecture::ReservoirSampler;
        for (argument, value, asked) in [
            ("irreversible", "given", self.irreversible.is_some()),
            ("irreversibleScale", "given", self.irreversible_scale.is_some()),
            ("noiseInput", "true", self.noise_input),
            ("stimuli", "given", self.stimuli > 0),
        ] {
            if asked && !reservoir {
                return Err(Error::unsupported(
                    argument,
                    value,
                    "only the reservoir-sampler learns this; a sampler-only network has no such terms",
                ));
            }
        }
        if let Some(rows) = &self.irreversible {
            Irreversible::given(rows, n)?;
        }
        if let Some(scale) = self.irreversible_scale {
            positive("irreversibleScale", scale)?;
            if self.irreversible.is_some() {
                return Err(Error::invalid(
                    "irreversibleScale",
                    scale,
                    "none beside a given Q: it is the size of a learned one",
                ));
            }
            if n < 2 {
                return Err(Error::invalid(
                    "irreversibleScale",
                    scale,
                    "none in one dimension, where the only skew-symmetric Q is 0",
                ));
            }
            if self.method == Method::ClosedForm {
                return Err(Error::unsupported(
                    "irreversibleScale",
                    scale,
                    "J is learned by adam; the closed form takes a given Q (irreversible)",
                ));
            }
        }
        if self.noise_input {
            if self.levels != 1 {
                return Err(Error::invalid(
                    "levels",
                    self.levels,
                    "1 with a noise-level input: σ is drawn between noiseMin and noiseMax for each sample",
                ));
            }
            if self.noise_min >= self.noise_max {
                return Err(Error::invalid(
                    "noiseMin",
                    self.noise_min,
                    format!("below noiseMax = {} with a noise-level input", self.noise_max),
                ));
            }
        }
        Ok(())
    }
}
