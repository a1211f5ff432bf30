//! Four simulators of the sbibm benchmark (Lueckmann et al. 2021): parameters θ ~ p(θ) and data ~ p(data | θ), whose posterior
//! p(θ | data) a network with a stimulus is to sample.

use crate::error::{Error, Result};
use crate::langevin::Start;
use crate::random::{Purpose, Stream};

/// √0.1, the deviation of prior and noise of `gaussian-linear`.
const LINEAR_DEVIATION: f64 = 0.316_227_766_016_837_94;
/// Half the distance of uniform numbers in (−1, 1).
const GRAIN: f64 = 5.960_464_477_539_063e-8;
/// Most normals that a simulation takes.
const MOST: usize = 20;

/// A prior and a likelihood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simulator {
    /// θ ~ U(−1, 1)², data = (r cos a + ¼ − |θ₀ + θ₁|/√2, r sin a + (θ₁ − θ₀)/√2), a ~ U(−π/2, π/2), r ~ N(0.1, 0.01²).
    TwoMoons,
    /// θ ~ U(−10, 10)², data ~ ½N(θ, I) + ½N(θ, 0.1² I).
    GaussianMixture,
    /// θ ~ N(0, 0.1 I) in ten dimensions, data ~ N(θ, 0.1 I).
    GaussianLinear,
    /// θ ~ U(−3, 3)⁵, data four points of N((θ₀, θ₁), Σ): deviations θ₂² and θ₃², correlation tanh θ₄.
    Slcp,
}

impl Simulator {
    /// A simulator by its name.
    pub fn by_name(name: &str) -> Result<Self> {
        Ok(match name {
            "two-moons" => Self::TwoMoons,
            "gaussian-mixture" => Self::GaussianMixture,
            "gaussian-linear" => Self::GaussianLinear,
            "slcp" => Self::Slcp,
            _ => {
                return Err(Error::invalid(
                    "task",
                    format!("'{name}'"),
                    "'two-moons', 'gaussian-mixture', 'gaussian-linear' or 'slcp'",
                ));
            }
        })
    }

    /// Parameters, numbers of the data, and half the width of the prior's box; 0 for a prior without one.
    #[must_use]
    pub const fn shape(self) -> (usize, usize, f64) {
        match self {
            Self::TwoMoons => (2, 2, 1.0),
            Self::GaussianMixture => (2, 2, 10.0),
            Self::GaussianLinear => (10, 10, 0.0),
            Self::Slcp => (5, 8, 3.0),
        }
    }

    /// `count` simulations [count, d + k]: parameters, then data.
    #[must_use]
    pub fn draws(self, count: usize, seed: u64) -> Vec<f32> {
        let (d, k, bound) = self.shape();
        let states = |start: Start, purpose, n| start.states(Stream::new(seed, purpose), false, 0, count, n);
        // Half a grain off the walls, which are no line's end.
        let uniform = Start::Uniform {
            low: GRAIN - 1.0,
            high: GRAIN + 1.0,
        };
        let uniforms = states(uniform, Purpose::Parameters, d + 1);
        let normals = states(Start::default(), Purpose::Simulations, MOST);
        let mut out = vec![0.0; count * (d + k)];
        for (i, row) in out.chunks_exact_mut(d + k).enumerate() {
            let (theta, data) = row.split_at_mut(d);
            let at = |j: usize| wide(&normals, i * MOST + j);
            for (j, theta) in theta.iter_mut().enumerate() {
                *theta = if bound > 0.0 {
                    bound * wide(&uniforms, i * (d + 1) + j)
                } else {
                    LINEAR_DEVIATION * at(k + j)
                } as f32;
            }
            self.simulate(theta, data, &at, wide(&uniforms, i * (d + 1) + d) < 0.0);
        }
        out
    }

    /// The data of one θ, by standard normals and a fair coin, which only `gaussian-mixture` throws.
    fn simulate(self, theta: &[f32], data: &mut [f32], z: &dyn Fn(usize) -> f64, heads: bool) {
        let at = |i: usize| wide(theta, i);
        if self == Self::TwoMoons {
            // The direction of two normals is uniform; of it the right half.
            let way = (0.1 + 0.01 * z(2)) / (z(0) * z(0) + z(1) * z(1)).sqrt();
            let root = core::f64::consts::FRAC_1_SQRT_2;
            data[0] = (way * z(0).abs() + 0.25 - root * (at(0) + at(1)).abs()) as f32;
            data[1] = (way * z(1) + root * (at(1) - at(0))) as f32;
            return;
        }
        let mut deviations = match (self, heads) {
            (Self::GaussianLinear, _) => [LINEAR_DEVIATION; 2],
            (_, true) => [0.1; 2],
            _ => [1.0; 2],
        };
        // (ρ, √(1 − ρ²)) of ρ = tanh θ₄.
        let (mut along, mut across) = (0.0, 1.0);
        let slcp = self == Self::Slcp;
        if slcp {
            deviations = [2, 3].map(|i| at(i) * at(i));
            let e = libm::exp(2.0 * at(4));
            (along, across) = ((e - 1.0) / (e + 1.0), 2.0 * e.sqrt() / (e + 1.0));
        }
        for (j, x) in data.iter_mut().enumerate() {
            let normal = if j % 2 == 1 {
                along * z(j - 1) + across * z(j)
            } else {
                z(j)
            };
            *x = (at(if slcp { j % 2 } else { j }) + deviations[j % 2] * normal) as f32;
        }
    }
}

/// One number of many, in double precision. Out of line: loops of it stay as small as they are written.
#[inline(never)]
fn wide(values: &[f32], i: usize) -> f64 {
    f64::from(values[i])
}
