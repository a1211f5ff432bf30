//! The denoising loss of a network with an input or a Q of its own: with s = P f(x̃, u), P = (I + Q)⁻¹, e = s + ε/σ and
//! L = ½ mean ‖e‖² (times σ² where log σ is an input): ∂L/∂f = Pᵀ e, ∂L/∂Q = −Σ (Pᵀ e) sᵀ.
//!
//! An input is learned as so many more dimensions of x, whose outputs are nobody's: their residuals are 0, and so their rows of
//! W_out stay 0.

use super::adam::{Adam, Moments};
use super::config::TrainConfig;
use super::loss::Batch;
use crate::kernels::Scalar;
use crate::network::stimulus::Input;
use crate::network::{Irreversible, Network, ReservoirSampler, Standard};
use core::mem::take;
use std::borrow::Cow;

/// What is learned beyond a plain score.
pub struct Objective {
    /// n; a batch's further rows are inputs.
    pub outputs: usize,
    /// Whether the last input is log σ, and the inputs' units.
    pub input: Option<(bool, Standard)>,
    pub irreversible: Option<Irreversible>,
    /// P of a Q that is given; a learned one has another at each step.
    pub inverse: Option<Vec<f32>>,
    /// Adam's moments of J, where it is learned.
    pub moments: Option<Moments>,
    /// ∂L/∂J of the newest batch.
    pub by_j: Vec<f32>,
}

impl Objective {
    /// What a configuration asks for beyond a plain score of `outputs` dimensions; `j` gives the weights that J starts from.
    pub fn new(config: &TrainConfig, outputs: usize, j: impl FnOnce() -> Vec<f32>) -> Option<Self> {
        let (irreversible, moments) = match (config.given_q(outputs), config.irreversible_scale) {
            (Some(q), _) => (Some(q), None),
            (None, Some(scale)) => {
                let j = j();
                let moments = Moments::new(j.len(), config.adam.amsgrad);
                let dimension = outputs;
                (Some(Irreversible { dimension, j, scale }), Some(moments))
            }
            (None, None) => (None, None),
        };
        let input = config
            .input_standard()
            .map(|standard| (config.noise_input, standard));
        (input.is_some() || irreversible.is_some()).then(|| Self {
            outputs,
            input,
            irreversible,
            inverse: None,
            moments,
            by_j: Vec::new(),
        })
    }

    /// Takes ε out of the batch, so that its residual is f/size.
    pub fn take_noise(batch: &mut Batch) -> Vec<f32> {
        let zeros = vec![0.0; batch.e.len()];
        core::mem::replace(&mut batch.e, zeros)
    }

    /// From f/size in the batch's `e` to ∂L/∂f; returns L.
    pub fn residual(&mut self, batch: &mut Batch, epsilon: &[f32], noise: f64) -> f64 {
        let (n, columns, size) = (self.outputs, batch.columns, batch.size);
        if self.inverse.is_none() || self.moments.is_some() {
            let inverse = self.irreversible.as_ref().map(Irreversible::inverse);
            self.inverse = inverse.map(|p| p.into_iter().map(|v| v as f32).collect());
        }
        let inverse = self.inverse.take();
        let mut f = take(&mut batch.e);
        f[n * columns..].fill(0.0);
        f.iter_mut().for_each(|v| *v *= size as f32);
        let s = match &inverse {
            Some(p) => product(n, columns, &f, |d, k| p[d * n + k]),
            None => f,
        };
        let (inverse_noise, share) = ((1.0 / noise) as f32, (1.0 / size as f64) as f32);
        let mut e = vec![0.0; s.len()];
        let mut sum = 0.0;
        for d in 0..n {
            for i in 0..size {
                let at = d * columns + i;
                // With log σ as an input each sample has a σ of its own, and counts by σ².
                let (over, weight) = match batch.sigma.get(i) {
                    Some(sigma) => (1.0 / sigma, sigma * sigma),
                    None => (inverse_noise, 1.0),
                };
                let residual = s[at] + epsilon[at] * over;
                sum += f64::from(residual) * f64::from(residual) * f64::from(weight);
                e[at] = residual * weight * share;
            }
        }
        batch.e = match &inverse {
            Some(p) => product(n, columns, &e, |d, k| p[k * n + d]),
            None => e,
        };
        self.inverse = inverse;
        if self.moments.is_some() {
            self.by_j = self.gradient(batch, &s);
        }
        0.5 * sum / size as f64
    }

    /// ∂L/∂J, samples in order.
    fn gradient(&self, batch: &Batch, s: &[f32]) -> Vec<f32> {
        let (n, columns) = (self.outputs, batch.columns);
        let mut by_q = vec![0.0; n * n];
        for (a, row) in by_q.chunks_exact_mut(n).enumerate() {
            for (b, sum) in row.iter_mut().enumerate() {
                let pairs = batch.e[a * columns..][..batch.size].iter().zip(&s[b * columns..]);
                *sum = pairs.fold(0.0, |sum, (g, s)| sum - g * s);
            }
        }
        self.irreversible
            .as_ref()
            .map_or_else(Vec::new, |q| q.gradient(&by_q))
    }

    /// Adam's step of J, after that of the weights.
    pub fn update(&mut self, adam: &Adam) {
        if let (Some(q), Some(moments)) = (&mut self.irreversible, &mut self.moments) {
            adam.update_all::<Scalar>(&mut q.j, moments, &self.by_j);
        }
    }

    /// The network from one whose x has the inputs as further dimensions.
    #[must_use]
    pub fn network(&self, net: &ReservoirSampler) -> Network {
        let mut network = split_input(net, self.outputs, self.input.as_ref());
        network.irreversible.clone_from(&self.irreversible);
        Network::Reservoir(network)
    }
}

/// The network from one whose x has the inputs as further dimensions: W_fb falls into W_fb and W_in, W_out loses rows.
pub fn split_input(net: &ReservoirSampler, n: usize, input: Option<&(bool, Standard)>) -> ReservoirSampler {
    let mut network = net.clone();
    if let Some((noise, standard)) = input {
        let columns = |from: usize, to: usize| -> Vec<f32> {
            let rows = net.w_fb.chunks_exact(net.dimension);
            rows.flat_map(|row| row[from..to].to_vec()).collect()
        };
        network.dimension = n;
        network.w_out.truncate(n * net.units);
        network.w_fb = columns(0, n);
        network.input = Some(Input {
            size: net.dimension - n,
            noise: *noise,
            weights: columns(n, net.dimension),
            standard: standard.clone(),
        });
    }
    network
}

/// The same the other way round: a network whose x has the inputs as further dimensions.
pub fn join_input(net: &ReservoirSampler) -> Cow<'_, ReservoirSampler> {
    let Some(input) = &net.input else {
        return Cow::Borrowed(net);
    };
    let mut joined = net.clone();
    joined.dimension += input.size;
    joined.w_out.resize(joined.dimension * net.units, 0.0);
    let rows = net
        .w_fb
        .chunks_exact(net.dimension)
        .zip(input.weights.chunks_exact(input.size));
    joined.w_fb = rows.flat_map(|(x, u)| [x, u].concat()).collect();
    Cow::Owned(joined)
}

/// out = A v over columns, [n][columns] in the place of what `v` has; each sum in index order.
fn product(n: usize, columns: usize, v: &[f32], a: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let mut out = vec![0.0; v.len()];
    for (d, row) in out.chunks_exact_mut(columns).take(n).enumerate() {
        for (k, v) in v.chunks_exact(columns).take(n).enumerate() {
            let weight = a(d, k);
            for (sum, v) in row.iter_mut().zip(v) {
                *sum += weight * v;
            }
        }
    }
    out
}
