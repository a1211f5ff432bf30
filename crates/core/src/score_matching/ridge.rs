//! The ridge of the closed form: W_out = C (G + λI)⁻¹, λ by cross-validation over folds of the data's sums.

use super::config::TrainConfig;
use super::moments::Moments;
use crate::error::{Error, Result};
use crate::kernels::Kernel;
use crate::linear_algebra::{cholesky, solve_cholesky};
use crate::network::reservoir::PackedReservoir;
use crate::order::order;

/// Tail anchors of a level.
pub(super) const ANCHORS: usize = 4096;

#[cold]
pub(super) fn not_definite(config: &TrainConfig) -> Error {
    Error::invalid(
        "ridges",
        format!("{:?}", config.ridges),
        "a relative ridge large enough for the normal equations to be positive definite, such as 1e-6",
    )
}

/// Ridges worth trying with their cross-validated losses J = ½ tr(W G Wᵀ) − tr(W Cᵀ), in rising order. The first is the
/// largest whose loss lies within one standard error of the least: the least itself is often an accident, since φ′ makes
/// held-out losses noisy, and a small λ costs far more when it is wrong than a large one.
pub(super) fn candidate_ridges(
    config: &TrainConfig,
    net: &PackedReservoir,
    all: &Moments,
    folds: &[Moments],
    anchors: &Moments,
    weight: f64,
) -> Result<Vec<(f64, f64)>> {
    let mut tried: Vec<(f64, Vec<f64>)> = Vec::new();
    for &ridge in &config.ridges {
        let losses: Option<Vec<f64>> = folds
            .iter()
            .map(|fold| {
                let mut rest = all.clone();
                rest.add(fold, -1.0);
                let w = solve(&rest, Some((anchors, weight)), net.units, ridge, config.kernel)?;
                Some(quadratic_loss(fold, &w, net.units)).filter(|loss| loss.is_finite())
            })
            .collect();
        tried.extend(losses.map(|losses| (ridge, losses)));
    }
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let best = tried
        .iter()
        .min_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)))
        .ok_or_else(|| not_definite(config))?;
    let close = tried.iter().filter(|(_, losses)| {
        // Paired over folds: they share their points, so only the difference counts.
        let gaps: Vec<f64> = losses.iter().zip(&best.1).map(|(a, b)| a - b).collect();
        let gap = mean(&gaps);
        let spread: f64 = gaps.iter().map(|g| (g - gap) * (g - gap)).sum::<f64>() / (gaps.len() - 1) as f64;
        gap <= (spread / gaps.len() as f64).sqrt()
    });
    let chosen = close.map(|(ridge, _)| *ridge).fold(best.0, f64::max);
    let candidates: Vec<(f64, f64)> = tried
        .iter()
        .filter(|(ridge, _)| *ridge >= chosen)
        .map(|(ridge, losses)| (*ridge, mean(losses)))
        .collect();
    let ridges: Vec<f64> = candidates.iter().map(|(ridge, _)| *ridge).collect();
    Ok(order(&ridges).iter().map(|&k| candidates[k as usize]).collect())
}

/// J of W_out [n][k] under the mean of the sums.
fn quadratic_loss(sums: &Moments, w: &[f64], units: usize) -> f64 {
    let k = sums.k;
    let mut loss = 0.0;
    for d in 0..sums.n {
        let row = &w[d * k..d * k + units];
        for i in 0..units {
            let tail: f64 = (i + 1..units).map(|j| sums.g[i * k + j] * row[j]).sum();
            loss += row[i] * (0.5 * sums.g[i * k + i] * row[i] + tail - sums.c[d * k + i]);
        }
    }
    loss / sums.weight
}

/// W_out [n][k] from means of the sums plus anchors; None when the matrix isn't positive definite.
pub(super) fn solve(
    sums: &Moments,
    anchors: Option<(&Moments, f64)>,
    units: usize,
    ridge: f64,
    kernel: Kernel,
) -> Option<Vec<f64>> {
    let (k, n) = (sums.k, sums.n);
    let mean = |data: f64, anchor: &dyn Fn(&Moments) -> f64| -> f64 {
        data / sums.weight + anchors.map_or(0.0, |(a, w)| w * anchor(a) / ANCHORS as f64)
    };
    // The factor works on whole tiles of the upper triangle, as the sums do; padding units get a unit diagonal.
    let mut a = vec![0.0; k * k];
    for i in 0..k {
        for j in i..k {
            a[i * k + j] = mean(sums.g[i * k + j], &|anchor| anchor.g[i * k + j]);
        }
    }
    let trace: f64 = (0..units).map(|i| a[i * k + i]).sum();
    for i in 0..k {
        a[i * k + i] += if i < units {
            ridge * trace / units as f64
        } else {
            1.0
        };
    }
    if !cholesky(&mut a, k, kernel) {
        return None;
    }
    let mut w = vec![0.0; n * k];
    for d in 0..n {
        let row = &mut w[d * k..(d + 1) * k];
        for (j, value) in row[..units].iter_mut().enumerate() {
            *value = mean(sums.c[d * k + j], &|anchor| anchor.c[d * k + j]);
        }
        solve_cholesky(&a, k, row);
    }
    w.iter().all(|v| v.is_finite()).then_some(w)
}
