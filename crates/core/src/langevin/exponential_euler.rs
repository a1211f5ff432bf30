//! Exponential Euler: the leak −x integrated exactly, x ← x + (1 − e^−dt) s(x) + √(T (1 − e^−2dt)) ε_k.
//!
//! With s = −x + f, the step is e^−dt x + (1 − e^−dt) f + √(T (1 − e^−2dt)) ε: the Ornstein–Uhlenbeck step with f held.

use crate::kernels::Lanes;

#[derive(Clone, Copy)]
pub(crate) struct ExponentialEuler {
    drift: f32,
    noise: f32,
}

impl ExponentialEuler {
    pub(crate) fn new(dt: f64, temperature: f64) -> Self {
        Self {
            drift: -libm::expm1(-dt) as f32,
            noise: (-libm::expm1(-2.0 * dt) * temperature).sqrt() as f32,
        }
    }

    #[inline(always)]
    pub(crate) fn advance<L: Lanes>(self, x: L, s: L, now: L) -> L {
        x.add(L::splat(self.drift).mul(s))
            .add(L::splat(self.noise).mul(now))
    }
}
