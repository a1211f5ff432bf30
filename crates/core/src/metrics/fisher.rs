//! Fisher divergence: F = E_p ‖s(x) − ∇ log p(x)‖², without a factor ½. In one dimension by the trapezoidal rule over the clean
//! law; in any, over exact draws of a law with noise σ, where denoising score matching at σ has its least value 0.

use crate::error::{Error, Result, count, not_negative};
use crate::kernels::{Kernel, Scalar};
use crate::network::Network;
use crate::random::{Purpose, Stream, gaussian::normals};
use crate::targets::{GaussianMixture, Target};

/// F of scores `s` on an even grid that covers the law.
#[must_use]
pub fn divergence(grid: &[f64], s: &[f32], law: &GaussianMixture) -> f64 {
    let step = grid[1] - grid[0];
    let mut exact = [0.0];
    let mut sum = 0.0;
    for (&x, &learned) in grid.iter().zip(s) {
        law.score(&[x], &mut exact);
        let error = f64::from(learned) - exact[0];
        sum += law.density(&[x]) * error * error;
    }
    sum * step
}

/// A score's error, and the size of what it stands for.
pub struct ScoreError {
    /// E ‖s − ∇ log p‖².
    pub divergence: f64,
    /// E ‖∇ log p‖².
    pub information: f64,
}

/// The error of a network's score over `points` exact draws of `target` with noise σ = `noise`, 0 for none.
///
/// The noise of a draw is at (seed, draw, time 1, dimension) of the stream whose time 0 gives the draws.
pub fn on_draws(
    network: &Network,
    target: &Target,
    noise: f64,
    points: usize,
    seed: u64,
) -> Result<ScoreError> {
    let n = target.dimension();
    if network.dimension() != n {
        return Err(Error::invalid(
            "network",
            format!("{} dimensions", network.dimension()),
            format!("{n}, as the target has"),
        ));
    }
    count("points", points, 1 << 24)?;
    not_negative("noise", noise)?;
    let stream = Stream::new(seed, Purpose::TargetDraws);
    let draws = target.draws(stream, 0, points, 0, Kernel::Auto);
    let columns = draws.len() / n;
    let mut x = vec![0.0_f32; points * n];
    for (i, row) in x.chunks_exact_mut(n).enumerate() {
        let mut block = [Scalar(0.0); 4];
        for (d, value) in row.iter_mut().enumerate() {
            if d % 4 == 0 {
                block = normals(stream, i as u32, 1, d as u32 / 4);
            }
            *value = draws[d * columns + i] + noise as f32 * block[d % 4].0;
        }
    }
    let learned = network.score(&x, Kernel::Auto)?;
    let wide: Vec<f64> = x.iter().map(|&v| f64::from(v)).collect();
    let (_, exact) = target.values(&wide, noise);
    let (mut divergence, mut information) = (0.0, 0.0);
    for (&s, &e) in learned.iter().zip(&exact) {
        let error = f64::from(s) - e;
        divergence += error * error;
        information += e * e;
    }
    Ok(ScoreError {
        divergence: divergence / points as f64,
        information: information / points as f64,
    })
}
