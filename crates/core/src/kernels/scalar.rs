//! One lane at a time, in plain Rust: the definition of the bits.

use super::{DoubleLanes, IntLanes, Lanes};

/// A single number as a vector of width one.
#[derive(Clone, Copy, Debug)]
pub struct Scalar(pub f32);

/// A single 32-bit word.
#[derive(Clone, Copy, Debug)]
pub struct Word(pub u32);

/// A single double.
#[derive(Clone, Copy, Debug)]
pub struct Double(pub f64);

impl Lanes for Scalar {
    const WIDTH: usize = 1;
    type Int = Word;
    type Mask = bool;
    type Double = Double;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(value)
    }
    #[inline(always)]
    fn load(source: &[f32]) -> Self {
        Self(source[0])
    }
    #[inline(always)]
    fn store(self, target: &mut [f32]) {
        target[0] = self.0;
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(self.0 / other.0)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // Exactly rounded everywhere by IEEE 754, so the platform's own instruction is safe.
        Self(self.0.sqrt())
    }
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs())
    }
    #[inline(always)]
    fn pmax(self, other: Self) -> Self {
        if self.0 < other.0 { other } else { self }
    }
    #[inline(always)]
    fn pmin(self, other: Self) -> Self {
        if other.0 < self.0 { other } else { self }
    }
    #[inline(always)]
    fn relu(self) -> Self {
        if 0.0 < self.0 { self } else { Self(0.0) }
    }
    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self.0 < other.0
    }
    #[inline(always)]
    fn bits(mask: bool) -> u32 {
        u32::from(mask)
    }
    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    #[inline(always)]
    fn only(self, mask: bool) -> Self {
        Self(if mask { self.0 } else { 0.0 })
    }
    #[inline(always)]
    fn all_finite(self) -> bool {
        self.0.is_finite()
    }
    #[inline(always)]
    fn to_bits(self) -> Word {
        Word(self.0.to_bits())
    }
}

impl IntLanes for Word {
    type Float = Scalar;

    #[inline(always)]
    fn splat(value: u32) -> Self {
        Self(value)
    }
    #[inline(always)]
    fn count_from(first: u32) -> Self {
        Self(first)
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        Self(self.0 << BITS)
    }
    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        Self(self.0 >> BITS)
    }
    #[inline(always)]
    fn mul_wide(self, factor: Self) -> (Self, Self) {
        let product = u64::from(self.0) * u64::from(factor.0);
        (Self((product >> 32) as u32), Self(product as u32))
    }
    #[inline(always)]
    fn to_float(self) -> Scalar {
        Scalar(self.0 as f32)
    }
    #[inline(always)]
    fn to_float_signed(self) -> Scalar {
        Scalar(self.0 as i32 as f32)
    }
    #[inline(always)]
    fn as_float(self) -> Scalar {
        Scalar(f32::from_bits(self.0))
    }
    #[inline(always)]
    fn max_signed(self, other: Self) -> Self {
        Self((self.0 as i32).max(other.0 as i32) as u32)
    }
    #[inline(always)]
    fn min_signed(self, other: Self) -> Self {
        Self((self.0 as i32).min(other.0 as i32) as u32)
    }
    #[inline(always)]
    fn max_unsigned(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
    #[inline(always)]
    fn min_unsigned(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
    #[inline(always)]
    fn count(self, mask: bool) -> Self {
        Self(self.0.wrapping_add(u32::from(mask)))
    }
    #[inline(always)]
    fn any_bit(self, bits: u32) -> bool {
        self.0 & bits != 0
    }
    #[inline(always)]
    fn store(self, target: &mut [u32]) {
        target[0] = self.0;
    }
}

impl DoubleLanes for Double {
    const WIDTH: usize = 1;
    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(value)
    }
    #[inline(always)]
    fn load(source: &[f64]) -> Self {
        Self(source[0])
    }
    #[inline(always)]
    fn widen(source: &[f32]) -> Self {
        Self(f64::from(source[0]))
    }
    #[inline(always)]
    fn store(self, target: &mut [f64]) {
        target[0] = self.0;
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}
