//! Confinement: does the drift point inward beyond the data? c(r) = max over rays u of s(ru)·u / r, at radii from R₀ to 1000 R₀;
//! for relu also the exact slope −1 + u·W_out relu(W_fb u) as r → ∞.

use super::config::TrainConfig;
use crate::error::Result;
use crate::kernels::Kernel;
use crate::network::{Activation, Input, Network};
use crate::order::sorted;
use crate::random::{Purpose, Stream, directions::directions};
use serde::Serialize;
use std::borrow::Cow;

/// Rays in more than one dimension.
const RAYS: usize = 256;

/// What was found along the rays. Negative drift is inward; `confined` when all of it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfinementReport {
    pub confined: bool,
    pub radius: f64,
    pub rays: usize,
    pub radii: Vec<f64>,
    pub outward_drift: Vec<f64>,
    pub asymptotic_slope: Option<f64>,
    pub anchor_weight: f64,
    pub warning: Option<String>,
}

/// R₀: the 0.9995 quantile of ‖x‖ over points [n][columns].
#[must_use]
pub fn radius(points: &[f32], n: usize, count: usize) -> f64 {
    let columns = points.len() / n;
    let norms: Vec<f64> = (0..count)
        .map(|i| {
            (0..n)
                .map(|d| f64::from(points[d * columns + i]))
                .map(|v| v * v)
                .sum::<f64>()
                .sqrt()
        })
        .collect();
    let norms = sorted(&norms);
    let at = ((count as f64) * 0.9995) as usize;
    norms[at.min(count - 1)].max(f64::MIN_POSITIVE)
}

/// Stimuli at which a network with an input is looked at.
const STIMULI: usize = 8;

/// The network as it is without an input, or with each of some stimuli of the data (the last rows of points [row][columns])
/// held, at its least, its middle and its greatest noise level by turns.
pub fn held<'a>(
    network: &'a Network,
    points: &'a [f32],
    count: usize,
    config: &'a TrainConfig,
) -> impl Iterator<Item = Cow<'a, Network>> {
    let k = network.input().map_or(0, Input::stimuli);
    let rows = network.dimension() + k;
    let columns = points.len() / rows;
    let looks = if network.input().is_some() { STIMULI } else { 1 };
    let levels = [
        config.noise_min,
        (config.noise_min * config.noise_max).sqrt(),
        config.noise_max,
    ];
    (0..looks).map(move |look| {
        let standard = network.input().map(|input| &input.standard);
        let stimulus: Vec<f64> = (0..k)
            .zip(standard)
            .map(|(d, standard)| {
                let u = f64::from(points[(rows - k + d) * columns + look * (count - 1) / STIMULI]);
                standard.mean[d] + standard.deviation[d] * u
            })
            .collect();
        network.at(&stimulus, config.noise_input.then(|| levels[look % 3]))
    })
}

/// Follows the rays of a network without an input whose data reaches `radius`, in the network's own units.
pub fn report(
    network: &Network,
    radius: f64,
    seed: u64,
    anchor_weight: f64,
    kernel: Kernel,
) -> Result<ConfinementReport> {
    report_over(
        core::iter::once(Cow::Borrowed(network)),
        radius,
        seed,
        anchor_weight,
        kernel,
    )
}

/// The same for the worst of some networks that differ in their biases alone.
pub fn report_over<'a>(
    networks: impl Iterator<Item = Cow<'a, Network>>,
    radius: f64,
    seed: u64,
    anchor_weight: f64,
    kernel: Kernel,
) -> Result<ConfinementReport> {
    // Four radii a decade, three decades.
    let radii: Vec<f64> = (0..=12)
        .map(|k| radius * libm::pow(10.0, f64::from(k) / 4.0))
        .collect();
    let mut outward_drift = vec![f64::NEG_INFINITY; radii.len()];
    let (mut asymptotic_slope, mut rays) = (None, Vec::new());
    for network in networks {
        let n = network.dimension();
        rays = directions(Stream::new(seed, Purpose::Rays), n, if n == 1 { 2 } else { RAYS });
        for (&r, worst) in radii.iter().zip(&mut outward_drift) {
            let points: Vec<f32> = rays.iter().flatten().map(|u| (u * r) as f32).collect();
            let drift = network.drift(&points, kernel)?;
            *worst = drift
                .chunks_exact(n)
                .zip(&rays)
                .map(|(s, u)| s.iter().zip(u).map(|(s, u)| f64::from(*s) * u).sum::<f64>() / r)
                .fold(*worst, |a, b| if b > a || b.is_nan() { b } else { a });
        }
        // Far out biases don't count.
        asymptotic_slope = slope(&network, &rays);
    }
    let confined = outward_drift.iter().all(|&c| c < 0.0) && asymptotic_slope.is_none_or(|c| c < 0.0);
    let warning = (!confined).then(|| {
        let first = radii
            .iter()
            .zip(&outward_drift)
            .find(|(_, c)| !(**c < 0.0))
            .map(|(r, _)| *r);
        let place = match first {
            Some(r) => format!("at radius {r:.4}"),
            None => "as the radius grows without bound".to_owned(),
        };
        format!(
            "the drift points outward {place}: no stationary law exists, and long chains run away. \
             Train in closed form (its tail anchors confine the score), or on data that reaches farther."
        )
    });
    Ok(ConfinementReport {
        confined,
        radius,
        rays: rays.len(),
        radii,
        outward_drift,
        asymptotic_slope,
        anchor_weight,
        warning,
    })
}

/// max over rays of lim s(ru)·u / r for a relu network: biases vanish and relu is homogeneous.
fn slope(network: &Network, rays: &[Vec<f64>]) -> Option<f64> {
    let relu = |v: f64| if v > 0.0 { v } else { 0.0 };
    let product = |a: &[f32], v: &[f64]| -> Vec<f64> {
        a.chunks_exact(v.len())
            .map(|row| row.iter().zip(v).map(|(w, v)| f64::from(*w) * v).sum())
            .collect()
    };
    let limit = |u: &[f64]| -> Option<Vec<f64>> {
        match network {
            Network::Reservoir(net) if net.activation == Activation::Relu => {
                let rates: Vec<f64> = product(&net.w_fb, u).into_iter().map(relu).collect();
                Some(
                    product(&net.w_out, &rates)
                        .iter()
                        .zip(u)
                        .map(|(a, u)| a - u)
                        .collect(),
                )
            }
            Network::SamplerOnly(net) if net.activation == Activation::Relu => {
                let target: Vec<f64> = match net.kind {
                    crate::network::SamplerOnlyKind::Rate => {
                        product(&net.w, u).into_iter().map(relu).collect()
                    }
                    crate::network::SamplerOnlyKind::Current => {
                        product(&net.w, &u.iter().map(|&v| relu(v)).collect::<Vec<_>>())
                    }
                };
                let drive: Vec<f64> = target
                    .iter()
                    .zip(u)
                    .zip(&net.gamma)
                    .map(|((a, u), g)| f64::from(*g) * (a - u))
                    .collect();
                let n = u.len();
                let half: Vec<f64> = (0..n)
                    .map(|k| (0..n).map(|i| f64::from(net.sig[i * n + k]) * drive[i]).sum())
                    .collect();
                Some(product(&net.sig, &half))
            }
            _ => None,
        }
    };
    let mut worst = None;
    for u in rays {
        let radial: f64 = limit(u)?.iter().zip(u).map(|(s, u)| s * u).sum();
        worst = Some(match worst {
            Some(w) if w > radial => w,
            _ => radial,
        });
    }
    worst
}
