//! The paper's second target, ½ Laplace(0, Γ₊) + ½ Laplace(0, Γ₋) with Γ± = [[1, ±ρ], [±ρ, 1]]: draws, density, score, axes.
//!
//! Laplace(0, Γ) is √E·N(0, Γ), E ~ Exp(1), so p(x) = ∫ e^−E N(x; 0, EΓ + σ²I) dE with noise σ. Without it that is
//! K₀(√(2 xᵀΓ⁻¹x)) / (π √|Γ|), and by E = ½ √(2 xᵀΓ⁻¹x) eᵘ the integral representation of K₀. By the trapezoidal rule in
//! ln E, whose error falls exponentially for such integrands.

use super::Law;
use crate::kernels::{IntLanes, Kernel, Lanes, Task, dispatch, padded};
use crate::math::ln;
use crate::random::{Stream, gaussian::box_muller};
use core::f64::consts::{PI, SQRT_2};

/// Points of the quadrature: 0.1 in ln E at most.
const NODES: usize = 512;
/// Terms below e^−40 of the largest can't be seen in a double.
const REACH: f64 = 40.0;

/// A mixture of two bivariate Laplace laws of correlations ρ and −ρ; each axis has variance 1 and excess kurtosis 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaplaceMixture {
    pub correlation: f64,
}

impl LaplaceMixture {
    /// ρ = 0.9.
    #[must_use]
    pub const fn paper() -> Self {
        Self { correlation: 0.9 }
    }

    /// `count` exact draws [2][padded count], lanes over draws: normals from words 0 and 1, the component from the sign bit
    /// of word 2, E from word 3.
    #[must_use]
    pub fn draws(&self, stream: Stream, first: u32, count: usize, time: u64, kernel: Kernel) -> Vec<f32> {
        let correlation = self.correlation;
        dispatch(
            kernel,
            Draw {
                correlation,
                stream,
                first,
                count,
                time,
            },
        )
    }

    /// p(x) and ∇ log p(x) of the law with noise σ = `noise`, 0 for none. At 0 without noise p is infinite; the score there,
    /// by symmetry, is 0.
    #[must_use]
    pub fn density_and_score(&self, x: &[f64], noise: f64) -> (f64, [f64; 2]) {
        // Γ₊ and Γ₋ share their axes: u along (1, 1), v along (1, −1).
        let (u, v) = ((x[0] + x[1]) / SQRT_2, (x[0] - x[1]) / SQRT_2);
        let (wide, narrow) = (1.0 + self.correlation, 1.0 - self.correlation);
        let plus = Integral::new([u * u, v * v], [wide, narrow], noise);
        let minus = Integral::new([u * u, v * v], [narrow, wide], noise);
        let top = plus.log_scale.max(minus.log_scale);
        if top == f64::INFINITY {
            return (f64::INFINITY, [0.0; 2]);
        }
        let (p, m) = (libm::exp(plus.log_scale - top), libm::exp(minus.log_scale - top));
        let total = p * plus.mass + m * minus.mass;
        let (su, sv) = (
            -u * (p * plus.pull[0] + m * minus.pull[0]) / total,
            -v * (p * plus.pull[1] + m * minus.pull[1]) / total,
        );
        (
            0.5 * total * libm::exp(top),
            [(su + sv) / SQRT_2, (su - sv) / SQRT_2],
        )
    }
}

/// ∫ e^−E N(y; 0, E·variances + σ²) dE and its derivatives, as sums relative to e^`log_scale`.
struct Integral {
    log_scale: f64,
    mass: f64,
    /// ∫ … /(E·variance + σ²) along each axis: the score is −y times this over the mass.
    pull: [f64; 2],
}

impl Integral {
    fn new(squares: [f64; 2], variances: [f64; 2], noise: f64) -> Self {
        let q = squares[0] / variances[0] + squares[1] / variances[1];
        if q == 0.0 && noise == 0.0 {
            return Self {
                log_scale: f64::INFINITY,
                mass: 1.0,
                pull: [0.0; 2],
            };
        }
        // Without noise terms are e^(−E − q/(2E)): from their largest, at E = z/2, they have fallen by e^−40 at these ends.
        let z = (2.0 * q).sqrt();
        let a = z + REACH;
        let high = 0.5 * (a + (a * a - z * z).sqrt());
        let low = if noise > 0.0 {
            -REACH
        } else {
            libm::log(0.25 * z * z / high)
        };
        let step = (libm::log(high) - low) / (NODES - 1) as f64;
        let mut nodes = [(0.0, [0.0; 2]); NODES];
        let mut log_scale = f64::NEG_INFINITY;
        for (k, (log, spread)) in nodes.iter_mut().enumerate() {
            let t = low + step * k as f64;
            let e = libm::exp(t);
            let [a, b] = variances.map(|variance| e * variance + noise * noise);
            *log = t - e - 0.5 * (squares[0] / a + squares[1] / b + libm::log(a * b));
            *spread = [a, b];
            log_scale = log_scale.max(*log);
        }
        let (mut mass, mut pull) = (0.0, [0.0; 2]);
        for (log, spread) in &nodes {
            let term = libm::exp(log - log_scale) * step / (2.0 * PI);
            mass += term;
            pull[0] += term / spread[0];
            pull[1] += term / spread[1];
        }
        Self {
            log_scale,
            mass,
            pull,
        }
    }
}

/// One axis of the mixture: Laplace with variance 1, F(x) = 1 − ½ e^(−√2 x) for x ≥ 0.
#[derive(Clone, Copy, Debug)]
pub struct LaplaceAxis;

impl Law for LaplaceAxis {
    fn cdf(&self, x: f64) -> f64 {
        let tail = 0.5 * libm::exp(-SQRT_2 * x.abs());
        if x < 0.0 { tail } else { 1.0 - tail }
    }

    fn integrated_cdf(&self, x: f64) -> f64 {
        x.max(0.0) + libm::exp(-SQRT_2 * x.abs()) / (2.0 * SQRT_2)
    }

    fn mean(&self) -> f64 {
        0.0
    }
}

struct Draw {
    correlation: f64,
    stream: Stream,
    first: u32,
    count: usize,
    time: u64,
}

impl Task for Draw {
    type Output = Vec<f32>;

    fn run<L: Lanes>(self) -> Vec<f32> {
        let columns = padded(self.count);
        let mut out = vec![0.0; 2 * columns];
        let along = L::splat(self.correlation as f32);
        let across = L::splat((1.0 - self.correlation * self.correlation).sqrt() as f32);
        for first in (0..columns).step_by(L::WIDTH) {
            let index = L::Int::count_from(self.first.wrapping_add(first as u32));
            let [a, b, component, c]: [L::Int; 4] = self.stream.words(index, self.time, 0);
            let (z0, z1) = box_muller::<L>(a, b);
            let u = c.to_float().add(L::splat(0.5)).mul(L::splat(2.328_306_4e-10));
            let root = ln(u).neg().sqrt();
            let sign = component.and(L::Int::splat(1 << 31));
            let shared = along.mul(z0).to_bits().xor(sign).as_float();
            root.mul(z0).store(&mut out[first..]);
            root.mul(shared.add(across.mul(z1)))
                .store(&mut out[columns + first..]);
        }
        out
    }
}
