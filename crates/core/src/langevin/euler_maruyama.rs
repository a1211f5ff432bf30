//! Euler–Maruyama: x ← x + dt·s(x) + √(2T dt) ε_k.

use crate::kernels::Lanes;

#[derive(Clone, Copy)]
pub(crate) struct EulerMaruyama {
    dt: f32,
    noise: f32,
}

impl EulerMaruyama {
    pub(crate) fn new(dt: f64, temperature: f64) -> Self {
        Self {
            dt: dt as f32,
            noise: (2.0 * temperature * dt).sqrt() as f32,
        }
    }

    #[inline(always)]
    pub(crate) fn advance<L: Lanes>(self, x: L, s: L, now: L) -> L {
        x.add(L::splat(self.dt).mul(s)).add(L::splat(self.noise).mul(now))
    }
}
