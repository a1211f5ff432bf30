//! Annealed training: Adam on the denoising loss, level by level, a few epochs a call so that callers can watch and stop.

use super::adam::Adam;
use super::batches::Pass;
use super::config::TrainConfig;
use super::confinement::{self, ConfinementReport};
use super::data::DataSource;
use super::learner::Learner;
use super::schedule::{epochs_of, level_of, noise_levels};
use super::split::{Share, splits};
use super::{Level, Trained};
use crate::error::{Error, Result};
use crate::kernels::product::Blocks;
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::Network;

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
    /// The epoch at hand, from its first step on.
    pass: Option<Pass>,
}

impl AdamTrainer {
    /// Starts a run from a checked configuration.
    #[must_use]
    pub fn new(config: TrainConfig, source: DataSource) -> Self {
        let share = Share::whole(config.units);
        Self::of_share(config, source, share)
    }

    /// Starts one owner's part of a run.
    #[must_use]
    pub fn of_share(config: TrainConfig, source: DataSource, share: Share) -> Self {
        let n = source.dimension() + usize::from(config.noise_input);
        Self {
            learner: Learner::new(&config, n, share),
            adam: Adam::new(&config.adam),
            noise_levels: noise_levels(config.noise_max, config.noise_min, config.levels),
            config,
            source,
            epoch: 0,
            step: 0,
            losses: Vec::new(),
            levels: Vec::new(),
            pass: None,
        }
    }

    /// Puts the weights of a network in the place of the random ones with which a run begins.
    pub fn begin_from(&mut self, network: &Network) -> Result<()> {
        let TrainConfig {
            architecture,
            units,
            activation,
            ..
        } = self.config;
        let (m, phi) = match network {
            Network::Reservoir(net) => (net.units, net.activation),
            Network::SamplerOnly(net) => (net.dimension, net.activation),
        };
        let (n, dimension) = (network.dimension(), self.source.dimension() - self.config.stimuli);
        if (network.architecture(), n, m, phi) != (architecture, dimension, units, activation) {
            return Err(Error::invalid(
                "initial",
                format!("{:?} of {n} outputs, {m} units, {phi:?}", network.architecture()),
                format!(
                    "{architecture:?} of {dimension} outputs, {units} units, {activation:?}, as the run's"
                ),
            ));
        }
        let inputs = network.input().map_or(0, |input| input.size);
        let x = self.config.standardise.then_some(&self.config.scaling.x);
        if inputs != self.config.inputs() || network.standard() != x {
            return Err(Error::invalid(
                "initial",
                format!("{inputs} inputs, x in units of {:?}", network.standard()),
                format!(
                    "{} inputs, x in units of {x:?}, as the run's",
                    self.config.inputs()
                ),
            ));
        }
        self.learner.begin_from(network);
        Ok(())
    }

    /// Puts fresh points in the place of a user's, between two epochs.
    pub fn feed(&mut self, points: Vec<f32>) -> Result<()> {
        self.source.feed(points, &self.config.scaling)
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

    /// η of the step that comes next.
    fn rate(&self) -> f64 {
        let TrainConfig {
            points, levels, adam, ..
        } = &self.config;
        let level = epochs_of(level_of(self.epoch, adam.epochs, *levels), adam.epochs, *levels);
        let each = points.div_ceil(adam.batch) as f64;
        let done = self.step as f64 - level.start as f64 * each;
        adam.rate(done / (level.len() as f64 * each))
    }

    /// Trains up to `epochs` more epochs; true when the run is complete.
    pub fn advance(&mut self, epochs: usize) -> Result<bool> {
        for _ in 0..epochs {
            if self.complete() {
                break;
            }
            let loss = dispatch(self.config.kernel, Epoch(self));
            self.end_epoch(loss)?;
        }
        Ok(self.complete())
    }

    /// First half of a step: the own groups of [`group_sums`](Self::group_sums).
    pub fn begin_step(&mut self) {
        dispatch(self.config.kernel, Begin(self));
    }

    /// S_g of all groups, one after the other; empty where scores aren't split. Owners exchange theirs between the halves.
    pub fn group_sums(&mut self) -> &mut [Blocks] {
        match &mut self.learner {
            Learner::Reservoir { sums, .. } => sums,
            Learner::SamplerOnly { .. } => &mut [],
        }
    }

    /// Second half of a step; true when the run is complete.
    pub fn end_step(&mut self) -> Result<bool> {
        if let Some(loss) = dispatch(self.config.kernel, End(self)) {
            self.end_epoch(loss)?;
        }
        Ok(self.complete())
    }

    /// Whether steps may be long, so that they are best taken one by one.
    #[must_use]
    pub fn stepwise(&self) -> bool {
        splits(self.source.dimension() + usize::from(self.config.noise_input))
    }

    /// Epochs done, with the part of the one at hand.
    #[must_use]
    pub fn done(&self) -> f64 {
        self.epoch as f64 + self.pass.as_ref().map_or(0.0, Pass::part)
    }

    /// True before an epoch's first step, where a run can be kept.
    #[must_use]
    pub fn between_epochs(&self) -> bool {
        self.pass.is_none()
    }

    fn complete(&self) -> bool {
        self.epoch == self.config.adam.epochs
    }

    fn score_batch<L: Lanes>(&mut self) {
        let noise = self.noise();
        let Self {
            config,
            source,
            learner,
            step,
            epoch,
            pass,
            ..
        } = self;
        let pass = pass.get_or_insert_with(|| {
            let data = source.pass(config.seed, *epoch as u64, config.points, config.kernel);
            Pass::new(data, source.dimension(), config)
        });
        pass.fill::<L>(*step, noise / config.noise_unit());
        learner.score::<L>(&mut pass.batch);
    }

    /// The mean loss when the epoch has ended.
    fn learn_batch<L: Lanes>(&mut self) -> Option<f64> {
        let (noise, rate) = (self.noise(), self.rate());
        let pass = self.pass.as_mut()?;
        self.adam.next_step(rate);
        let loss = self
            .learner
            .learn::<L>(&mut pass.batch, noise / self.config.noise_unit(), &self.adam);
        self.step += 1;
        pass.count(loss)
    }

    fn end_epoch(&mut self, loss: f64) -> Result<()> {
        self.pass = None;
        if !loss.is_finite() {
            return Err(Error::TrainingDiverged {
                epoch: self.epoch,
                noise: self.noise(),
                expected: "a smaller learningRate or a larger noiseMin".into(),
            });
        }
        self.losses.push(loss);
        let level_of = |epoch| level_of(epoch, self.config.adam.epochs, self.config.levels);
        let level = level_of(self.epoch);
        self.epoch += 1;
        if self.complete() || level_of(self.epoch) != level {
            self.levels.push(Level {
                noise: self.noise_levels[level],
                network: self.network(),
            });
            if self.config.adam.restart_levels {
                self.learner.reset_moments();
                self.adam.reset();
            }
        }
        Ok(())
    }

    /// The network as it stands, or an owner's share of its units.
    #[must_use]
    pub fn network(&self) -> Network {
        self.config.in_units(self.learner.network())
    }

    /// Whether a network's drift points inward beyond this run's data.
    pub fn confinement(&self, network: &Network) -> Result<ConfinementReport> {
        let TrainConfig {
            seed, points, kernel, ..
        } = self.config;
        let reach = self.source.pass(seed, 0, points, kernel);
        let n = network.dimension();
        let radius = confinement::radius(&reach[..reach.len() / self.source.dimension() * n], n, points);
        let held = confinement::held(network, &reach, points, &self.config);
        confinement::report_over(held, radius, seed, 0.0, kernel)
    }

    /// Ends the run with what it has learned so far.
    pub fn finish(self) -> Result<Trained> {
        let network = self.network();
        let confinement = self.confinement(&network)?;
        Ok(Trained {
            network,
            levels: self.levels,
            losses: self.losses,
            confinement,
        })
    }
}

/// Whole steps until the pass ends.
struct Epoch<'a>(&'a mut AdamTrainer);

impl Task for Epoch<'_> {
    type Output = f64;

    fn run<L: Lanes>(self) -> f64 {
        loop {
            self.0.score_batch::<L>();
            if let Some(loss) = self.0.learn_batch::<L>() {
                return loss;
            }
        }
    }
}

struct Begin<'a>(&'a mut AdamTrainer);

impl Task for Begin<'_> {
    type Output = ();

    fn run<L: Lanes>(self) {
        self.0.score_batch::<L>();
    }
}

struct End<'a>(&'a mut AdamTrainer);

impl Task for End<'_> {
    type Output = Option<f64>;

    fn run<L: Lanes>(self) -> Option<f64> {
        self.0.learn_batch::<L>()
    }
}
