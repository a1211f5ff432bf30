//! Denoising score matching: L = ½ E ‖ s(x + σε) + ε/σ ‖², by annealed Adam or in closed form.

pub mod adam;
mod batches;
pub mod checkpoint;
pub mod closed_form;
pub mod config;
pub mod confinement;
pub mod data;
mod extras;
pub mod features;
mod learner;
pub mod loss;
pub mod many_outputs;
pub mod moments;
pub mod noise_input;
pub mod objective;
mod ranked;
mod ridge;
pub mod schedule;
mod sign_tables;
pub mod split;
pub mod trainer;

pub use checkpoint::Checkpoint;
pub use closed_form::ClosedFormTrainer;
pub use config::{Method, SolveLevels, TrainConfig, TrainOptions};
pub use confinement::ConfinementReport;
pub use data::DataSource;
pub use trainer::AdamTrainer;

use crate::error::{Error, Result};
use crate::network::Network;
use split::Share;

/// A network as it was at the end of a noise level.
#[derive(Clone, Debug)]
pub struct Level {
    pub noise: f64,
    pub network: Network,
}

/// What training ends with.
#[derive(Clone, Debug)]
pub struct Trained {
    pub network: Network,
    pub levels: Vec<Level>,
    /// Adam: mean denoising loss of each epoch. Closed form: held-out implicit loss E[½‖s‖² + ∇·s] of each level.
    pub losses: Vec<f64>,
    pub confinement: ConfinementReport,
}

/// A training run by either method, a part at a time.
pub enum Trainer {
    Adam(Box<AdamTrainer>),
    ClosedForm(Box<ClosedFormTrainer>),
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingProgress {
    /// Epochs (Adam) or noise levels (closed form), done and in all; part of an epoch counts.
    pub done: f64,
    pub total: usize,
    /// The newest loss, and the noise level that comes next.
    pub loss: Option<f64>,
    pub noise: f64,
}

impl Trainer {
    /// Starts a run from a checked configuration.
    #[must_use]
    pub fn new(config: TrainConfig, source: DataSource) -> Self {
        match config.method {
            Method::Adam => Self::Adam(Box::new(AdamTrainer::new(config, source))),
            Method::ClosedForm => Self::ClosedForm(Box::new(ClosedFormTrainer::new(config, source))),
        }
    }

    /// Starts the part of one of several owners; only Adam's runs are split.
    #[must_use]
    pub fn of_share(config: TrainConfig, source: DataSource, share: Share) -> Self {
        match config.method {
            Method::Adam => Self::Adam(Box::new(AdamTrainer::of_share(config, source, share))),
            Method::ClosedForm => Self::new(config, source),
        }
    }

    #[must_use]
    pub fn config(&self) -> &TrainConfig {
        match self {
            Self::Adam(run) => run.config(),
            Self::ClosedForm(run) => run.config(),
        }
    }

    #[must_use]
    pub fn progress(&self) -> TrainingProgress {
        match self {
            Self::Adam(run) => TrainingProgress {
                done: run.done(),
                total: run.config().adam.epochs,
                loss: run.losses().last().copied(),
                noise: run.noise(),
            },
            Self::ClosedForm(run) => TrainingProgress {
                done: run.losses().len() as f64,
                total: run.total(),
                loss: run.losses().last().copied(),
                noise: run.noise(),
            },
        }
    }

    /// Losses and levels since this run began or was resumed.
    #[must_use]
    pub fn so_far(&self) -> (&[f64], &[Level]) {
        match self {
            Self::Adam(run) => (run.losses(), run.levels()),
            Self::ClosedForm(run) => (run.losses(), run.levels()),
        }
    }

    /// The network as it is now; in closed form that of the last level done.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        match self {
            Self::Adam(run) => Some(run.network()),
            Self::ClosedForm(run) => run.levels().last().map(|level| level.network.clone()),
        }
    }

    /// Puts fresh points [points, n] in the place of a user's, for the next epoch or level.
    pub fn feed(&mut self, points: Vec<f32>) -> Result<()> {
        match self {
            Self::Adam(run) => run.feed(points),
            Self::ClosedForm(run) => run.feed(points),
        }
    }

    /// Up to `count` more epochs, or one more noise level; true when the run is complete.
    pub fn advance(&mut self, count: usize) -> Result<bool> {
        match self {
            Self::Adam(run) => run.advance(count),
            Self::ClosedForm(run) => run.advance(),
        }
    }

    /// A run by Adam, whose steps can be taken one by one.
    pub fn adam(&mut self) -> Result<&mut AdamTrainer> {
        match self {
            Self::Adam(run) => Ok(run),
            Self::ClosedForm(_) => Err(Error::unsupported(
                "method",
                "closed-form",
                "adam: the closed form has neither steps nor initial weights",
            )),
        }
    }

    /// Ends the run with what it has learned so far.
    pub fn finish(self) -> Result<Trained> {
        match self {
            Self::Adam(run) => run.finish(),
            Self::ClosedForm(run) => run.finish(),
        }
    }

    /// Where an Adam run stands; the closed form's levels are too short to be worth one.
    pub fn checkpoint(&mut self) -> Result<Checkpoint> {
        match self {
            Self::Adam(run) => Ok(run.checkpoint()),
            Self::ClosedForm(_) => Err(no_checkpoints()),
        }
    }

    /// Puts a fresh Adam run where a checkpoint stood.
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        match self {
            Self::Adam(run) => run.resume(checkpoint),
            Self::ClosedForm(_) => Err(no_checkpoints()),
        }
    }
}

#[cold]
fn no_checkpoints() -> Error {
    Error::unsupported(
        "method",
        "closed-form",
        "checkpoints belong to training by adam; the closed form solves each level in one call",
    )
}
