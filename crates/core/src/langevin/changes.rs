//! What may change while a run goes on: from absolute step k on, dx = s(x | u, σ) dt + √(2T) dB with another dt, temperature T,
//! stimulus u or noise level σ.

use super::{Integrator, Part, SampleConfig, Step};
use crate::error::{Error, Result, not_negative, positive};
use crate::network::{Network, stimulus};
use serde::{Deserialize, Serialize};

/// A change of the run's conditions; what is absent stays as it was.
///
/// A step has the conditions of its own number throughout: where the noises of two steps are averaged
/// (Leimkuhler–Matthews), both are scaled by the dt and the temperature of the step that they enter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// Absolute number of the first step that it holds for.
    pub step: u64,
    /// In units of τ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dt: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// In the units of the stimuli that the network was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stimulus: Option<Vec<f64>>,
    /// σ of a network with a noise-level input, in units of x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
}

/// What holds at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// In units of τ.
    pub dt: f64,
    /// T: the stationary law is that of the score to the power 1/T.
    pub temperature: f64,
    pub stimulus: Vec<f64>,
    pub noise: Option<f64>,
}

impl Conditions {
    fn change(&mut self, change: &Change) {
        self.dt = change.dt.unwrap_or(self.dt);
        self.temperature = change.temperature.unwrap_or(self.temperature);
        self.noise = change.noise.or(self.noise);
        if let Some(stimulus) = &change.stimulus {
            self.stimulus.clone_from(stimulus);
        }
    }

    pub(crate) fn step(&self, integrator: Integrator) -> Step {
        Step::new(integrator, self.dt, self.temperature)
    }
}

/// Steps of a part over which nothing changes, counted as the part's are.
pub(super) struct Segment {
    pub from: u64,
    pub to: u64,
    pub conditions: Conditions,
}

impl SampleConfig {
    /// A part cut where something changes.
    pub(super) fn segments(&self, part: Part) -> Vec<Segment> {
        let mut conditions = Conditions {
            dt: self.dt,
            temperature: self.temperature,
            stimulus: self.stimulus.clone(),
            noise: self.noise,
        };
        let mut segments = Vec::new();
        let mut from = part.from;
        for change in &self.changes {
            let at = change.step.saturating_sub(self.first_step).min(part.to);
            if at > from {
                let conditions = conditions.clone();
                segments.push(Segment {
                    from,
                    to: at,
                    conditions,
                });
                from = at;
            }
            conditions.change(change);
        }
        if from < part.to {
            segments.push(Segment {
                from,
                to: part.to,
                conditions,
            });
        }
        segments
    }

    /// Checks the conditions that the run starts with and every change of them.
    pub fn validate_changes(&self, network: &Network) -> Result<()> {
        valid_dt("dt", self.dt)?;
        not_negative("temperature", self.temperature)?;
        stimulus::check(network, &self.stimulus, self.noise)?;
        for (index, change) in self.changes.iter().enumerate() {
            if index > 0 && change.step <= self.changes[index - 1].step {
                return Err(Error::invalid(
                    "changes",
                    format!("step {} at index {index}", change.step),
                    format!("rising steps, above {}", self.changes[index - 1].step),
                ));
            }
            change.dt.map_or(Ok(0.0), |dt| valid_dt("changes.dt", dt))?;
            change.temperature.map_or(Ok(0.0), |temperature| {
                not_negative("changes.temperature", temperature)
            })?;
            stimulus::check(
                network,
                change.stimulus.as_ref().unwrap_or(&self.stimulus),
                change.noise.or(self.noise),
            )?;
        }
        Ok(())
    }
}

fn valid_dt(argument: &'static str, dt: f64) -> Result<f64> {
    if positive(argument, dt)? > 1.0 {
        return Err(Error::invalid(
            argument,
            dt,
            "a step of at most 1 τ: the leak −x is unstable beyond 2 τ",
        ));
    }
    Ok(dt)
}
