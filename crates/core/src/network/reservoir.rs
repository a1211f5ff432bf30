//! The reservoir-sampler network: s(x) = −x + W_out φ(W_fb x + b); as a circuit, W_rec = W_fb W_out and Σ = W_outᵀ (W_out W_outᵀ)⁻¹.

use super::activation::{Activation, Phi};
use super::irreversible::Irreversible;
use super::products::{CHUNK, PhiOnBuffers, Products};
use super::scaling::Standard;
use super::stimulus::Input;
use super::{MOST_UNITS, ScoreField};
use crate::error::{Error, Result, count, finite, length};
use crate::kernels::product::ROWS;
use crate::kernels::{Kernel, Lanes, padded};
use crate::linear_algebra::{cholesky, solve_cholesky};
use core::array;
use core::marker::PhantomData;
use core::ops::Range;

/// Weights of an RSN with n outputs and m reservoir units, all row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct ReservoirSampler {
    pub dimension: usize,
    pub units: usize,
    pub activation: Activation,
    /// W_out [n, m].
    pub w_out: Vec<f32>,
    /// W_fb [m, n].
    pub w_fb: Vec<f32>,
    /// b [m].
    pub bias: Vec<f32>,
    /// W_in, where there is a stimulus.
    pub input: Option<Input>,
    /// Q, where the raw output is (I + Q) s.
    pub irreversible: Option<Irreversible>,
    /// The units of x, where the network works in others.
    pub standard: Option<Standard>,
}

impl ReservoirSampler {
    /// Checks shapes and values.
    pub fn new(
        dimension: usize,
        units: usize,
        activation: Activation,
        w_out: Vec<f32>,
        w_fb: Vec<f32>,
        bias: Vec<f32>,
    ) -> Result<Self> {
        let (n, m) = (
            count("dimension", dimension, MOST_UNITS)?,
            count("units", units, MOST_UNITS)?,
        );
        length("W1.weight", w_out.len(), n * m, &format!("[{n}, {m}]"))?;
        length("W2.weight", w_fb.len(), m * n, &format!("[{m}, {n}]"))?;
        length("W2.bias", bias.len(), m, &format!("[{m}]"))?;
        finite("W1.weight", &w_out)?;
        finite("W2.weight", &w_fb)?;
        finite("W2.bias", &bias)?;
        Ok(Self {
            dimension: n,
            units: m,
            activation,
            w_out,
            w_fb,
            bias,
            input: None,
            irreversible: None,
            standard: None,
        })
    }

    /// Weights in the layout in which scores are fastest.
    #[must_use]
    pub fn pack(&self) -> PackedReservoir {
        self.packed(if self.dimension > FEW_OUTPUTS {
            Layout::Panels
        } else {
            Layout::Columns
        })
    }

    /// Weights in a layout that gradients can use too.
    #[must_use]
    pub fn pack_to_learn(&self) -> PackedReservoir {
        self.packed(to_learn(self.dimension))
    }

    fn packed(&self, layout: Layout) -> PackedReservoir {
        let mut packed = PackedReservoir::with_layout(self.dimension, self.units, layout);
        packed.fill_from(self, 0..self.units);
        packed
    }

    /// W_rec [m, m] = W_fb W_out: with Σ and b all that the recurrent circuit needs.
    #[must_use]
    pub fn w_rec(&self) -> Vec<f32> {
        let (n, m) = (self.dimension, self.units);
        let mut w_rec = vec![0.0; m * m];
        for i in 0..m {
            for j in 0..m {
                let sum: f64 = (0..n)
                    .map(|d| f64::from(self.w_fb[i * n + d]) * f64::from(self.w_out[d * m + j]))
                    .sum();
                w_rec[i * m + j] = sum as f32;
            }
        }
        w_rec
    }

    /// Rows of Σ = W_outᵀ (W_out W_outᵀ)⁻¹, [unit, n], for some units: double precision, rounded once. W_out Σ = I over all.
    #[inline(never)]
    pub fn sigma(&self, units: &[usize]) -> Result<Vec<f32>> {
        let (n, m) = (self.dimension, self.units);
        let weights = |j: usize| self.w_out[j..].iter().step_by(m).map(|&w| f64::from(w));
        // The Gram matrix of the outputs, padded to whole tiles by a unit diagonal; its rows side by side, a unit at a time.
        let k = padded(n);
        let mut gram = vec![0.0; k * k];
        let mut column = vec![0.0; k];
        (n..k).for_each(|d| gram[d * k + d] = 1.0);
        for j in 0..m {
            column.iter_mut().zip(weights(j)).for_each(|(to, w)| *to = w);
            for (row, a) in gram.chunks_exact_mut(k).zip(&column[..n]) {
                row.iter_mut().zip(&column).for_each(|(sum, b)| *sum += a * b);
            }
        }
        if !cholesky(&mut gram, k, Kernel::Auto) {
            return Err(Error::invalid(
                "W1.weight",
                "rank-deficient",
                format!("output weights of rank {n}, so that the noise reaches every output (W_out Σ = I)"),
            ));
        }
        let mut sigma = Vec::with_capacity(units.len() * n);
        for &j in units {
            column[n..].fill(0.0);
            column.iter_mut().zip(weights(j)).for_each(|(to, w)| *to = w);
            solve_cholesky(&gram, k, &mut column);
            sigma.extend(column[..n].iter().map(|&v| v as f32));
        }
        Ok(sigma)
    }
}

/// Up to this many outputs a unit's sums stay in registers; with more, scores and gradients are matrix products.
pub(crate) const FEW_OUTPUTS: usize = 2;

fn to_learn(dimension: usize) -> Layout {
    if dimension > FEW_OUTPUTS {
        Layout::Rows
    } else {
        Layout::Columns
    }
}

/// How packed weights lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Units side by side, [n][columns]: lanes can be units (gradients) or each unit's weights can be spread over lanes of
    /// chains (scores).
    Columns,
    /// A unit a row, [columns][stride], W_out as well as W_fb.
    Rows,
    /// In the panels that products read: W_fb [columns / 4][stride][4]; W_out by chunks of units, [chunk][stride / 4][unit][4].
    Panels,
}

/// Weights in the layout that kernels read; `columns` = m padded to whole vectors.
#[derive(Clone, Debug)]
pub struct PackedReservoir {
    pub dimension: usize,
    pub units: usize,
    pub columns: usize,
    pub layout: Layout,
    /// Weights of a unit, with their padding.
    pub stride: usize,
    pub w_fb: Vec<f32>,
    pub bias: Vec<f32>,
    pub w_out: Vec<f32>,
}

impl PackedReservoir {
    /// Zeros, with units side by side.
    #[must_use]
    pub fn zeros(dimension: usize, units: usize) -> Self {
        Self::with_layout(dimension, units, Layout::Columns)
    }

    fn with_layout(dimension: usize, units: usize, layout: Layout) -> Self {
        let columns = padded(units);
        let stride = match layout {
            Layout::Columns => dimension,
            Layout::Rows | Layout::Panels => padded(dimension),
        };
        Self {
            dimension,
            units,
            columns,
            layout,
            stride,
            w_fb: vec![0.0; stride * columns],
            bias: vec![0.0; columns],
            w_out: vec![0.0; stride * columns],
        }
    }

    /// Room for a number of units in the layout of training.
    #[must_use]
    pub fn to_learn(dimension: usize, units: usize) -> Self {
        Self::with_layout(dimension, units, to_learn(dimension))
    }

    /// Takes the weights W_fb[j, d], b[j] and W_out[d, j] of some units of a network; they are asked for with the last index
    /// rising fastest.
    pub fn fill(
        &mut self,
        units: Range<usize>,
        w_fb: &mut dyn FnMut(usize, usize) -> f32,
        bias: &mut dyn FnMut(usize) -> f32,
        w_out: &mut dyn FnMut(usize, usize) -> f32,
    ) {
        for (at, j) in units.clone().enumerate() {
            self.bias[at] = bias(j);
            for d in 0..self.dimension {
                let place = self.fb_at(d, at);
                self.w_fb[place] = w_fb(j, d);
            }
        }
        for d in 0..self.dimension {
            for (at, j) in units.clone().enumerate() {
                let place = self.out_at(d, at);
                self.w_out[place] = w_out(d, j);
            }
        }
    }

    /// The same from a network's own arrays.
    pub fn fill_from(&mut self, net: &ReservoirSampler, units: Range<usize>) {
        let (n, m) = (net.dimension, net.units);
        self.fill(
            units,
            &mut |j, d| net.w_fb[j * n + d],
            &mut |j| net.bias[j],
            &mut |d, j| net.w_out[d * m + j],
        );
    }

    /// Where W_fb[j, d] is.
    #[must_use]
    pub fn fb_at(&self, d: usize, j: usize) -> usize {
        match self.layout {
            Layout::Panels => (j / ROWS * self.stride + d) * ROWS + j % ROWS,
            Layout::Rows | Layout::Columns => self.out_at(d, j),
        }
    }

    /// Where W_out[d, j] is.
    #[must_use]
    pub fn out_at(&self, d: usize, j: usize) -> usize {
        match self.layout {
            Layout::Columns => d * self.columns + j,
            Layout::Rows => j * self.stride + d,
            Layout::Panels => {
                let chunk = j / CHUNK * CHUNK;
                let rows = CHUNK.min(self.columns - chunk);
                chunk * self.stride + (d / ROWS * rows + j - chunk) * ROWS + d % ROWS
            }
        }
    }

    /// Back to the network's own layout.
    #[must_use]
    pub fn unpack(&self, activation: Activation) -> ReservoirSampler {
        let (n, m) = (self.dimension, self.units);
        ReservoirSampler {
            dimension: n,
            units: m,
            activation,
            w_out: (0..n)
                .flat_map(|d| (0..m).map(move |j| self.w_out[self.out_at(d, j)]))
                .collect(),
            w_fb: (0..m)
                .flat_map(|j| (0..n).map(move |d| self.w_fb[self.fb_at(d, j)]))
                .collect(),
            bias: self.bias[..m].to_vec(),
            input: None,
            irreversible: None,
            standard: None,
        }
    }

    /// The score as a field compiled for φ.
    #[must_use]
    pub fn field<A: Phi>(&self) -> ReservoirField<'_, A> {
        ReservoirField {
            weights: self,
            phi: PhantomData,
        }
    }
}

/// s(x) over tiles of chains, with units in index order.
pub struct ReservoirField<'a, A> {
    weights: &'a PackedReservoir,
    phi: PhantomData<A>,
}

impl<'a, A: Phi> ScoreField for ReservoirField<'a, A> {
    const WIDE: bool = true;
    const SHORT: bool = A::SHORT;

    fn products<L: Lanes>(&self) -> Option<Products<'_>> {
        (self.weights.layout != Layout::Columns)
            .then(|| Products::new(self.weights, PhiOnBuffers::new::<L, A>()))
    }

    fn one_relu_output(&self) -> Option<&PackedReservoir> {
        (A::SHORT && self.weights.dimension == 1).then_some(self.weights)
    }

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        let n = x.len();
        let PackedReservoir {
            units,
            columns,
            w_fb,
            bias,
            w_out,
            ..
        } = self.weights;
        let (units, columns) = (*units, *columns);
        // Said once here, so that the loop needs no bounds checks: rows of one length, and no more of them than this layout has.
        assert!(n <= FEW_OUTPUTS && s.len() == n);
        let row = |weights: &'a [f32], d: usize| &weights[if d < n { d * columns } else { 0 }..][..units];
        let fb: [_; FEW_OUTPUTS] = array::from_fn(|d| row(w_fb, d));
        let out: [_; FEW_OUTPUTS] = array::from_fn(|d| row(w_out, d));
        let bias = &bias[..units];
        let zero = L::unknown_zero();
        for sum in s.iter_mut() {
            *sum = [L::zero(); T];
        }
        for j in 0..units {
            let mut a = [L::splat(bias[j]); T];
            for d in 0..n {
                let w = L::splat(fb[d][j]);
                for t in 0..T {
                    a[t] = a[t].add(w.mul(x[d][t]));
                }
            }
            A::values(&mut a, zero);
            for d in 0..n {
                let w = L::splat(out[d][j]);
                for t in 0..T {
                    s[d][t] = s[d][t].add(w.mul(a[t]));
                }
            }
        }
        for d in 0..n {
            for t in 0..T {
                s[d][t] = s[d][t].sub(x[d][t]);
            }
        }
    }
}
