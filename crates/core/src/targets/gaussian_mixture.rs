//! p(x) = Σ_k w_k N(x; μ_k, σ_k² I): draws, density, score, and in one dimension the distribution function.

use super::Law;
use crate::error::{Error, Result, count, positive};
use crate::kernels::{IntLanes, Kernel, Lanes, Task, dispatch, padded};
use crate::random::{Stream, gaussian::box_muller, gaussian::normals, unit};
use core::f64::consts::{PI, SQRT_2};
use serde::{Deserialize, Serialize};

/// A mixture of isotropic Gaussians.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GaussianMixture {
    pub weights: Vec<f64>,
    pub means: Vec<Vec<f64>>,
    pub deviations: Vec<f64>,
}

impl GaussianMixture {
    /// ½N(−1, ½²) + ½N(1, ½²), the paper's first target.
    #[must_use]
    pub fn double_peak() -> Self {
        Self {
            weights: vec![0.5, 0.5],
            means: vec![vec![-1.0], vec![1.0]],
            deviations: vec![0.5, 0.5],
        }
    }

    /// Checks a mixture and normalises its weights.
    pub fn validated(mut self) -> Result<Self> {
        let k = count("target.weights", self.weights.len(), 1 << 16)?;
        for (name, actual) in [
            ("target.means", self.means.len()),
            ("target.deviations", self.deviations.len()),
        ] {
            if actual != k {
                return Err(Error::invalid(
                    name,
                    format!("{actual} components"),
                    format!("{k}, one for each weight"),
                ));
            }
        }
        let n = count("target.means", self.means[0].len(), 1 << 16)?;
        for mean in &self.means {
            if mean.len() != n || mean.iter().any(|v| !v.is_finite()) {
                return Err(Error::invalid(
                    "target.means",
                    format!("{mean:?}"),
                    format!("{n} finite coordinates in each mean"),
                ));
            }
        }
        for &w in &self.weights {
            positive("target.weights", w)?;
        }
        for &d in &self.deviations {
            positive("target.deviations", d)?;
        }
        let total: f64 = self.weights.iter().sum();
        for w in &mut self.weights {
            *w /= total;
        }
        Ok(self)
    }

    #[must_use]
    pub fn dimension(&self) -> usize {
        self.means[0].len()
    }

    /// `count` exact draws [n][padded count], lanes over draws; `time` tells passes over the stream apart.
    ///
    /// Coordinates 0 and 1 come from the first two words of block 0, the component from its third; later coordinates
    /// take four normals from each further block.
    #[must_use]
    pub fn draws(&self, stream: Stream, first: u32, count: usize, time: u64, kernel: Kernel) -> Vec<f32> {
        dispatch(
            kernel,
            Draw {
                mixture: self,
                stream,
                first,
                count,
                time,
            },
        )
    }

    /// p(x) at one point.
    #[must_use]
    pub fn density(&self, x: &[f64]) -> f64 {
        self.components(x).map(|(_, p)| p).sum()
    }

    /// (k, w_k N(x; μ_k, σ_k²)) of every component.
    fn components<'a>(&'a self, x: &'a [f64]) -> impl Iterator<Item = (usize, f64)> + 'a {
        (0..self.weights.len()).map(move |k| (k, libm::exp(self.log_component(k, x))))
    }

    #[inline(never)]
    fn log_component(&self, k: usize, x: &[f64]) -> f64 {
        let d = self.deviations[k];
        let square: f64 = x.iter().zip(&self.means[k]).map(|(x, m)| (x - m) * (x - m)).sum();
        libm::log(self.weights[k])
            - 0.5 * square / (d * d)
            - x.len() as f64 * libm::log(d * libm::sqrt(2.0 * PI))
    }

    /// ∇ log p(x), by responsibilities that can't underflow.
    pub fn score(&self, x: &[f64], out: &mut [f64]) {
        let logs: Vec<f64> = (0..self.weights.len())
            .map(|k| self.log_component(k, x))
            .collect();
        let top = logs
            .iter()
            .fold(f64::NEG_INFINITY, |a, &b| if b > a { b } else { a });
        let shares: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
        let total: f64 = shares.iter().sum();
        for (d, value) in out.iter_mut().enumerate() {
            *value = shares
                .iter()
                .enumerate()
                .map(|(k, share)| {
                    share / total * (self.means[k][d] - x[d]) / (self.deviations[k] * self.deviations[k])
                })
                .sum();
        }
    }

    /// The law of x + ση, η ~ N(0, I): deviations √(σ_k² + σ²).
    #[must_use]
    pub fn with_noise(&self, noise: f64) -> Self {
        let mut noisy = self.clone();
        for d in &mut noisy.deviations {
            *d = (*d * *d + noise * noise).sqrt();
        }
        noisy
    }

    /// The law of one coordinate.
    #[must_use]
    pub fn axis(&self, axis: usize) -> Self {
        Self {
            means: self.means.iter().map(|mean| vec![mean[axis]]).collect(),
            ..self.clone()
        }
    }

    /// An interval [low, high] outside which less than 1e-15 of the mass lies, in one dimension.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        let bound = |sign: f64| {
            self.means
                .iter()
                .zip(&self.deviations)
                .map(move |(m, d)| sign * m[0] + 8.0 * d)
                .fold(f64::MIN, f64::max)
        };
        (-bound(-1.0), bound(1.0))
    }

    fn one_dimensional(&self, x: f64) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        (0..self.weights.len()).map(move |k| {
            (
                self.weights[k],
                self.deviations[k],
                (x - self.means[k][0]) / self.deviations[k],
            )
        })
    }
}

/// In one dimension.
impl Law for GaussianMixture {
    fn dimension(&self) -> usize {
        self.means[0].len()
    }

    fn cdf(&self, x: f64) -> f64 {
        self.one_dimensional(x).map(|(w, _, z)| w * normal_cdf(z)).sum()
    }

    /// Σ w σ (z Φ(z) + ϕ(z)).
    fn integrated_cdf(&self, x: f64) -> f64 {
        self.one_dimensional(x)
            .map(|(w, sigma, z)| {
                w * sigma * (z * normal_cdf(z) + libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * PI))
            })
            .sum()
    }

    fn mean(&self) -> f64 {
        self.weights.iter().zip(&self.means).map(|(w, m)| w * m[0]).sum()
    }
}

/// Φ(z).
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

struct Draw<'a> {
    mixture: &'a GaussianMixture,
    stream: Stream,
    first: u32,
    count: usize,
    time: u64,
}

impl Task for Draw<'_> {
    type Output = Vec<f32>;

    fn run<L: Lanes>(self) -> Vec<f32> {
        let (n, columns) = (self.mixture.dimension(), padded(self.count));
        let k = self.mixture.weights.len();
        let mut bounds = Vec::with_capacity(k);
        let mut sum = 0.0;
        for w in &self.mixture.weights {
            sum += w;
            bounds.push(sum as f32);
        }
        bounds[k - 1] = f32::INFINITY;
        let means: Vec<f32> = self.mixture.means.iter().flatten().map(|&m| m as f32).collect();
        let deviations: Vec<f32> = self.mixture.deviations.iter().map(|&d| d as f32).collect();
        let mut out = vec![0.0; n * columns];
        let mut words = [0; 4];
        let mut component = [0; 4];
        for first in (0..columns).step_by(L::WIDTH) {
            let index = self.first.wrapping_add(first as u32);
            let [a, b, c, _]: [L::Int; 4] = self.stream.words(L::Int::count_from(index), self.time, 0);
            c.store(&mut words);
            for lane in 0..L::WIDTH {
                let u = unit(words[lane]);
                component[lane] = bounds.iter().position(|&bound| u < bound).unwrap_or(k - 1);
            }
            let (x0, x1) = box_muller::<L>(a, b);
            let mut block = [x0, x1, x0, x0];
            for d in 0..n {
                if d >= 2 && (d - 2) % 4 == 0 {
                    block = normals(self.stream, index, self.time, 1 + (d as u32 - 2) / 4);
                }
                let z = block[if d < 2 { d } else { (d - 2) % 4 }];
                let (mut mean, mut deviation) = ([0.0; 4], [0.0; 4]);
                for lane in 0..L::WIDTH {
                    mean[lane] = means[component[lane] * n + d];
                    deviation[lane] = deviations[component[lane]];
                }
                L::load(&mean)
                    .add(L::load(&deviation).mul(z))
                    .store(&mut out[d * columns + first..]);
            }
        }
        out
    }
}
