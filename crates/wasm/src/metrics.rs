//! Bindings of `metrics`.

use crate::convert::{Outcome, doubles, record, thrown};
use crate::network::NetworkHandle;
use crate::targets::target;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::metrics::{stationary, wasserstein};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Fisher divergence and stationary law of a network with one output.
#[wasm_bindgen]
pub fn evaluate(network: &NetworkHandle, of: JsValue) -> Outcome<JsValue> {
    let quality = stationary::quality(&network.network, &target(of)?, Kernel::Auto).map_err(thrown)?;
    Ok(record(&[
        ("fisherDivergence", quality.fisher_divergence.into()),
        ("lawWasserstein", quality.law_wasserstein.into()),
        ("grid", doubles(&quality.law.grid)),
        ("density", doubles(&quality.law.density)),
        ("modes", (quality.modes as f64).into()),
    ]))
}

/// W1 between draws and a one-dimensional target.
#[wasm_bindgen(js_name = wassersteinToLaw)]
pub fn wasserstein_to_law(draws: &[f32], of: JsValue) -> Outcome<f64> {
    wasserstein::to_law(draws, &target(of)?).map_err(thrown)
}

/// W1 between two sets of one-dimensional draws.
#[wasm_bindgen(js_name = wassersteinBetween)]
pub fn wasserstein_between(draws: &[f32], reference: &[f32]) -> Outcome<f64> {
    wasserstein::between_draws(draws, reference).map_err(thrown)
}
