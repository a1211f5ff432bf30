//! The three networks as one value: its tensors, their checks, and the score s(x) that each defines.

pub mod activation;
pub mod hinges;
pub mod irreversible;
#[cfg(test)]
mod one_output_tests;
pub mod piecewise_linear;
pub mod planar_cells;
pub mod planar_hinges;
pub mod products;
pub mod reservoir;
pub mod sampler_only;
pub mod scaling;
pub mod stimulus;
#[cfg(test)]
mod two_outputs_tests;
pub(crate) mod unit_rows;

pub use activation::Activation;
pub use irreversible::Irreversible;
pub use reservoir::ReservoirSampler;
pub use sampler_only::{SamplerOnly, SamplerOnlyKind};
pub use scaling::{Scaling, Standard};
pub use stimulus::Input;

use crate::error::{Error, Result, length};
use crate::kernels::product::Blocks;
use crate::kernels::{Kernel, Lanes, Task, dispatch, padded};
use products::Products;
use reservoir::PackedReservoir;
use serde::{Deserialize, Serialize};

/// The largest n or m that a shape may claim; far beyond any budget, it only keeps products from overflowing.
pub const MOST_UNITS: usize = 1 << 24;

/// Which circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// dr = [−r + φ(W_rec r + b)] dt + √2 Σ dB with outputs x = W_out r.
    ReservoirSampler,
    /// s(x) = M [γ ⊙ (φ(W x + b) − x)].
    SamplerOnlyRate,
    /// s(x) = M [γ ⊙ (W φ(x) + b − x)].
    SamplerOnlyCurrent,
}

impl Architecture {
    /// Reads a name; the reservoir with synaptic currents gets its own explanation.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "reservoir-sampler" => Ok(Self::ReservoirSampler),
            "sampler-only-rate" => Ok(Self::SamplerOnlyRate),
            "sampler-only-current" => Ok(Self::SamplerOnlyCurrent),
            "reservoir-sampler-current" | "reservoir-current" | "rs-sc" => Err(Error::unsupported(
                "architecture",
                name,
                "a reservoir with synaptic-current dynamics has no tractable stationary law; \
                           use reservoir-sampler, whose units follow firing-rate dynamics",
            )),
            _ => Err(Error::invalid(
                "architecture",
                format!("'{name}'"),
                "one of reservoir-sampler, sampler-only-rate, sampler-only-current",
            )),
        }
    }
}

/// A network with its weights.
#[derive(Clone, Debug, PartialEq)]
pub enum Network {
    Reservoir(ReservoirSampler),
    SamplerOnly(SamplerOnly),
}

/// A score that acts on tiles of chains: `x[d][t]` holds coordinate d of `T` vectors of chains.
pub trait ScoreField {
    /// Whether the field is worth tiles of its own for small n: it is when a score costs far more than its state.
    const WIDE: bool;
    /// Whether its φ is a matter of one instruction: a tile is then to fit the registers.
    const SHORT: bool = false;
    /// n where the field is of one n alone, so that no other tiles of it are built.
    const OUTPUTS: Option<usize> = None;
    /// The score as matrix products, for a network of many outputs; [`score`](Self::score) is for the others.
    fn products<L: Lanes>(&self) -> Option<Products<'_>> {
        None
    }
    /// The weights where one output is over relu units: training goes by the places of their kinks.
    fn one_relu_output(&self) -> Option<&PackedReservoir> {
        None
    }
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]);
}

impl Network {
    #[must_use]
    pub fn dimension(&self) -> usize {
        match self {
            Self::Reservoir(net) => net.dimension,
            Self::SamplerOnly(net) => net.dimension,
        }
    }

    #[must_use]
    pub fn architecture(&self) -> Architecture {
        match self {
            Self::Reservoir(_) => Architecture::ReservoirSampler,
            Self::SamplerOnly(SamplerOnly {
                kind: SamplerOnlyKind::Rate,
                ..
            }) => Architecture::SamplerOnlyRate,
            Self::SamplerOnly(SamplerOnly {
                kind: SamplerOnlyKind::Current,
                ..
            }) => Architecture::SamplerOnlyCurrent,
        }
    }

    /// The units of x, where they aren't the network's own.
    #[must_use]
    pub fn standard(&self) -> Option<&Standard> {
        match self {
            Self::Reservoir(net) => net.standard.as_ref(),
            Self::SamplerOnly(net) => net.standard.as_ref(),
        }
    }

    /// The units of x, for whoever sets them.
    pub fn standard_mut(&mut self) -> &mut Option<Standard> {
        match self {
            Self::Reservoir(net) => &mut net.standard,
            Self::SamplerOnly(net) => &mut net.standard,
        }
    }

    /// Q, where the network's raw output is (I + Q) s.
    #[must_use]
    pub fn irreversible(&self) -> Option<&Irreversible> {
        match self {
            Self::Reservoir(net) => net.irreversible.as_ref(),
            Self::SamplerOnly(_) => None,
        }
    }

    /// ∇ log p(x) as the network has it, for points [point, n], row-major; same shape out. With a Q of its own it is
    /// (I + Q)⁻¹ times the raw output, with a scaling it is in units of x. An input has to be held first, see `at`.
    pub fn score(&self, points: &[f32], kernel: Kernel) -> Result<Vec<f32>> {
        if self.input().is_some() {
            stimulus::check(self, &[], None)?;
        }
        let Some(standard) = self.standard() else {
            return self.raw_score(points, kernel);
        };
        let n = self.dimension();
        let mut y = points.to_vec();
        standard.standardise(&mut y, n, 0);
        let mut scores = self.raw_score(&y, kernel)?;
        standard.restore_scores(&mut scores);
        Ok(scores)
    }

    /// s at points in the network's own units.
    fn raw_score(&self, points: &[f32], kernel: Kernel) -> Result<Vec<f32>> {
        let mut scores = self.drift(points, kernel)?;
        if let Some(irreversible) = self.irreversible() {
            let (n, p) = (self.dimension(), irreversible.inverse());
            for row in scores.chunks_exact_mut(n) {
                let f: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
                for (s, p) in row.iter_mut().zip(p.chunks_exact(n)) {
                    *s = p.iter().zip(&f).map(|(p, f)| p * f).sum::<f64>() as f32;
                }
            }
        }
        Ok(scores)
    }

    /// The raw output, the drift that runs, for points [point, n] in the network's own units; same shape out.
    #[inline(never)]
    pub fn drift(&self, points: &[f32], kernel: Kernel) -> Result<Vec<f32>> {
        let n = self.dimension();
        if points.len() % n != 0 {
            length(
                "points",
                points.len(),
                points.len().div_ceil(n) * n,
                &format!("[point, {n}]"),
            )?;
        }
        Ok(dispatch(
            kernel,
            ScoreTask {
                network: self,
                points,
                n,
            },
        ))
    }
}

struct ScoreTask<'a> {
    network: &'a Network,
    points: &'a [f32],
    n: usize,
}

impl Task for ScoreTask<'_> {
    type Output = Vec<f32>;

    fn run<L: Lanes>(self) -> Vec<f32> {
        match self.network {
            Network::Reservoir(net) => {
                let packed = net.pack();
                activation::with_activation!(net.activation, A => {
                    score_points::<L, _>(&packed.field::<A>(), self.points, self.n)
                })
            }
            Network::SamplerOnly(net) => activation::with_activation!(net.activation, A => {
                score_points::<L, _>(&net.field::<A>(), self.points, self.n)
            }),
        }
    }
}

fn score_points<L: Lanes, F: ScoreField>(field: &F, points: &[f32], n: usize) -> Vec<f32> {
    let count = points.len() / n;
    if let Some(mut products) = field.products::<L>() {
        let x = Blocks::from(n, count, |d, i| points[i * n + d]);
        let mut s = products.scores(count);
        products.score::<L>(&x, &mut s);
        return (0..points.len()).map(|k| s.data[s.at(k % n, k / n)]).collect();
    }
    each_point(&|x, s| field.score::<L, 1>(x, s), points, n)
}

/// s(x) of one vector of points: (x, room for s).
type Score<'a, L> = dyn Fn(&[[L; 1]], &mut [[L; 1]]) + 'a;

/// Scores by a field that is known by its score alone, so that this is compiled once and not once a field.
fn each_point<L: Lanes>(score: &Score<'_, L>, points: &[f32], n: usize) -> Vec<f32> {
    let count = points.len() / n;
    let columns = padded(count);
    let columns_of = transpose_in(points, count, n, columns);
    let mut scores = vec![0.0; n * columns];
    let mut x = vec![[L::zero(); 1]; n];
    let mut s = x.clone();
    for first in (0..columns).step_by(L::WIDTH) {
        for d in 0..n {
            x[d][0] = L::load(&columns_of[d * columns + first..]);
        }
        score(&x, &mut s);
        for d in 0..n {
            s[d][0].store(&mut scores[d * columns + first..]);
        }
    }
    let mut out = vec![0.0; points.len()];
    for i in 0..count {
        for d in 0..n {
            out[i * n + d] = scores[d * columns + i];
        }
    }
    out
}

/// [count, n] row-major into [n][columns], the layout in which lanes are points.
pub(crate) fn transpose_in(points: &[f32], count: usize, n: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0.0; n * columns];
    for i in 0..count {
        for d in 0..n {
            out[d * columns + i] = points[i * n + d];
        }
    }
    out
}
