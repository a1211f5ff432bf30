//! The denoising loss of a batch and its gradients: e = s(x̃) + ε/σ, L = ½ mean ‖e‖².
//!
//! The residual has lanes over samples; the reservoir's gradient has lanes over units and hands each group's sums to a
//! visitor as soon as they are there, so that Adam follows in registers and no gradient array exists. Relu units of one output and of
//! two have ways of their own: [`ranked`](super::ranked) and [`sign_tables`](super::sign_tables).

use super::many_outputs::{self, GroupSums};
use super::ranked::{self, Ranked};
use super::sign_tables;
use super::split::Share;
use crate::kernels::{Lanes, padded};
use crate::network::ScoreField;
use crate::network::activation::Phi;
use crate::network::products::PhiOnBuffers;
use crate::network::reservoir::{FEW_OUTPUTS, Layout, PackedReservoir};
use crate::network::sampler_only::{SamplerOnly, SamplerOnlyKind};
use core::array;
use core::ops::Range;

/// A batch of noisy points and its residuals, [n][columns], lanes over samples.
#[derive(Clone, Debug)]
pub struct Batch {
    pub n: usize,
    pub size: usize,
    pub columns: usize,
    /// x̃ = x + σε.
    pub x: Vec<f32>,
    /// ε going in; (s(x̃) + ε/σ) / size coming out: the gradient of L with respect to s.
    pub e: Vec<f32>,
    /// W_fb x̃ + b, [chunk][columns / 8][unit][8], where the residual keeps it for the gradient: networks of many outputs.
    pub z: Vec<f32>,
    /// σ of each sample where log σ is an input, else empty.
    pub sigma: Vec<f32>,
    /// The chunks of units by which `z` lies.
    pub chunks: Vec<Range<usize>>,
    /// What the residual of one output over relu units leaves for the gradient.
    pub(super) ranked: Ranked,
}

impl Batch {
    #[must_use]
    pub fn new(n: usize, size: usize) -> Self {
        let columns = padded(size);
        Self {
            n,
            size,
            columns,
            x: vec![0.0; n * columns],
            e: vec![0.0; n * columns],
            z: Vec::new(),
            sigma: Vec::new(),
            chunks: Vec::new(),
            ranked: Ranked::default(),
        }
    }

    /// Turns ε into residuals over the batch size; returns L.
    pub fn residual<L: Lanes, F: ScoreField>(&mut self, field: &F, noise: f64) -> f64 {
        if let Some(products) = field.products::<L>() {
            let mut sums = GroupSums::new();
            let share = Share::whole(products.units());
            many_outputs::partial_scores::<L>(products, share, self, &mut sums);
            return self.residual_of_groups::<L>(&sums, noise);
        }
        if let Some(net) = field.one_relu_output() {
            ranked::residuals::<L>(net, self, noise);
            return self.loss();
        }
        let mut first = 0;
        while first < self.columns {
            let left = (self.columns - first) / L::WIDTH;
            // A tile whose size is known pays where φ is short; of more vectors, their states and sums leave no register for weights.
            let short = F::WIDE && F::SHORT;
            first += match (L::WIDTH, self.n) {
                (4, 2) if short && left >= 2 => self.tile::<L, F, 2, 2>(field, noise, first),
                // Only tails of the above are left of such a field, except in the scalar definition. Where a score is short work,
                // as a sampler-only network's is, its gradient is what takes the time.
                _ if F::WIDE && left >= 4 && !(short && L::WIDTH == 4) => {
                    self.tile::<L, F, 0, 4>(field, noise, first)
                }
                _ => self.tile::<L, F, 0, 1>(field, noise, first),
            };
        }
        self.loss()
    }

    /// The same from the sums S_g of all groups of units: networks of many outputs.
    pub fn residual_of_groups<L: Lanes>(&mut self, sums: &GroupSums, noise: f64) -> f64 {
        many_outputs::residuals::<L>(self, sums, noise);
        self.loss()
    }

    /// L = ½ mean ‖e‖² from residuals over the batch size.
    fn loss(&self) -> f64 {
        let size = self.size as f64;
        let mut sum = 0.0;
        for d in 0..self.n {
            for &e in &self.e[d * self.columns..d * self.columns + self.size] {
                sum += f64::from(e) * f64::from(e);
            }
        }
        0.5 * sum * size
    }

    /// Residuals of T vectors of samples; with N > 0 they stay in registers, N = 0 takes any n. A function of its own, so
    /// that engines compile it soon (see `langevin::projected`).
    #[inline(never)]
    fn tile<L: Lanes, F: ScoreField, const N: usize, const T: usize>(
        &mut self,
        field: &F,
        noise: f64,
        first: usize,
    ) -> usize {
        if N > 0 {
            self.residuals(
                field,
                noise,
                first,
                &mut [[L::zero(); T]; N],
                &mut [[L::zero(); T]; N],
            )
        } else {
            let mut x = vec![[L::zero(); T]; self.n];
            self.residuals(field, noise, first, &mut x.clone(), &mut x)
        }
    }

    #[inline(always)]
    fn residuals<L: Lanes, F: ScoreField, const T: usize>(
        &mut self,
        field: &F,
        noise: f64,
        first: usize,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
    ) -> usize {
        for (d, row) in x.iter_mut().enumerate() {
            for (t, v) in row.iter_mut().enumerate() {
                *v = L::load_at(&self.x, d * self.columns + first + t * L::WIDTH);
            }
        }
        field.score(x, s);
        for (d, row) in s.iter().enumerate() {
            for (t, v) in row.iter().enumerate() {
                self.put_residual(noise, d, first + t * L::WIDTH, *v);
            }
        }
        T * L::WIDTH
    }

    /// e ← (s + ε/σ) / size for `WIDTH` samples of a dimension.
    #[inline(always)]
    pub(super) fn put_residual<L: Lanes>(&mut self, noise: f64, d: usize, sample: usize, s: L) {
        let (inverse, share) = (
            L::splat((1.0 / noise) as f32),
            L::splat((1.0 / self.size as f64) as f32),
        );
        let at = d * self.columns + sample;
        let e = s.add(L::load_at(&self.e, at).mul(inverse));
        e.mul(share).store_at(&mut self.e, at);
    }
}

/// Sums of `T` vectors of units, as the visitor of [`reservoir_gradient`] gets them.
pub struct UnitGradient<'a, L, const T: usize> {
    /// ∂L/∂W_fb, for each dimension.
    pub w_fb: &'a [[L; T]],
    pub bias: [L; T],
    /// ∂L/∂W_out, for each dimension.
    pub w_out: &'a [[L; T]],
}

/// Sums of a group of units of a network with many outputs, a unit a row as its weights are.
pub struct RowsGradient<'a> {
    pub w_fb: &'a [f32],
    pub bias: &'a [f32],
    pub w_out: &'a [f32],
}

/// What happens to the gradient of a group of units. It may change the group's own weights: no other group reads them.
pub trait Visit<L> {
    fn visit<const T: usize>(
        &mut self,
        net: &mut PackedReservoir,
        first: usize,
        gradient: UnitGradient<'_, L, T>,
    );
    fn visit_rows(&mut self, net: &mut PackedReservoir, first: usize, gradient: RowsGradient<'_>);
}

/// ∂L/∂(W_fb, b, W_out) by groups of units, from a batch whose `e` holds residuals.
pub fn reservoir_gradient<L: Lanes, A: Phi>(
    net: &mut PackedReservoir,
    batch: &Batch,
    visitor: &mut impl Visit<L>,
) {
    if net.layout == Layout::Rows {
        return many_outputs::gradient(net, PhiOnBuffers::new::<L, A>(), batch, visitor);
    }
    if A::SHORT {
        return match batch.n {
            1 => ranked::gradient(net, batch, visitor),
            _ => sign_tables::gradient(net, batch, visitor),
        };
    }
    let mut first = 0;
    while first < net.columns {
        let left = (net.columns - first) / L::WIDTH;
        first += match L::WIDTH {
            // Two vectors of units at a time hide the latency of a long φ, whatever n is.
            4 if left >= 2 => group::<L, A, 2>(net, batch, first, visitor),
            _ => group::<L, A, 1>(net, batch, first, visitor),
        };
    }
}

/// One group of units. A function of its own, so that engines compile it soon (see `langevin::projected`).
#[inline(never)]
fn group<L: Lanes, A: Phi, const T: usize>(
    net: &mut PackedReservoir,
    batch: &Batch,
    first: usize,
    visitor: &mut impl Visit<L>,
) -> usize {
    let n = batch.n;
    let mut buffers = [[[L::zero(); T]; FEW_OUTPUTS]; 4];
    let buffers = buffers.each_mut().map(|buffer| &mut buffer[..n]);
    units::<L, A, T>(net, batch, first, buffers, visitor)
}

/// One group; the buffers are [dimension] each, so that their size can be known to the compiler.
#[inline(always)]
fn units<'b, L: Lanes, A: Phi, const T: usize>(
    net: &mut PackedReservoir,
    batch: &'b Batch,
    first: usize,
    [fb, out, g_fb, g_out]: [&mut [[L; T]]; 4],
    visitor: &mut impl Visit<L>,
) -> usize {
    let n = fb.len();
    assert!(out.len() == n && g_fb.len() == n && g_out.len() == n);
    let mut bias = [L::zero(); T];
    let mut g_bias = bias;
    for t in 0..T {
        let j = first + t * L::WIDTH;
        bias[t] = L::load_at(&net.bias, j);
        for d in 0..n {
            fb[d][t] = L::load_at(&net.w_fb, d * net.columns + j);
            out[d][t] = L::load_at(&net.w_out, d * net.columns + j);
        }
    }
    // Rows of one length, said once: the loop needs no bounds checks.
    assert!(0 < n && n <= FEW_OUTPUTS);
    let row = |values: &'b [f32], d: usize| &values[d.min(n - 1) * batch.columns..][..batch.size];
    let x: [_; FEW_OUTPUTS] = array::from_fn(|d| row(&batch.x, d));
    let e: [_; FEW_OUTPUTS] = array::from_fn(|d| row(&batch.e, d));
    for i in 0..batch.size {
        let mut z = bias;
        for d in 0..n {
            let x = L::splat(x[d][i]);
            for t in 0..T {
                z[t] = z[t].add(fb[d][t].mul(x));
            }
        }
        let a = z.map(A::value);
        let mut back = [L::zero(); T];
        for d in 0..n {
            let e = L::splat(e[d][i]);
            for t in 0..T {
                g_out[d][t] = g_out[d][t].add(e.mul(a[t]));
                // Sums that begin with 0 have its sign whatever is added to them, so that it needn't be added here.
                let term = out[d][t].mul(e);
                back[t] = if d == 0 { term } else { back[t].add(term) };
            }
        }
        for t in 0..T {
            back[t] = A::times_slope(back[t], z[t], a[t]);
            g_bias[t] = g_bias[t].add(back[t]);
        }
        for d in 0..n {
            let x = L::splat(x[d][i]);
            for t in 0..T {
                g_fb[d][t] = g_fb[d][t].add(back[t].mul(x));
            }
        }
    }
    let gradient = UnitGradient {
        w_fb: g_fb,
        bias: g_bias,
        w_out: g_out,
    };
    hand_over(net, first, gradient, visitor);
    T * L::WIDTH
}

/// Once for all φ that are long: what a visitor does is nothing beside them.
#[inline(never)]
fn hand_over<L: Lanes, const T: usize>(
    net: &mut PackedReservoir,
    first: usize,
    gradient: UnitGradient<'_, L, T>,
    visitor: &mut impl Visit<L>,
) {
    visitor.visit(net, first, gradient);
}

/// Gradients of a sampler-only network, in the shapes of its tensors.
#[derive(Clone, Debug)]
pub struct SamplerOnlyGradient {
    pub w: Vec<f32>,
    pub bias: Vec<f32>,
    pub gamma: Vec<f32>,
    pub sig: Vec<f32>,
}

/// out = Aᵀ v for a square row-major A.
fn transposed_times(a: &[f32], v: &[f32], out: &mut [f32]) {
    let n = v.len();
    for (k, sum) in out.iter_mut().enumerate() {
        *sum = (0..n).fold(0.0, |sum, i| sum + a[i * n + k] * v[i]);
    }
}

/// out = b + A v for a square row-major A; every sum starts from `b`.
fn times_plus(a: &[f32], v: &[f32], b: impl Fn(usize) -> f32, out: &mut [f32]) {
    for (i, (row, sum)) in a.chunks_exact(v.len()).zip(out.iter_mut()).enumerate() {
        *sum = row.iter().zip(v).fold(b(i), |sum, (w, x)| sum + w * x);
    }
}

/// ∂L/∂(W, b, γ, S), samples in order: n is small here, so plain sums do, and φ by pointer.
#[must_use]
pub fn sampler_only_gradient(net: &SamplerOnly, phi: PhiOnBuffers, batch: &Batch) -> SamplerOnlyGradient {
    let n = net.dimension;
    let mut g = SamplerOnlyGradient {
        w: vec![0.0; n * n],
        bias: vec![0.0; n],
        gamma: vec![0.0; n],
        sig: vec![0.0; n * n],
    };
    let rate = net.kind == SamplerOnlyKind::Rate;
    let mut buffers = vec![0.0; 10 * n];
    let mut parts = buffers.chunks_exact_mut(n);
    let [x, e, rates, z, target, u, h, k, g_u, g_z] =
        array::from_fn(|_| parts.next().expect("ten buffers were allocated"));
    for i in 0..batch.size {
        for d in 0..n {
            x[d] = batch.x[d * batch.columns + i];
            e[d] = batch.e[d * batch.columns + i];
        }
        if rate {
            rates.copy_from_slice(x);
        } else {
            (phi.value)(x, rates);
        }
        times_plus(&net.w, rates, |d| net.bias[d], z);
        if rate {
            (phi.value)(z, target);
        } else {
            target.copy_from_slice(z);
        }
        for d in 0..n {
            u[d] = net.gamma[d] * (target[d] - x[d]);
        }
        // s = S Sᵀ u, so ∂L/∂S = e (Sᵀu)ᵀ + u (Sᵀe)ᵀ and ∂L/∂u = S Sᵀ e.
        transposed_times(&net.sig, u, h);
        transposed_times(&net.sig, e, k);
        times_plus(&net.sig, k, |_| 0.0, g_u);
        for d in 0..n {
            g_z[d] = g_u[d] * net.gamma[d];
            g.gamma[d] += g_u[d] * (target[d] - x[d]);
        }
        if rate {
            (phi.times_slope)(z, target, g_z);
        }
        for a in 0..n {
            g.bias[a] += g_z[a];
            for b in 0..n {
                g.sig[a * n + b] += e[a] * h[b] + u[a] * k[b];
                g.w[a * n + b] += g_z[a] * rates[b];
            }
        }
    }
    g
}
