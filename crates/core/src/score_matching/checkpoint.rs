//! A checkpoint of Adam's training: weights, moments and counters. A run resumed from it gives the bits of one never stopped.
//!
//! Noise and data are addressed by step and epoch, so no random state belongs to it.

use super::adam::Moments;
use super::learner::Learner;
use super::trainer::AdamTrainer;
use crate::error::{Error, Result, finite, length};

/// Where a run stands between two epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Epochs done.
    pub epoch: usize,
    /// Steps done since the start.
    pub steps: u64,
    /// Steps done since Adam's last restart.
    pub adam_steps: u64,
    /// Weights, then the three moments of each, in the layout of training.
    pub arrays: Vec<(String, Vec<f32>)>,
}

/// Every array that changes in training, by name.
fn arrays(learner: &mut Learner) -> Vec<(String, &mut Vec<f32>)> {
    fn with_moments<'a>(
        name: &str,
        weights: &'a mut Vec<f32>,
        moments: &'a mut Moments,
        out: &mut Vec<(String, &'a mut Vec<f32>)>,
    ) {
        out.push((name.to_owned(), weights));
        for (moment, values) in moments.arrays_mut() {
            out.push((format!("{name}.{moment}"), values));
        }
    }
    let mut out = Vec::new();
    match learner {
        Learner::Reservoir {
            net,
            w_fb,
            bias,
            w_out,
            objective,
            ..
        } => {
            if let Some((q, moments)) = objective
                .as_mut()
                .and_then(|objective| objective.irreversible.as_mut().zip(objective.moments.as_mut()))
            {
                with_moments("J", &mut q.j, moments, &mut out);
            }
            with_moments("W1.weight", &mut net.w_out, w_out, &mut out);
            with_moments("W2.weight", &mut net.w_fb, w_fb, &mut out);
            with_moments("W2.bias", &mut net.bias, bias, &mut out);
        }
        Learner::SamplerOnly {
            net,
            moments: [w, bias, gamma, sig],
        } => {
            with_moments("W.weight", &mut net.w, w, &mut out);
            with_moments("W.bias", &mut net.bias, bias, &mut out);
            with_moments("gamma", &mut net.gamma, gamma, &mut out);
            with_moments("sig", &mut net.sig, sig, &mut out);
        }
    }
    out
}

impl AdamTrainer {
    /// The run as it stands.
    #[must_use]
    pub fn checkpoint(&mut self) -> Checkpoint {
        Checkpoint {
            epoch: self.epoch,
            steps: self.step,
            adam_steps: self.adam.steps(),
            arrays: arrays(&mut self.learner)
                .into_iter()
                .map(|(name, values)| (name, values.clone()))
                .collect(),
        }
    }

    /// Puts a fresh run of the same configuration where the checkpoint stood. Losses and levels start empty: they belong to
    /// whoever kept the checkpoint.
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let epochs = self.config.adam.epochs;
        if checkpoint.epoch > epochs {
            return Err(Error::invalid(
                "resume.epoch",
                checkpoint.epoch,
                format!("at most the {epochs} epochs"),
            ));
        }
        let each = self.config.points.div_ceil(self.config.adam.batch) as u64;
        let steps = checkpoint.epoch as u64 * each;
        if checkpoint.steps != steps || checkpoint.adam_steps > steps {
            return Err(Error::invalid(
                "resume.steps",
                format!("{} ({} since a restart)", checkpoint.steps, checkpoint.adam_steps),
                format!(
                    "{steps} for {} epochs of {each} steps: is it of another run?",
                    checkpoint.epoch
                ),
            ));
        }
        let mut places = arrays(&mut self.learner);
        if places.len() != checkpoint.arrays.len() {
            return Err(Error::invalid(
                "resume.arrays",
                checkpoint.arrays.len(),
                format!("{} arrays of the same architecture and optimiser", places.len()),
            ));
        }
        // All checks before the first change: a refused checkpoint leaves the run as it was.
        for (name, place) in &places {
            let values = find(checkpoint, name)?;
            length("resume.arrays", values.len(), place.len(), &format!("for {name}"))?;
            finite("resume.arrays", values)?;
        }
        for (name, place) in &mut places {
            place.copy_from_slice(find(checkpoint, name)?);
        }
        self.epoch = checkpoint.epoch;
        self.step = checkpoint.steps;
        self.adam.rewind(checkpoint.adam_steps);
        Ok(())
    }
}

fn find<'a>(checkpoint: &'a Checkpoint, name: &str) -> Result<&'a [f32]> {
    checkpoint
        .arrays
        .iter()
        .find(|(candidate, _)| candidate == name)
        .map(|(_, values)| &values[..])
        .ok_or_else(|| {
            Error::invalid(
                "resume.arrays",
                format!("no {name}"),
                "a checkpoint of the same configuration",
            )
        })
}
