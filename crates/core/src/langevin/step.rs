//! The step of a run: (x, s(x), ε_k, ε_{k+1}) → x, by one of the integrators.

use super::config::Integrator;
use super::euler_maruyama::EulerMaruyama;
use super::exponential_euler::ExponentialEuler;
use super::leimkuhler_matthews::LeimkuhlerMatthews;
use crate::kernels::Lanes;

/// One step as a pure function of state, score and noise; the integrator is chosen once a run, its constants
/// wherever conditions change.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    EulerMaruyama(EulerMaruyama),
    ExponentialEuler(ExponentialEuler),
    LeimkuhlerMatthews(LeimkuhlerMatthews),
}

impl Step {
    pub(crate) fn new(integrator: Integrator, dt: f64, temperature: f64) -> Self {
        match integrator {
            Integrator::EulerMaruyama => Self::EulerMaruyama(EulerMaruyama::new(dt, temperature)),
            Integrator::ExponentialEuler => Self::ExponentialEuler(ExponentialEuler::new(dt, temperature)),
            Integrator::LeimkuhlerMatthews => {
                Self::LeimkuhlerMatthews(LeimkuhlerMatthews::new(dt, temperature))
            }
        }
    }

    /// Whether it needs the noise of the step after.
    pub(crate) const fn looks_ahead(self) -> bool {
        matches!(self, Self::LeimkuhlerMatthews(_))
    }

    #[inline(always)]
    pub(crate) fn advance<L: Lanes>(self, x: L, s: L, now: L, next: L) -> L {
        match self {
            Self::EulerMaruyama(step) => step.advance(x, s, now),
            Self::ExponentialEuler(step) => step.advance(x, s, now),
            Self::LeimkuhlerMatthews(step) => step.advance(x, s, now, next),
        }
    }
}
