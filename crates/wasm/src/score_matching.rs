//! Bindings of `score_matching`: a training run, a part at a time.

use crate::convert::{Outcome, doubles, read, record, singles, thrown, write};
use crate::network::plain;
use crate::targets::target;
use js_sys::Array;
use langevin_rnn_core::Error;
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{Checkpoint, DataSource, Level, TrainConfig, Trainer};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A training run in wasm memory.
#[wasm_bindgen]
pub struct TrainingHandle {
    run: Option<Trainer>,
}

fn finished() -> JsValue {
    thrown(Error::invalid(
        "run",
        "finished",
        "a run that hasn't been finished",
    ))
}

#[wasm_bindgen]
impl TrainingHandle {
    /// Trains on fresh draws of a target.
    #[wasm_bindgen(js_name = onTarget)]
    pub fn on_target(options: JsValue, of: JsValue, budget: f64) -> Outcome<TrainingHandle> {
        Self::start(
            options,
            DataSource::Target(target(of)?),
            Available::Unlimited,
            budget,
        )
    }

    /// Trains on given points [count, n].
    #[wasm_bindgen(js_name = onPoints)]
    pub fn on_points(
        options: JsValue,
        values: Vec<f32>,
        count: usize,
        n: usize,
        budget: f64,
    ) -> Outcome<TrainingHandle> {
        let source = DataSource::points(values, count, n).map_err(thrown)?;
        Self::start(options, source, Available::Points(count), budget)
    }

    /// The configuration with every default filled in.
    pub fn config(&self) -> Outcome<JsValue> {
        write(self.run.as_ref().ok_or_else(finished)?.config())
    }

    /// Up to `count` more epochs, or one more noise level; true when the run is complete.
    pub fn advance(&mut self, count: usize) -> Outcome<bool> {
        self.run
            .as_mut()
            .ok_or_else(finished)?
            .advance(count)
            .map_err(thrown)
    }

    /// `{ done, total, loss, noise }`.
    pub fn progress(&self) -> Outcome<JsValue> {
        let progress = self.run.as_ref().ok_or_else(finished)?.progress();
        Ok(record(&[
            ("done", (progress.done as f64).into()),
            ("total", (progress.total as f64).into()),
            (
                "loss",
                progress.loss.map_or(JsValue::UNDEFINED, JsValue::from_f64),
            ),
            ("noise", progress.noise.into()),
        ]))
    }

    /// Where the run stands: `{ epoch, steps, adamSteps, arrays }`, with `losses` and `levels` since it began or was resumed.
    pub fn checkpoint(&mut self) -> Outcome<JsValue> {
        let run = self.run.as_mut().ok_or_else(finished)?;
        let checkpoint = run.checkpoint().map_err(thrown)?;
        let (losses, levels) = run.so_far();
        let arrays: Vec<(&str, JsValue)> = checkpoint
            .arrays
            .iter()
            .map(|(name, values)| (name.as_str(), singles(values)))
            .collect();
        Ok(record(&[
            ("epoch", (checkpoint.epoch as f64).into()),
            ("steps", (checkpoint.steps as f64).into()),
            ("adamSteps", (checkpoint.adam_steps as f64).into()),
            ("arrays", record(&arrays)),
            ("losses", doubles(losses)),
            ("levels", plain_levels(levels)?),
        ]))
    }

    /// Goes on from a checkpoint; `names` and `values` are its arrays.
    pub fn resume(
        &mut self,
        epoch: usize,
        steps: u64,
        adam_steps: u64,
        names: Vec<String>,
        values: Vec<js_sys::Float32Array>,
    ) -> Outcome<()> {
        let arrays = names
            .into_iter()
            .zip(values.iter().map(js_sys::Float32Array::to_vec))
            .collect();
        let checkpoint = Checkpoint {
            epoch,
            steps,
            adam_steps,
            arrays,
        };
        self.run
            .as_mut()
            .ok_or_else(finished)?
            .resume(&checkpoint)
            .map_err(thrown)
    }

    /// Ends the run: `{ network, levels, losses, confinement }`.
    pub fn finish(&mut self) -> Outcome<JsValue> {
        let trained = self.run.take().ok_or_else(finished)?.finish().map_err(thrown)?;
        Ok(record(&[
            ("network", plain(&trained.network)?),
            ("levels", plain_levels(&trained.levels)?),
            ("losses", doubles(&trained.losses)),
            ("confinement", write(&trained.confinement)?),
        ]))
    }
}

impl TrainingHandle {
    fn start(
        options: JsValue,
        source: DataSource,
        available: Available,
        budget: f64,
    ) -> Outcome<TrainingHandle> {
        let options = read("options", options)?;
        let config =
            TrainConfig::resolve(options, source.dimension(), available, budget as u64).map_err(thrown)?;
        Ok(Self {
            run: Some(Trainer::new(config, source)),
        })
    }
}

fn plain_levels(levels: &[Level]) -> Outcome<JsValue> {
    let list = Array::new();
    for level in levels {
        list.push(&record(&[
            ("noise", level.noise.into()),
            ("network", plain(&level.network)?),
        ]));
    }
    Ok(list.into())
}
