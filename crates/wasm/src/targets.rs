//! Bindings of `targets`.

use crate::convert::{Outcome, doubles, read, record, thrown};
use langevin_rnn_core::Error;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::random::{Purpose, Stream};
use langevin_rnn_core::targets::{GaussianMixture, Simulator, Target, bounded};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A target by name or as a mixture.
pub(crate) fn target(value: JsValue) -> Outcome<Target> {
    match value.as_string() {
        Some(name) => Target::by_name(&name).map_err(thrown),
        None => read::<GaussianMixture>("target", value)?
            .validated()
            .map(Target::from)
            .map_err(thrown),
    }
}

/// `count` exact draws [count, n].
#[wasm_bindgen(js_name = targetDraws)]
pub fn target_draws(of: JsValue, count: u32, seed: u64) -> Outcome<Vec<f32>> {
    let target = target(of)?;
    if count == 0 {
        return Err(thrown(Error::invalid(
            "count",
            count,
            "a whole number, 1 or more",
        )));
    }
    let stream = Stream::new(seed, Purpose::TargetDraws);
    let columns = target.draws(stream, 0, count as usize, 0, Kernel::Auto);
    let (n, stride) = (target.dimension(), columns.len() / target.dimension());
    Ok((0..count as usize)
        .flat_map(|i| (0..n).map(move |d| (i, d)))
        .map(|(i, d)| columns[d * stride + i])
        .collect())
}

/// Density [point] and score [point, n] at points [point, n] of the target with noise σ added.
#[wasm_bindgen(js_name = targetValues)]
pub fn target_values(of: JsValue, points: &[f32], noise: f64) -> Outcome<JsValue> {
    let target = target(of)?;
    let n = target.dimension();
    if points.len() % n != 0 {
        return Err(thrown(Error::invalid(
            "points",
            points.len(),
            format!("[point, {n}]"),
        )));
    }
    let wide: Vec<f64> = points.iter().map(|&v| f64::from(v)).collect();
    let (density, score) = target.values(&wide, noise);
    Ok(record(&[
        ("density", doubles(&density)),
        ("score", doubles(&score)),
    ]))
}

/// Simulations of a task [count, d + k], parameters first.
#[wasm_bindgen]
pub fn simulate(task: &str, count: u32, seed: u64) -> Outcome<Vec<f32>> {
    let simulator = Simulator::by_name(task).map_err(thrown)?;
    Ok(simulator.draws(count as usize, seed))
}

/// The change of variable of a box, one way or the `back` one, each number with its centre and width.
#[wasm_bindgen(js_name = changeVariable)]
pub fn change_variable(
    mut values: Vec<f32>,
    centres: &[f64],
    widths: &[f64],
    bound: f64,
    back: bool,
) -> Vec<f32> {
    let change = if back {
        bounded::bounded
    } else {
        bounded::unbounded
    };
    for ((value, centre), width) in values.iter_mut().zip(centres).zip(widths) {
        *value = change(f64::from(*value), *centre, *width, bound) as f32;
    }
    values
}
