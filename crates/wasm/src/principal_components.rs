//! Bindings of `principal_components`.

use crate::convert::{Outcome, doubles, record, thrown};
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::principal_components::{affine, from_moments, second_moments};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Sums of rows [point, d] and of their products, from an origin.
#[wasm_bindgen(js_name = secondMoments)]
pub fn moments(rows: &[f32], origin: &[f32]) -> Vec<f64> {
    second_moments(rows, origin, Kernel::Auto)
}

/// The first `n` components of points with these sums.
#[wasm_bindgen(js_name = componentsOf)]
pub fn components(sums: &[f64], origin: &[f32], n: usize) -> Outcome<JsValue> {
    let found = from_moments(sums, origin, n).map_err(thrown)?;
    Ok(record(&[
        ("mean", doubles(&found.mean)),
        ("components", doubles(&found.components)),
        ("variances", doubles(&found.variances)),
        ("totalVariance", found.total.into()),
    ]))
}

/// after + (x − before) A of rows x.
#[wasm_bindgen(js_name = affineRows)]
pub fn affine_rows(rows: &[f32], before: &[f64], matrix: &[f64], after: &[f64]) -> Vec<f32> {
    affine(rows, before, matrix, after)
}
