//! Langevin dynamics: dx = s(x) dt + √2 dB, discretised; lanes are chains, a whole trajectory is one call.
//!
//! Noise is addressed by (seed, chain, step, dimension), so the state at a step is all that a continuation needs.

pub mod euler_maruyama;
pub mod exponential_euler;
pub mod leimkuhler_matthews;
mod many_outputs;
pub mod projected;
pub mod recurrent;
pub mod start;

pub use start::Start;

use euler_maruyama::EulerMaruyama;
use exponential_euler::ExponentialEuler;
use leimkuhler_matthews::LeimkuhlerMatthews;

use crate::error::{Error, Result, count, length, positive, within_budget};
use crate::kernels::{Kernel, Lanes};
use crate::network::Network;
use crate::network::piecewise_linear::PiecewiseLinear;
use crate::random::{Purpose, Stream, gaussian::normals, gaussian::paired_normals};
use serde::{Deserialize, Serialize};

/// How a step is discretised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrator {
    /// x + dt s + √(2dt) ε_k: first order, the paper's.
    EulerMaruyama,
    /// The leak −x integrated exactly, the rest held: first order.
    ExponentialEuler,
    /// x + dt s + √(2dt) (ε_k + ε_{k+1})/2: stationary law right to second order.
    #[default]
    LeimkuhlerMatthews,
}

/// What is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dynamics {
    /// The outputs alone, O(mn) a step.
    #[default]
    Projected,
    /// The m×m circuit, the definition and the oracle.
    Recurrent,
}

/// How a score is computed. The results agree within rounding, not in their bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluator {
    /// The sum over all units, O(m).
    #[default]
    Direct,
    /// Sorted kinks and a bucket index, O(1): one output, relu units, projected dynamics.
    PiecewiseLinear,
}

/// A sampling run: everything that decides its bits besides the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SampleConfig {
    pub chains: usize,
    pub steps: u64,
    /// In units of τ.
    pub dt: f64,
    #[serde(default)]
    pub integrator: Integrator,
    #[serde(default)]
    pub dynamics: Dynamics,
    #[serde(default)]
    pub evaluator: Evaluator,
    #[serde(default)]
    pub start: Start,
    pub record_every: u64,
    #[serde(default)]
    pub burn_in: u64,
    #[serde(default)]
    pub seed: u64,
    /// Chains 2k and 2k + 1 share start and noise with opposite signs: fewer independent draws, but laws that are
    /// symmetric about their starts come out balanced.
    #[serde(default)]
    pub antithetic: bool,
    /// Absolute number of the run's first chain and first step.
    #[serde(default)]
    pub first_chain: u64,
    #[serde(default)]
    pub first_step: u64,
    /// Never decides bits, so it is no part of the recorded configuration.
    #[serde(skip)]
    pub kernel: Kernel,
}

/// Which part of a run to compute: chains and steps relative to the run's first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Part {
    pub chain: usize,
    pub chains: usize,
    pub from: u64,
    pub to: u64,
}

/// What chains of a part start from.
#[derive(Clone, Copy)]
pub enum Initial<'a> {
    /// The configuration's law.
    Law,
    /// Given outputs x [chain, n].
    Outputs(&'a [f32]),
    /// The carry of the part before.
    Carry(&'a [f32]),
}

/// The result of a part.
pub struct Sampled {
    /// Records, [chain, draw, n].
    pub draws: Vec<f32>,
    /// x after the last step, [chain, n].
    pub states: Vec<f32>,
    /// What the next part starts from: x, or r [chain, m] for the recurrent dynamics.
    pub carry: Vec<f32>,
}

impl SampleConfig {
    /// Number of records up to step `t` of the run.
    #[must_use]
    pub fn records_until(&self, t: u64) -> u64 {
        t.saturating_sub(self.burn_in) / self.record_every
    }

    /// True when the state after step `t` (counted from 1) is recorded.
    #[must_use]
    #[inline(always)]
    pub fn records_at(&self, t: u64) -> bool {
        t > self.burn_in && (t - self.burn_in) % self.record_every == 0
    }

    /// The first step count after `t` that is recorded.
    #[must_use]
    pub fn next_record(&self, t: u64) -> u64 {
        self.burn_in
            .saturating_add((self.records_until(t) + 1).saturating_mul(self.record_every))
    }

    /// Checks the run as a whole against the network and a budget of bytes for its largest part and all of its draws.
    pub fn validate(&self, network: &Network, budget: u64) -> Result<()> {
        count("chains", self.chains, u32::MAX as usize)?;
        if self.steps == 0 || self.steps >= 1 << 53 {
            return Err(Error::invalid(
                "steps",
                self.steps,
                "a whole number from 1 to 2^53 − 1",
            ));
        }
        positive("dt", self.dt)?;
        if self.dt > 1.0 {
            return Err(Error::invalid(
                "dt",
                self.dt,
                "a step of at most 1 τ: the leak −x is unstable beyond 2 τ",
            ));
        }
        if self.record_every == 0 {
            return Err(Error::invalid(
                "recordEvery",
                0,
                "a whole number of steps, 1 or more",
            ));
        }
        if self.burn_in >= self.steps {
            return Err(Error::invalid(
                "burnIn",
                self.burn_in,
                format!("fewer than the {} steps", self.steps),
            ));
        }
        if self.records_until(self.steps) == 0 {
            return Err(Error::invalid(
                "recordEvery",
                self.record_every,
                format!(
                    "at most steps − burnIn = {}, so that something is recorded",
                    self.steps - self.burn_in
                ),
            ));
        }
        if self.first_chain + self.chains as u64 > 1 << 32 {
            return Err(Error::invalid(
                "firstChain",
                self.first_chain,
                "firstChain + chains of at most 2^32",
            ));
        }
        if self
            .first_step
            .checked_add(self.steps)
            .is_none_or(|last| last >= 1 << 57)
        {
            return Err(Error::invalid(
                "firstStep",
                self.first_step,
                "firstStep + steps below 2^57",
            ));
        }
        self.start.validate()?;
        if self.evaluator == Evaluator::PiecewiseLinear {
            PiecewiseLinear::new(network)?;
            if self.dynamics == Dynamics::Recurrent {
                return Err(Error::Unsupported {
                    argument: "evaluator",
                    value: "piecewise-linear".into(),
                    expected:
                        "it computes the projected score; the recurrent circuit has its units, so use direct"
                            .into(),
                });
            }
        }
        let n = network.dimension() as u64;
        let mut needed = (self.chains as u64)
            .saturating_mul(n)
            .saturating_mul(self.records_until(self.steps).saturating_add(2))
            .saturating_mul(4);
        let mut advice = "fewer chains, a larger recordEvery, or a larger memoryBudget".to_owned();
        if self.dynamics == Dynamics::Recurrent {
            let Network::Reservoir(net) = network else {
                return Err(Error::Unsupported {
                    argument: "dynamics",
                    value: "recurrent".into(),
                    expected: "a sampler-only network is its own circuit; use projected".into(),
                });
            };
            let m = net.units as u64;
            needed = needed
                .saturating_add(m.saturating_mul(m).saturating_mul(4))
                .saturating_add(m * 2 * 64 * 4);
            advice.push_str("; the recurrent dynamics hold an m×m matrix, the projected ones do not");
        }
        within_budget("chains", needed, budget, advice)
    }
}

/// Computes a part of a run. Parts of the same run, in any split, give the same bits.
pub fn sample(network: &Network, config: &SampleConfig, part: Part, initial: Initial<'_>) -> Result<Sampled> {
    let n = network.dimension();
    if part.chains == 0 || part.chain + part.chains > config.chains {
        return Err(Error::invalid(
            "part",
            format!("chains from {}", part.chain),
            "a part of the run's chains",
        ));
    }
    if part.from >= part.to || part.to > config.steps {
        return Err(Error::invalid(
            "part",
            format!("steps {}–{}", part.from, part.to),
            "a part of the run's steps",
        ));
    }
    let first = (config.first_chain + part.chain as u64) as u32;
    let stream = Stream::new(config.seed, Purpose::Start);
    let law;
    let (values, carried) = match initial {
        Initial::Law => {
            law = config
                .start
                .states(stream, config.antithetic, first, part.chains, n);
            (&law[..], false)
        }
        Initial::Outputs(x) => (x, false),
        Initial::Carry(x) => (x, true),
    };
    let width = match (config.dynamics, network, carried) {
        (Dynamics::Recurrent, Network::Reservoir(net), true) => net.units,
        _ => n,
    };
    length(
        "start",
        values.len(),
        part.chains * width,
        &format!("[{}, {width}]", part.chains),
    )?;
    crate::error::finite("start", values)?;
    match config.dynamics {
        Dynamics::Projected => projected::run(network, config, part, first, values),
        Dynamics::Recurrent => recurrent::run(network, config, part, first, values, carried),
    }
}

/// One step as a pure function of state, score and noise; the integrator is chosen once a run.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    EulerMaruyama(EulerMaruyama),
    ExponentialEuler(ExponentialEuler),
    LeimkuhlerMatthews(LeimkuhlerMatthews),
}

impl Step {
    pub(crate) fn new(integrator: Integrator, dt: f64) -> Self {
        match integrator {
            Integrator::EulerMaruyama => Self::EulerMaruyama(EulerMaruyama::new(dt)),
            Integrator::ExponentialEuler => Self::ExponentialEuler(ExponentialEuler::new(dt)),
            Integrator::LeimkuhlerMatthews => Self::LeimkuhlerMatthews(LeimkuhlerMatthews::new(dt)),
        }
    }

    /// Whether it needs the noise of the step after.
    pub(crate) const fn looks_ahead(self) -> bool {
        matches!(self, Self::LeimkuhlerMatthews(_))
    }

    #[inline(always)]
    pub(crate) fn advance<L: Lanes>(self, x: L, s: L, now: L, next: L) -> L {
        match self {
            Self::EulerMaruyama(step) => step.advance(x, s, now),
            Self::ExponentialEuler(step) => step.advance(x, s, now),
            Self::LeimkuhlerMatthews(step) => step.advance(x, s, now, next),
        }
    }
}

/// Noise of the chains of one tile: ε of four steps at a time, and of the four after where the step looks ahead.
pub(crate) struct TileNoise<L, const T: usize> {
    stream: Stream,
    antithetic: bool,
    first_chain: u32,
    quad: Option<u64>,
    /// [dimension][4 steps][T], now and next.
    now: Vec<[[L; T]; 4]>,
    next: Vec<[[L; T]; 4]>,
}

impl<L: Lanes, const T: usize> TileNoise<L, T> {
    pub(crate) fn new(config: &SampleConfig, first_chain: u32, n: usize) -> Self {
        let blank = vec![[[L::zero(); T]; 4]; n];
        Self {
            stream: Stream::new(config.seed, Purpose::Langevin),
            antithetic: config.antithetic,
            first_chain,
            quad: None,
            now: blank.clone(),
            next: blank,
        }
    }

    fn quad(&self, quad: u64, buffer: &mut [[[L; T]; 4]]) {
        for (d, steps) in buffer.iter_mut().enumerate() {
            for t in 0..T {
                let index = self.first_chain.wrapping_add((t * L::WIDTH) as u32);
                let z = if self.antithetic {
                    paired_normals::<L>(self.stream, index, quad, d as u32)
                } else {
                    normals::<L>(self.stream, index, quad, d as u32)
                };
                for k in 0..4 {
                    steps[k][t] = z[k];
                }
            }
        }
    }

    /// Makes the noise of absolute step `step` ready; true when a new quad began.
    #[inline(always)]
    pub(crate) fn prepare(&mut self, step: u64, looks_ahead: bool) -> bool {
        let quad = step / 4;
        if self.quad == Some(quad) {
            return false;
        }
        let mut now = core::mem::take(&mut self.now);
        let mut next = core::mem::take(&mut self.next);
        if looks_ahead && self.quad.is_some_and(|last| last + 1 == quad) {
            core::mem::swap(&mut now, &mut next);
        } else {
            self.quad(quad, &mut now);
        }
        if looks_ahead {
            self.quad(quad + 1, &mut next);
        }
        (self.now, self.next) = (now, next);
        self.quad = Some(quad);
        true
    }

    /// ε of dimension d at a prepared step, and of the step after.
    #[inline(always)]
    pub(crate) fn get(&self, step: u64, d: usize) -> ([L; T], [L; T]) {
        let k = (step % 4) as usize;
        let after = if k < 3 {
            self.now[d][k + 1]
        } else {
            self.next[d][0]
        };
        (self.now[d][k], after)
    }
}
