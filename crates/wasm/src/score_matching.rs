//! Bindings of `score_matching`: a training run, a part at a time.

use crate::convert::{Outcome, doubles, read, record, singles, thrown, write};
use crate::network::{NetworkHandle, plain};
use crate::targets::target;
use js_sys::{Array, Float32Array};
use langevin_rnn_core::Error;
use langevin_rnn_core::kernels::padded;
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::split::{Share, members};
use langevin_rnn_core::score_matching::{
    AdamTrainer, Checkpoint, DataSource, Level, TrainConfig, TrainOptions, Trainer,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A training run in wasm memory.
#[wasm_bindgen]
pub struct TrainingHandle {
    run: Option<Trainer>,
    share: Share,
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
    /// Trains on fresh draws of a target: one of `members` owners of units.
    #[wasm_bindgen(js_name = onTarget)]
    pub fn on_target(
        options: JsValue,
        of: JsValue,
        budget: f64,
        member: usize,
        members: usize,
    ) -> Outcome<TrainingHandle> {
        let source = DataSource::Target(target(of)?);
        Self::start(
            read("options", options)?,
            source,
            Available::Unlimited,
            budget,
            [member, members],
        )
    }

    /// Trains on given points [count, n], with stimuli [count, k] where there are some.
    #[wasm_bindgen(js_name = onPoints)]
    pub fn on_points(
        options: JsValue,
        values: Vec<f32>,
        count: usize,
        n: usize,
        stimuli: &[f32],
        budget: f64,
        member: usize,
        members: usize,
    ) -> Outcome<TrainingHandle> {
        let mut options: TrainOptions = read("options", options)?;
        let k = stimuli.len() / count.max(1);
        let values = joined(values, n, stimuli, k);
        let common = options.common_deviation.unwrap_or(false);
        let (source, scaling) =
            DataSource::in_units(values, count, n, k, options.standardise, common).map_err(thrown)?;
        options.scaling = Some(scaling);
        Self::start(
            options,
            source,
            Available::Points(count),
            budget,
            [member, members],
        )
    }

    /// Fresh points [count, n] and their stimuli for the next pass, in the place of the last ones.
    pub fn feed(&mut self, values: Vec<f32>, n: usize, stimuli: &[f32]) -> Outcome<()> {
        let run = self.run.as_mut().ok_or_else(finished)?;
        let k = run.config().stimuli;
        run.feed(joined(values, n, stimuli, k)).map_err(thrown)
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

    /// Puts a network's weights in the place of the random ones with which a run begins.
    #[wasm_bindgen(js_name = beginFrom)]
    pub fn begin_from(&mut self, network: &NetworkHandle) -> Outcome<()> {
        self.adam()?.begin_from(&network.network).map_err(thrown)
    }

    /// Its units [first, last) of a network of so many, with their padding.
    pub fn units(&self) -> Vec<u32> {
        let all = padded(self.share.total());
        let own = self.share.part(all);
        vec![own.start as u32, own.end as u32, all as u32]
    }

    /// Whether its steps are best taken one by one: with many outputs they may be long.
    pub fn stepwise(&self) -> bool {
        matches!(&self.run, Some(Trainer::Adam(run)) if run.stepwise())
    }

    /// First half of a step of Adam.
    #[wasm_bindgen(js_name = beginStep)]
    pub fn begin_step(&mut self) -> Outcome<()> {
        self.adam()?.begin_step();
        Ok(())
    }

    /// The owner's sums for the others.
    #[wasm_bindgen(js_name = ownSums)]
    pub fn own_sums(&mut self) -> Outcome<Float32Array> {
        let groups = self.share.groups();
        let sums = &self.adam()?.group_sums()[groups];
        let each = sums.first().map_or(0, |s| s.data.len());
        let all = Float32Array::new_with_length((each * sums.len()) as u32);
        for (g, sum) in sums.iter().enumerate() {
            let first = (g * each) as u32;
            all.subarray(first, first + each as u32).copy_from(&sum.data);
        }
        Ok(all)
    }

    /// Another owner's sums.
    #[wasm_bindgen(js_name = putSums)]
    pub fn put_sums(&mut self, member: usize, sums: &Float32Array) -> Outcome<()> {
        let groups = self.share.of(member).groups();
        for (g, sum) in self.adam()?.group_sums()[groups].iter_mut().enumerate() {
            let (first, each) = (g * sum.data.len(), sum.data.len());
            sums.subarray(first as u32, (first + each) as u32)
                .copy_to(&mut sum.data);
        }
        Ok(())
    }

    /// Second half of a step, when all sums are there; true when the run is complete.
    #[wasm_bindgen(js_name = endStep)]
    pub fn end_step(&mut self) -> Outcome<bool> {
        self.adam()?.end_step().map_err(thrown)
    }

    /// Whether a checkpoint can be had now.
    #[wasm_bindgen(js_name = betweenEpochs)]
    pub fn between_epochs(&mut self) -> Outcome<bool> {
        Ok(self.adam()?.between_epochs())
    }

    /// What an owner has: `{ network, levels, losses }`, its own units only.
    pub fn piece(&mut self) -> Outcome<JsValue> {
        let run = self.adam()?;
        Ok(record(&[
            ("network", plain(&run.network())?),
            ("levels", plain_levels(run.levels())?),
            ("losses", doubles(run.losses())),
        ]))
    }

    /// The confinement report of the network that the owners have together.
    pub fn confinement(&mut self, network: &NetworkHandle) -> Outcome<JsValue> {
        let report = self.adam()?.confinement(&network.network).map_err(thrown)?;
        write(&report)
    }

    /// `{ done, total, loss, noise }`.
    pub fn progress(&self) -> Outcome<JsValue> {
        let progress = self.run.as_ref().ok_or_else(finished)?.progress();
        Ok(record(&[
            ("done", progress.done.into()),
            ("total", (progress.total as f64).into()),
            (
                "loss",
                progress.loss.map_or(JsValue::UNDEFINED, JsValue::from_f64),
            ),
            ("noise", progress.noise.into()),
        ]))
    }

    /// What there is: `{ network, losses }`, the losses since it began or was resumed.
    pub fn inspect(&self) -> Outcome<JsValue> {
        let run = self.run.as_ref().ok_or_else(finished)?;
        let network = run.network().as_ref().map(plain).transpose()?;
        Ok(record(&[
            ("network", network.unwrap_or(JsValue::UNDEFINED)),
            ("losses", doubles(run.so_far().0)),
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
        values: Vec<Float32Array>,
    ) -> Outcome<()> {
        let arrays = names
            .into_iter()
            .zip(values.iter().map(Float32Array::to_vec))
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
        options: TrainOptions,
        source: DataSource,
        available: Available,
        budget: f64,
        [member, members]: [usize; 2],
    ) -> Outcome<TrainingHandle> {
        let config = resolved(options, source.dimension(), available, budget)?;
        let share = Share::new(config.units, member, members);
        Ok(Self {
            run: Some(Trainer::of_share(config, source, share)),
            share,
        })
    }

    fn adam(&mut self) -> Outcome<&mut AdamTrainer> {
        self.run.as_mut().ok_or_else(finished)?.adam().map_err(thrown)
    }
}

/// Points with their k stimuli after them, row by row.
#[inline(never)]
fn joined(values: Vec<f32>, n: usize, stimuli: &[f32], k: usize) -> Vec<f32> {
    if k == 0 {
        return values;
    }
    let rows = values.chunks_exact(n).zip(stimuli.chunks_exact(k));
    rows.flat_map(|(x, u)| [x, u].concat()).collect()
}

fn resolved(options: TrainOptions, n: usize, available: Available, budget: f64) -> Outcome<TrainConfig> {
    TrainConfig::resolve(options, n, available, budget as u64).map_err(thrown)
}

/// How many owners a run is to be split over, `wanted` at most; one for a run that will be refused.
#[wasm_bindgen(js_name = trainingMembers)]
pub fn training_members(
    options: JsValue,
    of: JsValue,
    count: usize,
    n: usize,
    wanted: usize,
    budget: f64,
) -> usize {
    let (n, available) = if of.is_undefined() {
        (n, Available::Points(count))
    } else {
        match target(of) {
            Ok(of) => (of.dimension(), Available::Unlimited),
            Err(_) => return 1,
        }
    };
    read("options", options).map_or(1, |options| members(options, n, available, wanted, budget as u64))
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
