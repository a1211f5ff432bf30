//! Sampler-only networks: s(x) = M [γ ⊙ (φ(W x + b) − x)] (rate) or M [γ ⊙ (W φ(x) + b − x)] (current), M = S Sᵀ.

use super::activation::{Activation, Phi};
use super::scaling::Standard;
use super::{MOST_UNITS, ScoreField};
use crate::error::{Result, count, finite, length};
use crate::kernels::Lanes;
use core::marker::PhantomData;

/// Where the recurrent weights act: on the rates of the state or on the state itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplerOnlyKind {
    Rate,
    Current,
}

/// Weights of a sampler-only network with n units, all row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplerOnly {
    pub kind: SamplerOnlyKind,
    pub dimension: usize,
    pub activation: Activation,
    /// W [n, n].
    pub w: Vec<f32>,
    /// b [n].
    pub bias: Vec<f32>,
    /// γ [n].
    pub gamma: Vec<f32>,
    /// S [n, n]; M = S Sᵀ.
    pub sig: Vec<f32>,
    /// The units of x, where the network works in others.
    pub standard: Option<Standard>,
}

impl SamplerOnly {
    /// Checks shapes and values.
    pub fn new(
        kind: SamplerOnlyKind,
        dimension: usize,
        activation: Activation,
        w: Vec<f32>,
        bias: Vec<f32>,
        gamma: Vec<f32>,
        sig: Vec<f32>,
    ) -> Result<Self> {
        let n = count("dimension", dimension, MOST_UNITS)?;
        length("W.weight", w.len(), n * n, &format!("[{n}, {n}]"))?;
        length("W.bias", bias.len(), n, &format!("[{n}]"))?;
        length("gamma", gamma.len(), n, &format!("[{n}]"))?;
        length("sig", sig.len(), n * n, &format!("[{n}, {n}]"))?;
        for (name, values) in [
            ("W.weight", &w),
            ("W.bias", &bias),
            ("gamma", &gamma),
            ("sig", &sig),
        ] {
            finite(name, values)?;
        }
        Ok(Self {
            kind,
            dimension: n,
            activation,
            w,
            bias,
            gamma,
            sig,
            standard: None,
        })
    }

    /// The score as a field compiled for φ.
    #[must_use]
    pub fn field<A: Phi>(&self) -> SamplerOnlyField<'_, A> {
        SamplerOnlyField {
            network: self,
            phi: PhantomData,
        }
    }
}

/// s(x) over tiles of chains, every sum in index order.
pub struct SamplerOnlyField<'a, A> {
    network: &'a SamplerOnly,
    phi: PhantomData<A>,
}

impl<A: Phi> ScoreField for SamplerOnlyField<'_, A> {
    const WIDE: bool = false;

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        let net = self.network;
        let n = x.len();
        // Two passes through `s` as scratch would alias, so the middle vector has a buffer of its own when n > 1.
        let mut small = [[L::zero(); T]; 4];
        let mut large = if n > 4 {
            vec![[L::zero(); T]; n]
        } else {
            Vec::new()
        };
        let u: &mut [[L; T]] = if n > 4 { &mut large } else { &mut small[..n] };
        for i in 0..n {
            let mut z = [L::splat(net.bias[i]); T];
            for j in 0..n {
                let w = L::splat(net.w[i * n + j]);
                let mut input = x[j];
                if net.kind == SamplerOnlyKind::Current {
                    A::values(&mut input, L::zero());
                }
                for t in 0..T {
                    z[t] = z[t].add(w.mul(input[t]));
                }
            }
            if net.kind == SamplerOnlyKind::Rate {
                A::values(&mut z, L::zero());
            }
            let gamma = L::splat(net.gamma[i]);
            for t in 0..T {
                u[i][t] = gamma.mul(z[t].sub(x[i][t]));
            }
        }
        // s = S (Sᵀ u)
        for i in 0..n {
            s[i] = [L::zero(); T];
        }
        for k in 0..n {
            let mut h = [L::zero(); T];
            for i in 0..n {
                let w = L::splat(net.sig[i * n + k]);
                for t in 0..T {
                    h[t] = h[t].add(w.mul(u[i][t]));
                }
            }
            for i in 0..n {
                let w = L::splat(net.sig[i * n + k]);
                for t in 0..T {
                    s[i][t] = s[i][t].add(w.mul(h[t]));
                }
            }
        }
    }
}
