//! Bindings of `langevin`: a run is checked once, then computed part by part.

use crate::convert::{Outcome, read, record, singles, thrown, write};
use crate::network::NetworkHandle;
use langevin_rnn_core::langevin::{Initial, Part, Prepared, SampleConfig, sample_prepared};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A checked sampling run of one network.
#[wasm_bindgen]
pub struct SamplingHandle {
    config: SampleConfig,
    prepared: Prepared,
}

#[wasm_bindgen]
impl SamplingHandle {
    /// Checks `config` against the network and `budget` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(network: &NetworkHandle, config: JsValue, budget: f64) -> Outcome<SamplingHandle> {
        let config: SampleConfig = read("options", config)?;
        config.validate(&network.network, budget as u64).map_err(thrown)?;
        Ok(Self {
            config,
            prepared: Prepared::default(),
        })
    }

    /// The configuration with every default filled in.
    pub fn config(&self) -> Outcome<JsValue> {
        write(&self.config)
    }

    /// Records of each chain up to step `t` of the run.
    pub fn records(&self, t: f64) -> f64 {
        self.config.records_until(t as u64) as f64
    }

    /// Checks changes that may take the place of the run's.
    pub fn check(&self, network: &NetworkHandle, changes: JsValue) -> Outcome<()> {
        let config = SampleConfig {
            changes: read("changes", changes)?,
            ..self.config.clone()
        };
        config.validate_changes(&network.network).map_err(thrown)
    }

    /// One part, with the run's changes as they are now; `initial` is nothing for the configured law, given states, or with
    /// `carried` the carry of the part before.
    pub fn part(
        &mut self,
        network: &NetworkHandle,
        part: JsValue,
        changes: JsValue,
        initial: Option<Vec<f32>>,
        carried: bool,
    ) -> Outcome<JsValue> {
        let part: Part = read("part", part)?;
        self.config.changes = read("changes", changes)?;
        let initial = match (&initial, carried) {
            (None, _) => Initial::Law,
            (Some(values), false) => Initial::Outputs(values),
            (Some(values), true) => Initial::Carry(values),
        };
        let done =
            sample_prepared(&network.network, &self.prepared, &self.config, part, initial).map_err(thrown)?;
        Ok(record(&[
            ("draws", singles(&done.draws)),
            ("rates", singles(&done.rates)),
            ("states", singles(&done.states)),
            ("carry", singles(&done.carry)),
        ]))
    }
}
