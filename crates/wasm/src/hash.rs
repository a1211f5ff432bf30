//! Bindings of `hash`.

use langevin_rnn_core::hash;
use wasm_bindgen::prelude::wasm_bindgen;

/// SHA-256 of single-precision numbers with their shape.
#[wasm_bindgen(js_name = hashFloat32)]
pub fn hash_float32(shape: &[u32], values: &[f32]) -> String {
    hash::float32(
        &shape.iter().map(|&extent| extent as usize).collect::<Vec<_>>(),
        values,
    )
}

/// SHA-256 of double-precision numbers with their shape.
#[wasm_bindgen(js_name = hashFloat64)]
pub fn hash_float64(shape: &[u32], values: &[f64]) -> String {
    hash::float64(
        &shape.iter().map(|&extent| extent as usize).collect::<Vec<_>>(),
        values,
    )
}
