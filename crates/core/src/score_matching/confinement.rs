//! Confinement: does the drift point inward beyond the data? c(r) = max over rays u of s(ru)·u / r, at radii from R₀ to 1000 R₀;
//! for relu also the exact slope −1 + u·W_out relu(W_fb u) as r → ∞.

use crate::error::Result;
use crate::kernels::Kernel;
use crate::network::{Activation, Network};
use crate::order::sorted;
use crate::random::{Purpose, Stream, directions::directions};
use serde::Serialize;

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

/// Follows the rays of a network whose data reaches `radius`.
pub fn report(
    network: &Network,
    radius: f64,
    seed: u64,
    anchor_weight: f64,
    kernel: Kernel,
) -> Result<ConfinementReport> {
    let n = network.dimension();
    let rays = directions(Stream::new(seed, Purpose::Rays), n, if n == 1 { 2 } else { RAYS });
    // Four radii a decade, three decades.
    let radii: Vec<f64> = (0..=12)
        .map(|k| radius * libm::pow(10.0, f64::from(k) / 4.0))
        .collect();
    let mut outward_drift = Vec::with_capacity(radii.len());
    for &r in &radii {
        let points: Vec<f32> = rays.iter().flatten().map(|u| (u * r) as f32).collect();
        let scores = network.score(&points, kernel)?;
        let worst = scores
            .chunks_exact(n)
            .zip(&rays)
            .map(|(s, u)| s.iter().zip(u).map(|(s, u)| f64::from(*s) * u).sum::<f64>() / r)
            .fold(f64::NEG_INFINITY, |a, b| if b > a || b.is_nan() { b } else { a });
        outward_drift.push(worst);
    }
    let asymptotic_slope = slope(network, &rays);
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
