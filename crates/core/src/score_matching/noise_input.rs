//! Noise levels as an input: log σ uniform between the logarithms of σ_min and σ_max, for each sample by the streams.

use super::config::TrainConfig;
use crate::network::Standard;
use crate::random::{Purpose, Stream, unit};

/// The law of σ.
pub struct NoiseInput {
    stream: Stream,
    /// ln σ_min and ln σ_max, in the network's units.
    low: f64,
    high: f64,
}

/// The deviation of U(0, 1), squared and inverted.
const TWELVE: f64 = 12.0;

impl NoiseInput {
    fn new(seed: u64, noise_min: f64, noise_max: f64) -> Self {
        Self {
            stream: Stream::new(seed, Purpose::NoiseLevels),
            low: libm::log(noise_min),
            high: libm::log(noise_max),
        }
    }

    /// σ of the samples of a step, and log σ standardised. Positions 2k and 2k + 1, whose ε are of opposite signs, share theirs.
    pub fn fill(&self, step: u64, sigma: &mut [f32], standardised: &mut [f32]) {
        for (i, (sigma, input)) in sigma.iter_mut().zip(standardised).enumerate() {
            let u = f64::from(unit(self.stream.word4((i / 2) as u32, step, 0)[0]));
            *sigma = libm::exp(self.low + (self.high - self.low) * u) as f32;
            *input = ((u - 0.5) * TWELVE.sqrt()) as f32;
        }
    }

    /// Mean and deviation of log σ.
    fn standard(&self) -> (f64, f64) {
        (
            (self.low + self.high) / 2.0,
            (self.high - self.low) / TWELVE.sqrt(),
        )
    }
}

impl TrainConfig {
    /// The levels, in the network's units, where they are an input.
    #[must_use]
    pub fn noise_levels_input(&self) -> Option<NoiseInput> {
        let unit = self.noise_unit();
        self.noise_input
            .then(|| NoiseInput::new(self.seed, self.noise_min / unit, self.noise_max / unit))
    }

    /// The units of what the network takes beside x: the stimuli, and log σ with σ in units of x.
    #[must_use]
    pub fn input_standard(&self) -> Option<Standard> {
        let mut standard = self.scaling.stimulus.clone();
        if self.noise_input {
            let (mean, deviation) = NoiseInput::new(0, self.noise_min, self.noise_max).standard();
            standard.mean.push(mean);
            standard.deviation.push(deviation);
        }
        (!standard.mean.is_empty()).then_some(standard)
    }
}
