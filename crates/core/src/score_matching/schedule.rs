//! The annealing schedule: σ_k = σ_max (σ_min/σ_max)^(k/(K−1)), equal numbers of epochs.

use core::ops::Range;

/// K noise levels, geometric, both ends exact.
#[must_use]
pub fn noise_levels(noise_max: f64, noise_min: f64, levels: usize) -> Vec<f64> {
    if levels == 1 {
        return vec![noise_min];
    }
    (0..levels)
        .map(|k| match k {
            0 => noise_max,
            _ if k == levels - 1 => noise_min,
            _ => noise_max * libm::pow(noise_min / noise_max, k as f64 / (levels - 1) as f64),
        })
        .collect()
}

/// The epochs of a level when `epochs` are shared out evenly; earlier levels take what doesn't divide.
#[must_use]
pub fn epochs_of(level: usize, epochs: usize, levels: usize) -> Range<usize> {
    let (each, more) = (epochs / levels, epochs % levels);
    let first = |level| each * level + more.min(level);
    first(level)..first(level + 1)
}

/// The level of an epoch.
#[must_use]
pub fn level_of(epoch: usize, epochs: usize, levels: usize) -> usize {
    let (each, more) = (epochs / levels, epochs % levels);
    let longer = more * (each + 1);
    if epoch < longer {
        epoch / (each + 1)
    } else {
        more + (epoch - longer) / each
    }
}
