//! What decides the bits of a sampling run besides the network, and the checks that it passes before work starts.

use super::work::Recording;
use super::{Change, Start};
use crate::error::{Error, Result, count, within_budget};
use crate::kernels::Kernel;
use crate::network::Network;
use crate::network::irreversible::mixing;
use crate::network::piecewise_linear::{self, PiecewiseLinear};
use crate::network::planar_cells::PlanarCells;
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
    /// Sorted kinks and a bucket index, or cells of the plane, O(1): one output or two, relu units, projected dynamics.
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
    /// T of dx = s(x) dt + √(2T) dB. Like `changes` it is written only where it isn't at its default, so that
    /// configurations without it stay as they were.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub temperature: f64,
    /// Q of dx = (I + Q) s(x) dt + √2 dB as rows, skew-symmetric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub irreversible: Option<Vec<Vec<f64>>>,
    /// u of a network with a stimulus input, in its own units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stimulus: Vec<f64>,
    /// σ of a network with a noise-level input, in units of x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
    /// Changes of these conditions by absolute step, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
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
    /// Reservoir units whose rates are recorded with the draws.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<usize>,
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

const fn one() -> f64 {
    1.0
}

fn is_one(value: &f64) -> bool {
    *value == 1.0
}

impl SampleConfig {
    /// A run with every other setting at its default; only its last state is recorded.
    #[must_use]
    pub fn new(chains: usize, steps: u64, dt: f64) -> Self {
        Self {
            chains,
            steps,
            dt,
            temperature: one(),
            irreversible: None,
            stimulus: Vec::new(),
            noise: None,
            changes: Vec::new(),
            integrator: Integrator::default(),
            dynamics: Dynamics::default(),
            evaluator: Evaluator::default(),
            start: Start::default(),
            record_every: steps,
            burn_in: 0,
            rates: Vec::new(),
            seed: 0,
            antithetic: false,
            first_chain: 0,
            first_step: 0,
            kernel: Kernel::default(),
        }
    }

    /// Number of records up to step `t` of the run.
    #[must_use]
    pub fn records_until(&self, t: u64) -> u64 {
        self.recording().until(t)
    }

    pub(super) fn recording(&self) -> Recording {
        Recording {
            every: self.record_every,
            burn_in: self.burn_in,
        }
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
        self.validate_changes(network)?;
        if mixing(self.irreversible.as_deref(), network.dimension())?.is_some()
            && network.irreversible().is_some()
        {
            return Err(Error::unsupported(
                "irreversible",
                "a second Q",
                "this network was trained with a Q of its own, and its raw output has it already",
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
        self.validate_rates(network)?;
        if self.evaluator == Evaluator::PiecewiseLinear {
            piecewise_linear::check(network)?;
            if self.dynamics == Dynamics::Recurrent {
                return Err(Error::unsupported(
                    "evaluator",
                    "piecewise-linear",
                    "it computes the projected score; the recurrent circuit has its units, so use direct",
                ));
            }
        }
        let n = network.dimension() as u64;
        // Where there are rates, they follow x along a path of five steps or more.
        let held = if self.rates.is_empty() { 2 } else { 12 };
        let mut needed = (self.chains as u64)
            .saturating_mul(n + self.rates.len() as u64)
            .saturating_mul(self.records_until(self.steps).saturating_add(held))
            .saturating_mul(4);
        let mut advice = "fewer chains, a larger recordEvery, or a larger memoryBudget".to_owned();
        if let (Evaluator::PiecewiseLinear, Network::Reservoir(net)) = (self.evaluator, network) {
            let units = net.units as u64;
            needed = needed.saturating_add(match n {
                1 => PiecewiseLinear::most_bytes(units),
                _ => PlanarCells::most_bytes(units),
            });
            advice.push_str("; the piecewise-linear evaluator holds a table, the direct one does not");
        }
        if self.dynamics == Dynamics::Recurrent {
            let Network::Reservoir(net) = network else {
                return Err(Error::unsupported(
                    "dynamics",
                    "recurrent",
                    "a sampler-only network is its own circuit; use projected",
                ));
            };
            let m = net.units as u64;
            needed = needed
                .saturating_add(m.saturating_mul(m).saturating_mul(4))
                .saturating_add(m * 2 * 64 * 4);
            advice.push_str("; the recurrent dynamics hold an m×m matrix, the projected ones do not");
        }
        within_budget("chains", needed, budget, advice)
    }

    fn validate_rates(&self, network: &Network) -> Result<()> {
        let m = match network {
            Network::Reservoir(net) => net.units,
            Network::SamplerOnly(_) => 0,
        };
        let mut units = self.rates.iter().enumerate();
        match units.find(|&(k, unit)| *unit >= m || self.rates[..k].contains(unit)) {
            None => Ok(()),
            Some((_, &unit)) => Err(Error::invalid(
                "rates",
                unit as u64,
                match m {
                    0 => "none: the units of a sampler-only network are its outputs".to_owned(),
                    _ => format!("different units from 0 to {}", m - 1),
                },
            )),
        }
    }
}
