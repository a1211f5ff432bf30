//! Annealed training: Adam on the denoising loss, level by level, a few epochs a call so that callers can watch and stop.

use super::adam::{Adam, Moments};
use super::config::TrainConfig;
use super::confinement;
use super::data::DataSource;
use super::loss::{Batch, RowsGradient, UnitGradient, Visit, reservoir_gradient, sampler_only_gradient};
use super::schedule::{level_of, noise_levels};
use super::{Level, Trained};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Scalar, Task, dispatch};
use crate::network::activation::with_activation;
use crate::network::reservoir::PackedReservoir;
use crate::network::{Activation, Architecture, Network, SamplerOnly, SamplerOnlyKind};
use crate::random::{Purpose, Stream, gaussian::paired_normals, unit};

/// A training run in progress.
pub struct AdamTrainer {
    pub(super) config: TrainConfig,
    source: DataSource,
    pub(super) learner: Learner,
    pub(super) adam: Adam,
    noise_levels: Vec<f64>,
    pub(super) epoch: usize,
    /// Steps since the start: they address the noise.
    pub(super) step: u64,
    losses: Vec<f64>,
    levels: Vec<Level>,
}

/// Weights with their moments.
pub(super) enum Learner {
    Reservoir {
        net: PackedReservoir,
        activation: Activation,
        w_fb: Moments,
        bias: Moments,
        w_out: Moments,
    },
    SamplerOnly {
        net: SamplerOnly,
        moments: [Moments; 4],
    },
}

/// U(−1/√fan_in, 1/√fan_in), as PyTorch's Linear; `tensor` tells the tensors of a network apart.
fn linear_init(seed: u64, tensor: u32, length: usize, fan_in: usize) -> Vec<f32> {
    let stream = Stream::new(seed, Purpose::Weights);
    let bound = 1.0 / (fan_in as f64).sqrt();
    (0..length as u32)
        .map(|i| {
            let u = unit(stream.word4(i / 4, 0, tensor)[(i % 4) as usize]);
            (bound * (2.0 * f64::from(u) - 1.0)) as f32
        })
        .collect()
}

impl Learner {
    fn new(config: &TrainConfig, n: usize) -> Self {
        let (seed, m, amsgrad) = (config.seed, config.units, config.adam.amsgrad);
        let kind = match config.architecture {
            Architecture::ReservoirSampler => {
                let net = crate::network::ReservoirSampler {
                    dimension: n,
                    units: m,
                    activation: config.activation,
                    w_out: linear_init(seed, 0, n * m, m),
                    w_fb: linear_init(seed, 1, m * n, n),
                    bias: linear_init(seed, 2, m, n),
                }
                .pack_to_learn();
                return Self::Reservoir {
                    activation: config.activation,
                    w_fb: Moments::new(net.w_fb.len(), amsgrad),
                    bias: Moments::new(net.bias.len(), amsgrad),
                    w_out: Moments::new(net.w_out.len(), amsgrad),
                    net,
                };
            }
            Architecture::SamplerOnlyRate => SamplerOnlyKind::Rate,
            Architecture::SamplerOnlyCurrent => SamplerOnlyKind::Current,
        };
        let identity = (0..n * n)
            .map(|i| if i % (n + 1) == 0 { 1.0 } else { 0.0 })
            .collect();
        Self::SamplerOnly {
            net: SamplerOnly {
                kind,
                dimension: n,
                activation: config.activation,
                w: linear_init(seed, 0, n * n, n),
                bias: linear_init(seed, 1, n, n),
                gamma: vec![1.0; n],
                sig: identity,
            },
            moments: [n * n, n, n, n * n].map(|length| Moments::new(length, amsgrad)),
        }
    }

    fn reset_moments(&mut self) {
        match self {
            Self::Reservoir {
                w_fb, bias, w_out, ..
            } => [w_fb, bias, w_out].into_iter().for_each(Moments::reset),
            Self::SamplerOnly { moments, .. } => moments.iter_mut().for_each(Moments::reset),
        }
    }

    fn network(&self) -> Network {
        match self {
            Self::Reservoir { net, activation, .. } => Network::Reservoir(net.unpack(*activation)),
            Self::SamplerOnly { net, .. } => Network::SamplerOnly(net.clone()),
        }
    }

    /// One step on a batch that holds x̃ and ε; returns its loss.
    fn learn<L: Lanes>(&mut self, batch: &mut Batch, noise: f64, adam: &Adam) -> f64 {
        match self {
            Self::Reservoir {
                net,
                activation,
                w_fb,
                bias,
                w_out,
            } => with_activation!(*activation, A => {
                let loss = batch.residual::<L, _>(&net.field::<A>(), noise);
                reservoir_gradient::<L, A>(net, batch, &mut Update { adam, w_fb, bias, w_out });
                loss
            }),
            Self::SamplerOnly { net, moments } => with_activation!(net.activation, A => {
                let loss = batch.residual::<L, _>(&net.field::<A>(), noise);
                let g = sampler_only_gradient::<A>(net, batch);
                let [w, bias, gamma, sig] = moments;
                // n and n² are seldom whole vectors, and small: one lane does.
                adam.update_all::<Scalar>(&mut net.w, w, &g.w);
                adam.update_all::<Scalar>(&mut net.bias, bias, &g.bias);
                adam.update_all::<Scalar>(&mut net.gamma, gamma, &g.gamma);
                adam.update_all::<Scalar>(&mut net.sig, sig, &g.sig);
                loss
            }),
        }
    }
}

/// Adam as the gradient's visitor.
struct Update<'a> {
    adam: &'a Adam,
    w_fb: &'a mut Moments,
    bias: &'a mut Moments,
    w_out: &'a mut Moments,
}

impl<L: Lanes> Visit<L> for Update<'_> {
    #[inline(always)]
    fn visit<const T: usize>(&mut self, net: &mut PackedReservoir, first: usize, g: UnitGradient<'_, L, T>) {
        for t in 0..T {
            let j = first + t * L::WIDTH;
            self.adam.update(&mut net.bias, self.bias, j, g.bias[t]);
            for d in 0..g.w_fb.len() {
                let at = d * net.columns + j;
                self.adam.update(&mut net.w_fb, self.w_fb, at, g.w_fb[d][t]);
                self.adam.update(&mut net.w_out, self.w_out, at, g.w_out[d][t]);
            }
        }
    }

    fn visit_rows(&mut self, net: &mut PackedReservoir, first: usize, g: RowsGradient<'_>) {
        let at = first * net.stride;
        self.adam
            .update_from::<L>(&mut net.bias, self.bias, first, g.bias);
        self.adam.update_from::<L>(&mut net.w_fb, self.w_fb, at, g.w_fb);
        self.adam
            .update_from::<L>(&mut net.w_out, self.w_out, at, g.w_out);
    }
}

impl AdamTrainer {
    /// Starts a run from a checked configuration.
    #[must_use]
    pub fn new(config: TrainConfig, source: DataSource) -> Self {
        let n = source.dimension();
        Self {
            learner: Learner::new(&config, n),
            adam: Adam::new(&config.adam),
            noise_levels: noise_levels(config.noise_max, config.noise_min, config.levels),
            config,
            source,
            epoch: 0,
            step: 0,
            losses: Vec::new(),
            levels: Vec::new(),
        }
    }

    #[must_use]
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }

    #[must_use]
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    #[must_use]
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// Noise levels that have ended.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// σ of the epoch that comes next, or of the last one when all are done.
    #[must_use]
    pub fn noise(&self) -> f64 {
        let last = self.config.adam.epochs - 1;
        self.noise_levels[level_of(self.epoch.min(last), self.config.adam.epochs, self.config.levels)]
    }

    /// Trains up to `epochs` more epochs; true when the run is complete.
    pub fn advance(&mut self, epochs: usize) -> Result<bool> {
        for _ in 0..epochs {
            if self.epoch == self.config.adam.epochs {
                break;
            }
            let kernel = self.config.kernel;
            let loss = dispatch(kernel, Epoch { run: self });
            if !loss.is_finite() {
                return Err(Error::TrainingDiverged {
                    epoch: self.epoch,
                    noise: self.noise(),
                    expected: "a smaller learningRate or a larger noiseMin".into(),
                });
            }
            self.losses.push(loss);
            let level = level_of(self.epoch, self.config.adam.epochs, self.config.levels);
            self.epoch += 1;
            let ended = self.epoch == self.config.adam.epochs
                || level_of(self.epoch, self.config.adam.epochs, self.config.levels) != level;
            if ended {
                self.levels.push(Level {
                    noise: self.noise_levels[level],
                    network: self.learner.network(),
                });
                if self.config.adam.restart_levels {
                    self.learner.reset_moments();
                    self.adam.reset();
                }
            }
        }
        Ok(self.epoch == self.config.adam.epochs)
    }

    /// Ends the run with what it has learned so far.
    pub fn finish(self) -> Result<Trained> {
        let network = self.learner.network();
        let reach = self
            .source
            .pass(self.config.seed, 0, self.config.points, self.config.kernel);
        let radius = confinement::radius(&reach, self.source.dimension(), self.config.points);
        let confinement = confinement::report(&network, radius, self.config.seed, 0.0, self.config.kernel)?;
        Ok(Trained {
            network,
            levels: self.levels,
            losses: self.losses,
            confinement,
        })
    }
}

struct Epoch<'a> {
    run: &'a mut AdamTrainer,
}

impl Task for Epoch<'_> {
    type Output = f64;

    fn run<L: Lanes>(self) -> f64 {
        let noise = self.run.noise();
        let AdamTrainer {
            config,
            source,
            learner,
            adam,
            step,
            epoch,
            ..
        } = self.run;
        let (n, points, size) = (source.dimension(), config.points, config.adam.batch);
        let data = source.pass(config.seed, *epoch as u64, points, config.kernel);
        let columns = data.len() / n;
        let mut noises = BatchNoise::new(config.seed, n, size);
        let mut batch = Batch::new(n, size);
        let mut sum = 0.0;
        let mut first = 0;
        while first < points {
            let count = size.min(points - first);
            if count != batch.size {
                batch = Batch::new(n, count);
            }
            for d in 0..n {
                let from = d * columns + first;
                batch.x[d * batch.columns..][..count].copy_from_slice(&data[from..from + count]);
            }
            noises.add::<L>(*step, noise, &mut batch);
            adam.next_step();
            sum += learner.learn::<L>(&mut batch, noise, adam) * count as f64;
            *step += 1;
            first += count;
        }
        sum / points as f64
    }
}

/// ε of a batch's positions, made for four steps at a time, in pairs of opposite signs: positions 2k and 2k + 1 have ε and −ε.
///
/// At a small σ most of a gradient's variance comes from ε/σ, which such a pair cancels to first order wherever the score's
/// derivatives by the weights agree at its two points. Each ε by itself stays standard normal, so the loss is the same.
struct BatchNoise {
    stream: Stream,
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
            columns,
            quad: None,
            values: vec![0.0; n * 4 * columns],
        }
    }

    /// x ← x + σε, e ← ε for the batch of this step.
    fn add<L: Lanes>(&mut self, step: u64, noise: f64, batch: &mut Batch) {
        if self.quad != Some(step / 4) {
            self.quad = Some(step / 4);
            for d in 0..batch.n {
                for first in (0..self.columns).step_by(L::WIDTH) {
                    let z = paired_normals::<L>(self.stream, first as u32, step / 4, d as u32);
                    for (k, z) in z.into_iter().enumerate() {
                        z.store(&mut self.values[(d * 4 + k) * self.columns + first..]);
                    }
                }
            }
        }
        let sigma = L::splat(noise as f32);
        for d in 0..batch.n {
            let from = (d * 4 + (step % 4) as usize) * self.columns;
            for first in (0..batch.columns).step_by(L::WIDTH) {
                let at = d * batch.columns + first;
                let z = L::load(&self.values[from + first..]);
                z.store(&mut batch.e[at..]);
                L::load(&batch.x[at..])
                    .add(sigma.mul(z))
                    .store(&mut batch.x[at..]);
            }
        }
    }
}
