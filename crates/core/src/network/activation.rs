//! φ and φ′ of a unit: relu, tanh, softplus, sigmoid.

use crate::kernels::Lanes;
use crate::math;
use serde::{Deserialize, Serialize};

/// The activation's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    #[default]
    Relu,
    Tanh,
    Softplus,
    Sigmoid,
}

/// φ as a type, so that each kernel is compiled for it.
pub trait Phi: Sized {
    /// Whether φ is a matter of one instruction.
    const SHORT: bool = false;
    /// φ(z).
    fn value<L: Lanes>(z: L) -> L;
    /// z ← φ(z) for several vectors; `zero` is [`Lanes::unknown_zero`]. A call unless φ is short: kernels would else repeat φ for
    /// each vector of a tile.
    #[inline(always)]
    fn values<L: Lanes, const T: usize>(z: &mut [L; T], _zero: L) {
        each::<L, Self>(z);
    }
    /// φ′(z), given a = φ(z) where that saves work.
    fn slope<L: Lanes>(z: L, a: L) -> L;
    /// back·φ′(z), given a = φ(z).
    #[inline(always)]
    fn times_slope<L: Lanes>(back: L, z: L, a: L) -> L {
        back.mul(Self::slope(z, a))
    }
}

/// max(0, z); its slope at 0 is 0.
pub struct Relu;
/// tanh z.
pub struct Tanh;
/// ln(1 + e^z).
pub struct Softplus;
/// 1 / (1 + e^−z).
pub struct Sigmoid;

impl Phi for Relu {
    const SHORT: bool = true;

    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        z.relu()
    }
    #[inline(always)]
    fn values<L: Lanes, const T: usize>(z: &mut [L; T], zero: L) {
        *z = z.map(|z| zero.pmax(z));
    }
    #[inline(always)]
    fn slope<L: Lanes>(z: L, _: L) -> L {
        L::splat(1.0).only(L::zero().less(z))
    }
    #[inline(always)]
    fn times_slope<L: Lanes>(back: L, z: L, _: L) -> L {
        back.only(L::zero().less(z))
    }
}

impl Phi for Tanh {
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        math::tanh(z)
    }
    #[inline(always)]
    fn slope<L: Lanes>(_: L, a: L) -> L {
        L::splat(1.0).sub(a.mul(a))
    }
}

impl Phi for Softplus {
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        math::softplus(z)
    }
    #[inline(always)]
    fn slope<L: Lanes>(z: L, _: L) -> L {
        math::sigmoid(z)
    }
}

impl Phi for Sigmoid {
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        math::sigmoid(z)
    }
    #[inline(always)]
    fn slope<L: Lanes>(_: L, a: L) -> L {
        a.mul(L::splat(1.0).sub(a))
    }
}

/// z ← φ(z).
#[inline(never)]
pub(crate) fn each<L: Lanes, A: Phi>(z: &mut [L]) {
    for v in z {
        *v = A::value(*v);
    }
}

/// Runs an expression with `$phi` bound to the type of an activation.
macro_rules! with_activation {
    ($activation:expr, $phi:ident => $body:expr) => {
        match $activation {
            $crate::network::activation::Activation::Relu => {
                type $phi = $crate::network::activation::Relu;
                $body
            }
            $crate::network::activation::Activation::Tanh => {
                type $phi = $crate::network::activation::Tanh;
                $body
            }
            $crate::network::activation::Activation::Softplus => {
                type $phi = $crate::network::activation::Softplus;
                $body
            }
            $crate::network::activation::Activation::Sigmoid => {
                type $phi = $crate::network::activation::Sigmoid;
                $body
            }
        }
    };
}
pub(crate) use with_activation;
