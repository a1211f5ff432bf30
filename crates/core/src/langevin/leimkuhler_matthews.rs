//! Leimkuhler–Matthews: x ← x + dt·s(x) + √(2T dt)·(ε_k + ε_{k+1})/2; the stationary law is right to second order in dt.
//!
//! Leimkuhler and Matthews, "Rational construction of stochastic numerical methods for molecular sampling", 2013.

use crate::kernels::Lanes;

#[derive(Clone, Copy)]
pub(crate) struct LeimkuhlerMatthews {
    dt: f32,
    half_noise: f32,
}

impl LeimkuhlerMatthews {
    pub(crate) fn new(dt: f64, temperature: f64) -> Self {
        Self {
            dt: dt as f32,
            half_noise: ((2.0 * temperature * dt).sqrt() * 0.5) as f32,
        }
    }

    #[inline(always)]
    pub(crate) fn advance<L: Lanes>(self, x: L, s: L, now: L, next: L) -> L {
        x.add(L::splat(self.dt).mul(s))
            .add(L::splat(self.half_noise).mul(now.add(next)))
    }
}
