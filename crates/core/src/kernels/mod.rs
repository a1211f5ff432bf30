//! The one abstraction over vector width and the one dispatch between its implementations.
//!
//! A kernel is written once, generic over [`Lanes`]; lanes run over independent outputs (chains, units, columns), never
//! along a sum, so every implementation computes the same bits and the scalar one defines them.

pub mod product;
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

pub use scalar::{Scalar, Word as ScalarWord};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::Simd128;

/// Buffers over chains or samples are padded to a multiple of this, so that no implementation meets a tail.
pub const PAD: usize = 4;

/// `count` rounded up to a whole number of padded lanes.
#[must_use]
pub const fn padded(count: usize) -> usize {
    count.div_ceil(PAD) * PAD
}

/// `WIDTH` single-precision numbers side by side; every operation is IEEE 754 and acts lane by lane.
pub trait Lanes: Copy {
    /// Numbers in one vector; divides [`PAD`].
    const WIDTH: usize;
    /// `WIDTH` unsigned 32-bit integers.
    type Int: IntLanes<Float = Self>;
    /// One truth value a lane.
    type Mask: Copy;
    /// Double-precision lanes of the same implementation.
    type Double: DoubleLanes;

    fn splat(value: f32) -> Self;
    /// The first `WIDTH` numbers of `source`.
    fn load(source: &[f32]) -> Self;
    fn store(self, target: &mut [f32]);
    /// `WIDTH` numbers of `source` from `at` on: one check of bounds, and one place for all of them to fail in.
    #[inline(always)]
    fn load_at(source: &[f32], at: usize) -> Self {
        Self::load(&source[at..at + Self::WIDTH])
    }
    /// Writes to `WIDTH` places of `target` from `at` on.
    #[inline(always)]
    fn store_at(self, target: &mut [f32], at: usize) {
        self.store(&mut target[at..at + Self::WIDTH]);
    }
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn sqrt(self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    /// `self < other ? other : self`; keeps a NaN in `self`.
    fn pmax(self, other: Self) -> Self;
    /// `other < self ? other : self`; keeps a NaN in `self`.
    fn pmin(self, other: Self) -> Self;
    /// `0 < self ? self : 0`.
    fn relu(self) -> Self;
    fn less(self, other: Self) -> Self::Mask;
    /// A bit a lane, the first lane's lowest.
    fn bits(mask: Self::Mask) -> u32;
    /// `mask ? yes : no`, lane by lane.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// `mask ? self : 0`, lane by lane.
    fn only(self, mask: Self::Mask) -> Self;
    /// True when every lane is finite.
    fn all_finite(self) -> bool;
    fn to_bits(self) -> Self::Int;

    /// The 4×4 square of the first four numbers of each row, transposed.
    #[inline(always)]
    fn transpose(rows: [&[f32]; 4], out: &mut [f32]) {
        for (i, out) in out.chunks_exact_mut(4).enumerate().take(4) {
            out.copy_from_slice(&rows.map(|row| row[i]));
        }
    }

    /// Zero in every lane.
    #[inline(always)]
    fn zero() -> Self {
        Self::splat(0.0)
    }

    /// Zero in every lane, of which the compiler doesn't know: from a maximum with a zero that it knows it makes a comparison and
    /// an `and`, where a [`pmax`](Self::pmax) is one instruction. Loops ask for it once, before they begin.
    #[inline(always)]
    fn unknown_zero() -> Self {
        Self::splat(core::hint::black_box(0.0))
    }
}

/// Unsigned 32-bit lanes: what random streams and exponent arithmetic need.
pub trait IntLanes: Copy {
    type Float: Lanes<Int = Self>;

    fn splat(value: u32) -> Self;
    /// `first, first + 1, …`, wrapping.
    fn count_from(first: u32) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn shl<const BITS: u32>(self) -> Self;
    fn shr<const BITS: u32>(self) -> Self;
    /// The 64-bit product with `factor` as (high, low) words.
    fn mul_wide(self, factor: Self) -> (Self, Self);
    /// Nearest single of the unsigned value.
    fn to_float(self) -> Self::Float;
    /// Nearest single of the value read as two's complement.
    fn to_float_signed(self) -> Self::Float;
    fn as_float(self) -> Self::Float;
    /// The larger and the smaller, read as two's complement.
    fn max_signed(self, other: Self) -> Self;
    fn min_signed(self, other: Self) -> Self;
    /// The same of unsigned values.
    fn max_unsigned(self, other: Self) -> Self;
    fn min_unsigned(self, other: Self) -> Self;
    /// One more where `mask` holds.
    fn count(self, mask: <Self::Float as Lanes>::Mask) -> Self;
    /// Lanes where `self & bits` isn't zero.
    fn any_bit(self, bits: u32) -> <Self::Float as Lanes>::Mask;
    /// Writes the lanes to the first `WIDTH` places.
    fn store(self, target: &mut [u32]);
}

/// Double-precision lanes for the sums of the closed form.
pub trait DoubleLanes: Copy {
    const WIDTH: usize;
    fn splat(value: f64) -> Self;
    fn load(source: &[f64]) -> Self;
    /// The first `WIDTH` singles of `source`, exactly.
    fn widen(source: &[f32]) -> Self;
    fn store(self, target: &mut [f64]);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
}

/// Which implementation runs. The bits never depend on it, so it is no part of any configuration.
///
/// A build holds one implementation, to stay small; the feature `every-kernel` adds the scalar one beside SIMD, for the
/// test that compares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kernel {
    /// SIMD where the build has it.
    #[default]
    Auto,
    /// The definition.
    #[cfg(any(
        not(all(target_arch = "wasm32", target_feature = "simd128")),
        feature = "every-kernel"
    ))]
    Scalar,
}

/// Work that is generic over the lanes it runs on.
pub trait Task {
    type Output;
    fn run<L: Lanes>(self) -> Self::Output;
}

/// True when this build contains the simd128 implementation.
#[must_use]
pub const fn has_simd() -> bool {
    cfg!(all(target_arch = "wasm32", target_feature = "simd128"))
}

/// Runs `task` on the implementation that `kernel` asks for: the only place where that is decided.
pub fn dispatch<T: Task>(kernel: Kernel, task: T) -> T::Output {
    match kernel {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Kernel::Auto => task.run::<Simd128>(),
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        Kernel::Auto => task.run::<Scalar>(),
        #[cfg(any(
            not(all(target_arch = "wasm32", target_feature = "simd128")),
            feature = "every-kernel"
        ))]
        Kernel::Scalar => task.run::<Scalar>(),
    }
}
