//! Bindings of `langevin-rnn-core` for JavaScript: conversions only, one file for each module of the core.

mod convert;
mod hash;
mod langevin;
mod metrics;
mod network;
mod principal_components;
mod score_matching;
mod targets;

use langevin_rnn_core::allocator::OutOfLine;
use wasm_bindgen::prelude::wasm_bindgen;

#[global_allocator]
static ALLOCATOR: OutOfLine = OutOfLine;

/// Version of the random streams and of every result's bits.
#[wasm_bindgen(js_name = streamVersion)]
pub fn stream_version() -> u32 {
    langevin_rnn_core::STREAM_VERSION
}

/// Whether this module holds the simd128 kernels.
#[wasm_bindgen(js_name = hasSimd)]
pub fn has_simd() -> bool {
    langevin_rnn_core::kernels::has_simd()
}
