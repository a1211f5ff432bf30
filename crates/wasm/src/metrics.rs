//! Bindings of `metrics`.

use crate::convert::{Outcome, doubles, record, thrown};
use crate::network::NetworkHandle;
use crate::targets::target;
use langevin_rnn_core::Error;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::metrics::sample::{Chains, Points};
use langevin_rnn_core::metrics::summary::{Settings, summary};
use langevin_rnn_core::metrics::{c2st, energy, fisher, ksd, mmd, nearest, sliced, stationary, wasserstein};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Fisher divergence and stationary law of a network with one output.
#[wasm_bindgen]
pub fn evaluate(network: &NetworkHandle, of: JsValue) -> Outcome<JsValue> {
    let quality = stationary::quality(
        &network.network,
        target(of)?.on_line().map_err(thrown)?,
        Kernel::Auto,
    )
    .map_err(thrown)?;
    Ok(record(&[
        ("fisherDivergence", quality.fisher_divergence.into()),
        ("lawWasserstein", quality.law_wasserstein.into()),
        ("grid", doubles(&quality.law.grid)),
        ("density", doubles(&quality.law.density)),
        ("modes", (quality.modes as f64).into()),
    ]))
}

/// E‖s(x) − ∇ log p(x)‖² over `points` exact draws of the target with noise σ added, and E‖∇ log p(x)‖² of the same draws.
#[wasm_bindgen(js_name = scoreError)]
pub fn score_error(
    network: &NetworkHandle,
    of: JsValue,
    noise: f64,
    points: u32,
    seed: u64,
) -> Outcome<JsValue> {
    let error =
        fisher::on_draws(&network.network, &target(of)?, noise, points as usize, seed).map_err(thrown)?;
    Ok(record(&[
        ("fisherDivergence", error.divergence.into()),
        ("fisherInformation", error.information.into()),
    ]))
}

/// W1 between draws and a target, or one axis of it.
#[wasm_bindgen(js_name = wassersteinToLaw)]
pub fn wasserstein_to_law(draws: &[f32], of: JsValue, axis: Option<usize>) -> Outcome<f64> {
    let law = target(of)?.axis(axis).map_err(thrown)?;
    wasserstein::to_law(draws, &*law).map_err(thrown)
}

/// W1 between two sets of one-dimensional draws.
#[wasm_bindgen(js_name = wassersteinBetween)]
pub fn wasserstein_between(draws: &[f32], reference: &[f32]) -> Outcome<f64> {
    wasserstein::between_draws(draws, reference).map_err(thrown)
}

/// Numbers, autocorrelation, spectrum and rank histogram of one coordinate [chain, draw].
#[wasm_bindgen(js_name = chainSummary)]
pub fn chain_summary(
    draws: &[f32],
    chains: usize,
    lags: usize,
    segment: usize,
    interval: f64,
    rank_bins: usize,
) -> Outcome<JsValue> {
    let settings = Settings {
        lags,
        segment,
        interval,
        rank_bins,
    };
    let length = draws.len().checked_div(chains).unwrap_or(0);
    let chains = Chains::new(draws, chains, length).map_err(thrown)?;
    let found = summary(&chains, &settings).map_err(thrown)?;
    Ok(record(&[
        ("mean", found.moments.mean.into()),
        ("deviation", found.moments.deviation.into()),
        ("excessKurtosis", found.moments.excess_kurtosis.into()),
        ("essBulk", found.ess_bulk.into()),
        ("essTail", found.ess_tail.into()),
        ("rHat", found.r_hat.into()),
        ("mcseMean", found.mcse_mean.into()),
        ("autocorrelation", doubles(&found.autocorrelation)),
        ("spectrum", doubles(&found.spectrum)),
        (
            "rankHistogram",
            js_sys::Uint32Array::from(&found.rank_histogram[..]).into(),
        ),
    ]))
}

/// Mean W1 over random directions between points [point, n].
#[wasm_bindgen(js_name = slicedWasserstein)]
pub fn sliced_wasserstein(
    draws: &[f32],
    reference: &[f32],
    n: usize,
    directions: usize,
    seed: u64,
) -> Outcome<f64> {
    let (x, y) = two_samples(draws, reference, n, usize::MAX)?;
    sliced::sliced_wasserstein(&x, &y, directions, seed).map_err(thrown)
}

/// MMD² and energy distance between at most `most` points of either side.
#[wasm_bindgen(js_name = pairDistances)]
pub fn pair_distances(
    draws: &[f32],
    reference: &[f32],
    n: usize,
    bandwidth: Option<f64>,
    most: usize,
) -> Outcome<JsValue> {
    let (x, y) = two_samples(draws, reference, n, most)?;
    let discrepancy = mmd::mmd(&x, &y, bandwidth).map_err(thrown)?;
    Ok(record(&[
        ("mmdSquared", discrepancy.squared.into()),
        ("bandwidth", discrepancy.bandwidth.into()),
        (
            "energyDistance",
            energy::energy_distance(&x, &y).map_err(thrown)?.into(),
        ),
        ("points", (x.count as f64).into()),
        ("referencePoints", (y.count as f64).into()),
    ]))
}

/// Accuracy on one of `folds` folds of a classifier that tells as many draws as reference points apart, at most `most` of each.
#[wasm_bindgen(js_name = classifierFold)]
pub fn classifier_fold(
    draws: &[f32],
    reference: &[f32],
    n: usize,
    fold: usize,
    folds: usize,
    seed: u64,
    most: usize,
) -> Outcome<f64> {
    let most = most.min(draws.len().min(reference.len()) / n.max(1));
    let (x, y) = two_samples(draws, reference, n, most)?;
    let found = c2st::fold(&x, &y, fold, folds, seed).map_err(thrown)?;
    Ok(found.accuracy)
}

/// The nearest reference point for each point, both [point, n]: distances, then indices.
#[wasm_bindgen(js_name = nearestPoints)]
pub fn nearest_points(points: &[f32], reference: &[f32], n: usize) -> Outcome<Vec<f64>> {
    let of = |argument, values| Points::new(argument, values, n, 1).map_err(thrown);
    nearest::nearest(&of("points", points)?, &of("reference", reference)?).map_err(thrown)
}

/// KSD² of at most `most` draws to a network's law.
#[wasm_bindgen(js_name = steinToNetwork)]
pub fn stein_to_network(
    network: &NetworkHandle,
    draws: &[f32],
    n: usize,
    scale: f64,
    most: usize,
) -> Outcome<JsValue> {
    let points = law_points(draws, n, network.network.dimension(), most)?;
    // Draws were singles before they were points: nothing is lost.
    let narrow: Vec<f32> = points.values.iter().map(|&v| v as f32).collect();
    let scores: Vec<f64> = network.score(&narrow)?.into_iter().map(f64::from).collect();
    stein(&points, &scores, scale)
}

/// KSD² of at most `most` draws to a target.
#[wasm_bindgen(js_name = steinToTarget)]
pub fn stein_to_target(of: JsValue, draws: &[f32], n: usize, scale: f64, most: usize) -> Outcome<JsValue> {
    let target = target(of)?;
    let points = law_points(draws, n, target.dimension(), most)?;
    let (_, scores) = target.values(&points.values, 0.0);
    stein(&points, &scores, scale)
}

fn stein(points: &Points, scores: &[f64], scale: f64) -> Outcome<JsValue> {
    let found = ksd::ksd(points, scores, scale).map_err(thrown)?;
    Ok(record(&[
        ("uStatistic", found.u_statistic.into()),
        ("vStatistic", found.v_statistic.into()),
        ("points", (points.count as f64).into()),
    ]))
}

/// Draws for a law of `dimension` dimensions.
fn law_points(draws: &[f32], n: usize, dimension: usize, most: usize) -> Outcome<Points> {
    if n != dimension {
        return Err(thrown(Error::invalid(
            "draws",
            format!("{n} dimensions"),
            format!("{dimension} dimensions, as the law has"),
        )));
    }
    Points::thinned("draws", draws, n, 2, most).map_err(thrown)
}

fn two_samples(draws: &[f32], reference: &[f32], n: usize, most: usize) -> Outcome<(Points, Points)> {
    let points = |argument, values| Points::thinned(argument, values, n, 2, most).map_err(thrown);
    Ok((points("draws", draws)?, points("reference", reference)?))
}
