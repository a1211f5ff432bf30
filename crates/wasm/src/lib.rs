//! Bindings of `langevin-rnn-core` for JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

/// Version of the random streams and of every result's bits.
#[wasm_bindgen(js_name = streamVersion)]
pub fn stream_version() -> u32 {
    1
}
