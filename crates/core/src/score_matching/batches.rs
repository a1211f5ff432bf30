//! A pass over the data, batch by batch: x̃ = x + σε, and where log σ is an input, σ for each sample.

use super::config::TrainConfig;
use super::loss::Batch;
use super::noise_input::NoiseInput;
use crate::kernels::Lanes;
use crate::random::{Purpose, Stream, gaussian::paired_normals};

/// A pass in progress.
pub(super) struct Pass {
    /// [n][columns].
    data: Vec<f32>,
    columns: usize,
    points: usize,
    /// Points a step.
    size: usize,
    noises: BatchNoise,
    levels: Option<NoiseInput>,
    pub batch: Batch,
    /// Points that earlier batches held.
    first: usize,
    /// Σ loss · points of the batches so far.
    sum: f64,
}

impl Pass {
    /// Of `n` rows of data, the stimuli among them.
    pub fn new(data: Vec<f32>, n: usize, config: &TrainConfig) -> Self {
        let size = config.adam.batch;
        let levels = config.noise_levels_input();
        let rows = n + usize::from(levels.is_some());
        Self {
            columns: data.len() / n,
            data,
            points: config.points,
            size,
            noises: BatchNoise::new(config.seed, n - config.stimuli, size),
            levels,
            batch: Batch::new(rows, size),
            first: 0,
            sum: 0.0,
        }
    }

    /// Puts the next points and the noise of `step` into the batch.
    pub fn fill<L: Lanes>(&mut self, step: u64, noise: f64) {
        let count = self.size.min(self.points - self.first);
        if count != self.batch.size {
            self.batch = Batch::new(self.batch.n, count);
        }
        let batch = &mut self.batch;
        for (d, row) in self.data.chunks_exact(self.columns).enumerate() {
            batch.x[d * batch.columns..][..count].copy_from_slice(&row[self.first..self.first + count]);
        }
        if let Some(levels) = &self.levels {
            batch.sigma.resize(batch.columns, 0.0);
            let at = (batch.n - 1) * batch.columns;
            levels.fill(step, &mut batch.sigma, &mut batch.x[at..]);
        }
        self.noises.add::<L>(step, noise, batch);
    }

    /// How much of the pass is done, 0 … 1.
    pub fn part(&self) -> f64 {
        self.first as f64 / self.points as f64
    }

    /// Counts the batch that has been learned from; the mean loss when it was the last.
    pub fn count(&mut self, loss: f64) -> Option<f64> {
        self.sum += loss * self.batch.size as f64;
        self.first += self.batch.size;
        (self.first == self.points).then(|| self.sum / self.points as f64)
    }
}

/// ε of a batch's positions, made for four steps at a time, in pairs of opposite signs: positions 2k and 2k + 1 have ε and −ε.
///
/// At a small σ most of a gradient's variance comes from ε/σ, which such a pair cancels to first order wherever the score's
/// derivatives by the weights agree at its two points. Each ε by itself stays standard normal, so the loss is the same.
struct BatchNoise {
    stream: Stream,
    n: usize,
    columns: usize,
    quad: Option<u64>,
    /// [dimension][4 steps][columns].
    values: Vec<f32>,
}

impl BatchNoise {
    fn new(seed: u64, n: usize, size: usize) -> Self {
        let columns = crate::kernels::padded(size);
        let stream = Stream::new(seed, Purpose::TrainingNoise);
        Self {
            stream,
            n,
            columns,
            quad: None,
            values: vec![0.0; n * 4 * columns],
        }
    }

    /// x ← x + σε, e ← ε for the batch of this step.
    fn add<L: Lanes>(&mut self, step: u64, noise: f64, batch: &mut Batch) {
        if self.quad != Some(step / 4) {
            self.quad = Some(step / 4);
            for d in 0..self.n {
                for first in (0..self.columns).step_by(L::WIDTH) {
                    let z = paired_normals::<L>(self.stream, first as u32, step / 4, d as u32);
                    for (k, z) in z.into_iter().enumerate() {
                        z.store_at(&mut self.values, (d * 4 + k) * self.columns + first);
                    }
                }
            }
        }
        let all = L::splat(noise as f32);
        for d in 0..self.n {
            let from = (d * 4 + (step % 4) as usize) * self.columns;
            for first in (0..batch.columns).step_by(L::WIDTH) {
                let at = d * batch.columns + first;
                let z = L::load_at(&self.values, from + first);
                z.store_at(&mut batch.e, at);
                let sigma = batch.sigma.get(first..first + L::WIDTH).map_or(all, L::load);
                L::load_at(&batch.x, at)
                    .add(sigma.mul(z))
                    .store_at(&mut batch.x, at);
            }
        }
    }
}
