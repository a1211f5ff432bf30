//! Laws along curves in the plane, as Gaussian mixtures on them, p(x) = Σ_k w_k N(x; γ(t_k), σ² I): exact in all they give.
//!
//! Neighbouring components lie closer than σ, so the ripple along a curve is below 1e-7 of the density.

use super::GaussianMixture;

/// Points of the ring, their number a power of two.
const RING: usize = 64;
const RING_RADIUS: f64 = 2.0;
const RING_DEVIATION: f64 = 0.2;
/// cos and sin of 2π/64.
const RING_STEP: [f64; 2] = [0.995_184_726_672_196_9, 0.098_017_140_329_560_6];

/// Points of the spiral, from t = π/2 to 4π in steps of 7π/384.
const SPIRAL: usize = 192;
const SPIRAL_GROWTH: f64 = 0.2;
const SPIRAL_DEVIATION: f64 = 0.15;
const SPIRAL_ANGLE: f64 = 0.057_268_616_081_063_935;
/// cos and sin of a step.
const SPIRAL_STEP: [f64; 2] = [0.998_360_600_940_222_5, 0.057_237_317_287_568_62];

/// A circle of radius 2, blurred by σ = 0.2.
#[must_use]
pub fn ring() -> GaussianMixture {
    let mut way = [1.0, 0.0];
    let means = (0..RING).map(|_| {
        let mean = vec![RING_RADIUS * way[0], RING_RADIUS * way[1]];
        way = turned(way, RING_STEP);
        mean
    });
    GaussianMixture {
        means: means.collect(),
        weights: vec![1.0 / RING as f64; RING],
        deviations: vec![RING_DEVIATION; RING],
    }
}

/// The spiral of Archimedes γ(t) = 0.2 t (cos t, sin t), t = π/2 … 4π, uniform in length, blurred by σ = 0.15.
#[must_use]
pub fn spiral() -> GaussianMixture {
    let mut way = [0.0, 1.0];
    let (mut means, mut weights) = (Vec::with_capacity(SPIRAL), Vec::with_capacity(SPIRAL));
    for k in 0..SPIRAL {
        let t = core::f64::consts::FRAC_PI_2 + SPIRAL_ANGLE * k as f64;
        means.push(vec![SPIRAL_GROWTH * t * way[0], SPIRAL_GROWTH * t * way[1]]);
        // |γ′| = 0.2 √(1 + t²)
        weights.push((1.0 + t * t).sqrt());
        way = turned(way, SPIRAL_STEP);
    }
    let total: f64 = weights.iter().sum();
    GaussianMixture {
        weights: weights.into_iter().map(|w| w / total).collect(),
        means,
        deviations: vec![SPIRAL_DEVIATION; SPIRAL],
    }
}

/// A direction turned by the angle whose cosine and sine are `step`.
fn turned([x, y]: [f64; 2], [cosine, sine]: [f64; 2]) -> [f64; 2] {
    [x * cosine - y * sine, x * sine + y * cosine]
}
