//! What a training run is made of, with every default filled in and every bound checked before work starts.

use super::extras::noise_unit;
use crate::error::{Error, Result, count, not_negative, positive, within_budget};
use crate::kernels::Kernel;
use crate::network::{Activation, Architecture, MOST_UNITS, Scaling};
use serde::{Deserialize, Serialize};

/// How a network is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// One regularised least-squares solve of W_out a noise level, W_fb and b fixed.
    ClosedForm,
    /// The paper's annealed training of all weights.
    Adam,
}

/// Noise levels that the closed form solves. None depends on another, so the last has the same bits either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SolveLevels {
    #[default]
    All,
    Last,
}

/// What a user asks for; whatever is absent takes its default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TrainOptions {
    pub architecture: Option<String>,
    pub units: Option<usize>,
    pub activation: Option<Activation>,
    pub method: Option<Method>,
    pub seed: Option<u64>,
    pub points: Option<usize>,
    pub noise_max: Option<f64>,
    pub noise_min: Option<f64>,
    pub levels: Option<usize>,
    pub solve_levels: Option<SolveLevels>,
    pub epochs: Option<usize>,
    pub batch: Option<usize>,
    pub learning_rate: Option<f64>,
    pub final_learning_rate: Option<f64>,
    pub weight_decay: Option<f64>,
    pub amsgrad: Option<bool>,
    pub restart_levels: Option<bool>,
    pub ridges: Option<Vec<f64>>,
    pub anchor_pull: Option<f64>,
    /// A given Q as rows: (I + Q)⁻¹ times the raw output becomes the score.
    pub irreversible: Option<Vec<Vec<f64>>>,
    /// c of a Q = c (J − Jᵀ)/‖J − Jᵀ‖_F whose J is learned.
    pub irreversible_scale: Option<f64>,
    /// log σ as an input: one network for all noise levels.
    pub noise_input: Option<bool>,
    /// Whether x is standardised; absent: where single precision needs it. Data of one's own only.
    pub standardise: Option<bool>,
    /// One deviation for all coordinates where x is standardised.
    pub common_deviation: Option<bool>,
    /// The units of the data, from whoever put it in others.
    #[serde(skip)]
    pub scaling: Option<Scaling>,
}

/// A checked, complete configuration.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrainConfig {
    pub architecture: Architecture,
    /// m; n for sampler-only networks.
    pub units: usize,
    pub activation: Activation,
    pub method: Method,
    pub seed: u64,
    /// Points of a pass: an epoch, or all that the closed form sees.
    pub points: usize,
    pub noise_max: f64,
    pub noise_min: f64,
    pub levels: usize,
    #[serde(skip_serializing_if = "is_default")]
    pub solve_levels: SolveLevels,
    #[serde(flatten)]
    pub adam: AdamConfig,
    /// Relative ridges λ that the held-out loss chooses from.
    pub ridges: Vec<f64>,
    /// κ of the tail anchors; absent, that of a Gaussian with the data's second moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor_pull: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible: Option<Vec<Vec<f64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible_scale: Option<f64>,
    #[serde(skip_serializing_if = "is_false")]
    pub noise_input: bool,
    /// k, how many of the source's last dimensions are stimuli.
    #[serde(skip_serializing_if = "is_zero")]
    pub stimuli: usize,
    /// Whether x was standardised.
    #[serde(skip_serializing_if = "is_false")]
    pub standardise: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub common_deviation: bool,
    /// The units of x, where they aren't the network's own, and of the stimuli. A function of the data.
    #[serde(skip)]
    pub scaling: Scaling,
    /// Never decides bits, so it is no part of the recorded configuration.
    #[serde(skip)]
    pub kernel: Kernel,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_default(value: &SolveLevels) -> bool {
    *value == SolveLevels::default()
}

fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// Settings of the annealed training.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdamConfig {
    pub epochs: usize,
    pub batch: usize,
    pub learning_rate: f64,
    /// What the step size falls to within each level; absent, it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_learning_rate: Option<f64>,
    pub weight_decay: f64,
    pub amsgrad: bool,
    pub restart_levels: bool,
}

impl AdamConfig {
    /// η when `part` of a level, 0 … 1, is done: a straight line from the first to the last.
    #[must_use]
    pub fn rate(&self, part: f64) -> f64 {
        let first = self.learning_rate;
        self.final_learning_rate
            .map_or(first, |last| first + (last - first) * part)
    }
}

/// Points a pass of a user's own data holds, or what the target can give.
#[derive(Clone, Copy)]
pub enum Available {
    Unlimited,
    Points(usize),
}

impl TrainConfig {
    /// Fills in defaults for data of `n` dimensions, the stimuli among them, and checks all of it against `budget` bytes.
    pub fn resolve(options: TrainOptions, n: usize, available: Available, budget: u64) -> Result<Self> {
        for (argument, asked) in [
            ("standardise", options.standardise),
            ("commonDeviation", options.common_deviation),
        ] {
            if asked == Some(true) && options.scaling.is_none() {
                return Err(Error::unsupported(
                    argument,
                    "true",
                    "a target is trained on in its own units; standardise data of your own",
                ));
            }
        }
        let config = Self::filled(options, n, available)?;
        if let Available::Points(all) = available {
            if config.points > all {
                return Err(Error::invalid(
                    "points",
                    config.points,
                    format!("at most the {all} points of the data"),
                ));
            }
        }
        config.validate(n, budget)?;
        Ok(config)
    }

    /// Defaults for what the options leave open.
    pub(super) fn filled(options: TrainOptions, n: usize, available: Available) -> Result<Self> {
        let architecture =
            Architecture::parse(options.architecture.as_deref().unwrap_or("reservoir-sampler"))?;
        let reservoir = architecture == Architecture::ReservoirSampler;
        let method = options.method.unwrap_or(if reservoir {
            Method::ClosedForm
        } else {
            Method::Adam
        });
        if method == Method::ClosedForm && !reservoir {
            return Err(Error::unsupported(
                "method",
                "closed-form",
                "a sampler-only score isn't linear in its weights; use adam",
            ));
        }
        if let (Some(units), false) = (options.units, reservoir) {
            if units != n {
                return Err(Error::invalid(
                    "units",
                    units,
                    format!(
                        "none for a sampler-only network: it has as many units as the data has dimensions ({n})"
                    ),
                ));
            }
        }
        let closed = method == Method::ClosedForm;
        let scaling = options.scaling.unwrap_or_default();
        let unit = noise_unit(&scaling);
        let noise_input = options.noise_input.unwrap_or(false);
        let wanted = options.points.unwrap_or(if closed { 100_000 } else { 10_000 });
        Ok(Self {
            architecture,
            units: if reservoir {
                options.units.unwrap_or(128)
            } else {
                n
            },
            activation: options.activation.unwrap_or_default(),
            method,
            seed: options.seed.unwrap_or(0),
            points: match available {
                Available::Unlimited => wanted,
                Available::Points(all) => options.points.unwrap_or(all),
            },
            noise_max: options.noise_max.unwrap_or(unit * if closed { 0.5 } else { 1.0 }),
            noise_min: options.noise_min.unwrap_or(unit * 0.05),
            levels: options.levels.unwrap_or(match (noise_input, closed) {
                (true, _) => 1,
                (false, true) => 4,
                (false, false) => 10,
            }),
            solve_levels: options.solve_levels.unwrap_or_default(),
            adam: AdamConfig {
                epochs: options.epochs.unwrap_or(1000),
                batch: options.batch.unwrap_or(32),
                learning_rate: options.learning_rate.unwrap_or(1e-4),
                final_learning_rate: options.final_learning_rate,
                weight_decay: options.weight_decay.unwrap_or(0.0),
                amsgrad: options.amsgrad.unwrap_or(false),
                restart_levels: options.restart_levels.unwrap_or(true),
            },
            ridges: options
                .ridges
                .unwrap_or_else(|| vec![1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4]),
            anchor_pull: options.anchor_pull,
            irreversible: options.irreversible,
            irreversible_scale: options.irreversible_scale,
            noise_input,
            stimuli: scaling.stimulus.mean.len(),
            standardise: !scaling.x.mean.is_empty(),
            common_deviation: options.common_deviation.unwrap_or(false),
            scaling,
            kernel: Kernel::default(),
        })
    }

    fn validate(&self, n: usize, budget: u64) -> Result<()> {
        count("units", self.units, MOST_UNITS)?;
        count("points", self.points, u32::MAX as usize)?;
        count("levels", self.levels, 10_000)?;
        positive("noiseMax", self.noise_max)?;
        positive("noiseMin", self.noise_min)?;
        if self.noise_min > self.noise_max {
            return Err(Error::invalid(
                "noiseMin",
                self.noise_min,
                format!("at most noiseMax = {}", self.noise_max),
            ));
        }
        if self.seed >= 1 << 53 {
            return Err(Error::invalid(
                "seed",
                self.seed,
                "a whole number from 0 to 2^53 − 1",
            ));
        }
        self.validate_extras(n - self.stimuli)?;
        match self.method {
            Method::Adam => self.validate_adam()?,
            Method::ClosedForm => self.validate_closed_form()?,
        }
        within_budget("units", self.bytes(n, 1), budget, self.advice(n, budget))
    }

    /// The first noise level to be learned; all after it are.
    #[must_use]
    pub fn first_level(&self) -> usize {
        match self.solve_levels {
            SolveLevels::All => 0,
            SolveLevels::Last => self.levels - 1,
        }
    }

    fn validate_adam(&self) -> Result<()> {
        let adam = &self.adam;
        if self.solve_levels == SolveLevels::Last {
            return Err(Error::unsupported(
                "solveLevels",
                "last",
                "closed-form: by adam each level begins with the network of the one before",
            ));
        }
        count("epochs", adam.epochs, 1 << 30)?;
        count("batch", adam.batch, self.points)?;
        positive("learningRate", adam.learning_rate)?;
        if let Some(rate) = adam.final_learning_rate {
            not_negative("finalLearningRate", rate)?;
        }
        not_negative("weightDecay", adam.weight_decay)?;
        if adam.epochs < self.levels {
            let expected = format!("at least one epoch for each of the {} levels", self.levels);
            return Err(Error::invalid("epochs", adam.epochs, expected));
        }
        Ok(())
    }

    fn validate_closed_form(&self) -> Result<()> {
        if self.points < 64 {
            return Err(Error::invalid(
                "points",
                self.points,
                "64 or more, so that some can be held out",
            ));
        }
        if self.ridges.is_empty() {
            return Err(Error::invalid("ridges", "empty", "at least one relative ridge"));
        }
        for &ridge in &self.ridges {
            positive("ridges", ridge)?;
        }
        if let Some(pull) = self.anchor_pull {
            positive("anchorPull", pull)?;
        }
        Ok(())
    }

    /// Bytes that training holds at once, over all owners of its units.
    pub(super) fn bytes(&self, n: usize, members: usize) -> u64 {
        let (n, m, points) = (n as u64, self.units as u64, self.points as u64);
        let data = points.saturating_mul(n * 4);
        let weights = m.saturating_mul(2 * n + 1) * 4;
        let snapshots = weights.saturating_mul((self.levels - self.first_level()) as u64);
        match self.method {
            // Weights, two moments and their maximum; data; a batch and its residuals with four steps of noise, its
            // copies by rows and columns and its activations.
            Method::Adam => {
                let batch = (self.adam.batch as u64).saturating_mul((n * 10 + m) * 4);
                (weights * 4 + snapshots).saturating_add((data + batch).saturating_mul(members as u64))
            }
            // Four m×m arrays of doubles (sum, held out, group, factor); data and its noise.
            Method::ClosedForm => m
                .saturating_mul(m)
                .saturating_mul(32)
                .saturating_add(snapshots + data * 2),
        }
    }

    fn advice(&self, n: usize, budget: u64) -> String {
        match self.method {
            Method::Adam => {
                format!("fewer units or points, or a larger memoryBudget (data has {n} dimensions)")
            }
            Method::ClosedForm => {
                let left = budget.saturating_sub(self.points as u64 * n as u64 * 8) as f64;
                let fits = (left / 32.0).sqrt() as u64;
                format!(
                    "about {fits} units fit the closed form, whose sums are m×m doubles; or a larger memoryBudget"
                )
            }
        }
    }
}
