//! The denoising loss of a batch and its gradients: e = s(x̃) + ε/σ, L = ½ mean ‖e‖².
//!
//! The residual has lanes over samples; the reservoir's gradient has lanes over units and hands each group's sums to a
//! visitor as soon as they are there, so that Adam follows in registers and no gradient array exists.

use crate::kernels::{Lanes, Scalar, padded};
use crate::network::ScoreField;
use crate::network::activation::Phi;
use crate::network::reservoir::PackedReservoir;
use crate::network::sampler_only::{SamplerOnly, SamplerOnlyKind};

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
        }
    }

    /// Turns ε into residuals over the batch size; returns L.
    pub fn residual<L: Lanes, F: ScoreField>(&mut self, field: &F, noise: f64) -> f64 {
        let mut first = 0;
        while first < self.columns {
            let left = (self.columns - first) / L::WIDTH;
            first += match self.n {
                1 if L::WIDTH > 1 && left >= 8 => self.fixed::<L, F, 1, 8>(field, noise, first),
                1 if L::WIDTH > 1 => self.fixed::<L, F, 1, 1>(field, noise, first),
                2 if L::WIDTH > 1 && left >= 4 => self.fixed::<L, F, 2, 4>(field, noise, first),
                n if left >= 4 => {
                    let mut x = vec![[L::zero(); 4]; n];
                    self.tile(field, noise, first, &mut x.clone(), &mut x)
                }
                n => {
                    let mut x = vec![[L::zero(); 1]; n];
                    self.tile(field, noise, first, &mut x.clone(), &mut x)
                }
            };
        }
        let size = self.size as f64;
        let mut sum = 0.0;
        for d in 0..self.n {
            for &e in &self.e[d * self.columns..d * self.columns + self.size] {
                sum += f64::from(e) * f64::from(e);
            }
        }
        0.5 * sum * size
    }

    fn fixed<L: Lanes, F: ScoreField, const N: usize, const T: usize>(
        &mut self,
        field: &F,
        noise: f64,
        first: usize,
    ) -> usize {
        let mut x = [[L::zero(); T]; N];
        let mut s = x;
        self.tile(field, noise, first, &mut x, &mut s)
    }

    #[inline(always)]
    fn tile<L: Lanes, F: ScoreField, const T: usize>(
        &mut self,
        field: &F,
        noise: f64,
        first: usize,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
    ) -> usize {
        let (inverse, share) = (
            L::splat((1.0 / noise) as f32),
            L::splat((1.0 / self.size as f64) as f32),
        );
        for (d, row) in x.iter_mut().enumerate() {
            for (t, v) in row.iter_mut().enumerate() {
                *v = L::load(&self.x[d * self.columns + first + t * L::WIDTH..]);
            }
        }
        field.score(x, s);
        for (d, row) in s.iter().enumerate() {
            for (t, v) in row.iter().enumerate() {
                let at = d * self.columns + first + t * L::WIDTH;
                let e = v.add(L::load(&self.e[at..]).mul(inverse));
                e.mul(share).store(&mut self.e[at..]);
            }
        }
        T * L::WIDTH
    }
}

/// Sums of one group of `WIDTH` units, as the visitor of [`reservoir_gradient`] gets them.
pub struct UnitGradient<'a, L> {
    /// ∂L/∂W_fb, a vector for each dimension.
    pub w_fb: &'a [L],
    pub bias: L,
    /// ∂L/∂W_out, a vector for each dimension.
    pub w_out: &'a [L],
}

/// ∂L/∂(W_fb, b, W_out) by groups of units, from a batch whose `e` holds residuals. The visitor may change the group's
/// own weights: no other group reads them.
#[inline(always)]
pub fn reservoir_gradient<L: Lanes, A: Phi>(
    net: &mut PackedReservoir,
    batch: &Batch,
    visit: impl FnMut(&mut PackedReservoir, usize, UnitGradient<'_, L>),
) {
    match (L::WIDTH, batch.n) {
        (4, 1) => {
            let z = [L::zero(); 1];
            unit_groups::<L, A>(
                net,
                batch,
                &mut z.clone(),
                &mut z.clone(),
                &mut z.clone(),
                &mut z.clone(),
                visit,
            );
        }
        (4, 2) => {
            let z = [L::zero(); 2];
            unit_groups::<L, A>(
                net,
                batch,
                &mut z.clone(),
                &mut z.clone(),
                &mut z.clone(),
                &mut z.clone(),
                visit,
            );
        }
        (_, n) => {
            let z = vec![L::zero(); n];
            unit_groups::<L, A>(
                net,
                batch,
                &mut z.clone(),
                &mut z.clone(),
                &mut z.clone(),
                &mut z.clone(),
                visit,
            );
        }
    }
}

#[inline(always)]
fn unit_groups<L: Lanes, A: Phi>(
    net: &mut PackedReservoir,
    batch: &Batch,
    fb: &mut [L],
    out: &mut [L],
    g_fb: &mut [L],
    g_out: &mut [L],
    mut visit: impl FnMut(&mut PackedReservoir, usize, UnitGradient<'_, L>),
) {
    let n = fb.len();
    assert!(out.len() == n && g_fb.len() == n && g_out.len() == n);
    assert!(
        batch.x.len() == n * batch.columns
            && batch.e.len() == n * batch.columns
            && batch.size <= batch.columns
    );
    for j in (0..net.columns).step_by(L::WIDTH) {
        for d in 0..n {
            fb[d] = L::load(&net.w_fb[d * net.columns + j..]);
            out[d] = L::load(&net.w_out[d * net.columns + j..]);
            g_fb[d] = L::zero();
            g_out[d] = L::zero();
        }
        let bias = L::load(&net.bias[j..]);
        let mut g_bias = L::zero();
        for i in 0..batch.size {
            let mut z = bias;
            for d in 0..n {
                z = z.add(fb[d].mul(L::splat(batch.x[d * batch.columns + i])));
            }
            let a = A::value(z);
            let mut back = L::zero();
            for d in 0..n {
                let e = L::splat(batch.e[d * batch.columns + i]);
                g_out[d] = g_out[d].add(e.mul(a));
                back = back.add(out[d].mul(e));
            }
            let back = back.mul(A::slope(z, a));
            g_bias = g_bias.add(back);
            for d in 0..n {
                g_fb[d] = g_fb[d].add(back.mul(L::splat(batch.x[d * batch.columns + i])));
            }
        }
        visit(
            net,
            j,
            UnitGradient {
                w_fb: g_fb,
                bias: g_bias,
                w_out: g_out,
            },
        );
    }
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

/// ∂L/∂(W, b, γ, S), samples in order: n is small here, so plain sums do.
#[must_use]
pub fn sampler_only_gradient<A: Phi>(net: &SamplerOnly, batch: &Batch) -> SamplerOnlyGradient {
    let n = net.dimension;
    let mut g = SamplerOnlyGradient {
        w: vec![0.0; n * n],
        bias: vec![0.0; n],
        gamma: vec![0.0; n],
        sig: vec![0.0; n * n],
    };
    let phi = |z: f32| A::value(Scalar(z)).0;
    let mut buffers = vec![0.0; 10 * n];
    let mut parts = buffers.chunks_exact_mut(n);
    let [x, e, rates, z, target, u, h, k, g_u, g_z] =
        core::array::from_fn(|_| parts.next().expect("ten buffers were allocated"));
    for i in 0..batch.size {
        for d in 0..n {
            x[d] = batch.x[d * batch.columns + i];
            e[d] = batch.e[d * batch.columns + i];
            rates[d] = match net.kind {
                SamplerOnlyKind::Rate => x[d],
                SamplerOnlyKind::Current => phi(x[d]),
            };
        }
        times_plus(&net.w, rates, |d| net.bias[d], z);
        for d in 0..n {
            target[d] = match net.kind {
                SamplerOnlyKind::Rate => phi(z[d]),
                SamplerOnlyKind::Current => z[d],
            };
            u[d] = net.gamma[d] * (target[d] - x[d]);
        }
        // s = S Sᵀ u, so ∂L/∂S = e (Sᵀu)ᵀ + u (Sᵀe)ᵀ and ∂L/∂u = S Sᵀ e.
        transposed_times(&net.sig, u, h);
        transposed_times(&net.sig, e, k);
        times_plus(&net.sig, k, |_| 0.0, g_u);
        for d in 0..n {
            let slope = match net.kind {
                SamplerOnlyKind::Rate => A::slope(Scalar(z[d]), Scalar(target[d])).0,
                SamplerOnlyKind::Current => 1.0,
            };
            g_z[d] = g_u[d] * net.gamma[d] * slope;
            g.gamma[d] += g_u[d] * (target[d] - x[d]);
            g.bias[d] += g_z[d];
        }
        for a in 0..n {
            for b in 0..n {
                g.sig[a * n + b] += e[a] * h[b] + u[a] * k[b];
                g.w[a * n + b] += g_z[a] * rates[b];
            }
        }
    }
    g
}
