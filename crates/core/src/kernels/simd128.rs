//! Four lanes of wasm's 128-bit vectors; equal to the scalar definition bit by bit.

use super::{DoubleLanes, IntLanes, Lanes};
use core::arch::wasm32::{
    f32x4_abs, f32x4_add, f32x4_convert_i32x4, f32x4_convert_u32x4, f32x4_div, f32x4_lt, f32x4_mul,
    f32x4_neg, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sqrt, f32x4_sub, f64x2_add, f64x2_mul,
    f64x2_promote_low_f32x4, f64x2_splat, f64x2_sub, i32x4_add, i32x4_all_true, i32x4_bitmask, i32x4_max,
    i32x4_min, i32x4_ne, i32x4_shl, i32x4_shuffle, i32x4_sub, u32x4, u32x4_max, u32x4_min, u32x4_shr,
    u32x4_splat, u64x2_extmul_high_u32x4, u64x2_extmul_low_u32x4, v128, v128_and, v128_bitselect, v128_load,
    v128_load64_zero, v128_or, v128_store, v128_xor,
};

/// Four singles.
#[derive(Clone, Copy)]
pub struct Simd128(v128);

/// Four 32-bit words.
#[derive(Clone, Copy)]
pub struct Words(v128);

/// Two doubles.
#[derive(Clone, Copy)]
pub struct Doubles(v128);

impl Lanes for Simd128 {
    const WIDTH: usize = 4;
    type Int = Words;
    type Mask = v128;
    type Double = Doubles;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }
    #[inline(always)]
    fn load(source: &[f32]) -> Self {
        let source = &source[..4];
        // SAFETY: the slice holds four singles, and wasm loads need no alignment.
        Self(unsafe { v128_load(source.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, target: &mut [f32]) {
        let target = &mut target[..4];
        // SAFETY: the slice holds four singles, and wasm stores need no alignment.
        unsafe { v128_store(target.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(f32x4_div(self.0, other.0))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(f32x4_sqrt(self.0))
    }
    #[inline(always)]
    fn neg(self) -> Self {
        Self(f32x4_neg(self.0))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(f32x4_abs(self.0))
    }
    #[inline(always)]
    fn pmax(self, other: Self) -> Self {
        Self(f32x4_pmax(self.0, other.0))
    }
    #[inline(always)]
    fn pmin(self, other: Self) -> Self {
        Self(f32x4_pmin(self.0, other.0))
    }
    #[inline(always)]
    fn relu(self) -> Self {
        // On x86 a pmax, or what the compiler makes of it, is shorter than f32x4_max: its operand order is maxps' own.
        Self(f32x4_pmax(f32x4_splat(0.0), self.0))
    }
    #[inline(always)]
    fn less(self, other: Self) -> v128 {
        f32x4_lt(self.0, other.0)
    }
    #[inline(always)]
    fn bits(mask: v128) -> u32 {
        u32::from(i32x4_bitmask(mask))
    }
    #[inline(always)]
    fn select(mask: v128, yes: Self, no: Self) -> Self {
        Self(v128_bitselect(yes.0, no.0, mask))
    }
    #[inline(always)]
    fn only(self, mask: v128) -> Self {
        Self(v128_and(self.0, mask))
    }
    #[inline(always)]
    fn all_finite(self) -> bool {
        i32x4_all_true(f32x4_lt(f32x4_abs(self.0), f32x4_splat(f32::INFINITY)))
    }
    #[inline(always)]
    fn transpose(rows: [&[f32]; 4], out: &mut [f32]) {
        let [a, b, c, d] = rows.map(|row| Self::load(row).0);
        let (ab, cd) = (
            i32x4_shuffle::<0, 4, 1, 5>(a, b),
            i32x4_shuffle::<0, 4, 1, 5>(c, d),
        );
        let (more_ab, more_cd) = (
            i32x4_shuffle::<2, 6, 3, 7>(a, b),
            i32x4_shuffle::<2, 6, 3, 7>(c, d),
        );
        let out = &mut out[..16];
        Self(i32x4_shuffle::<0, 1, 4, 5>(ab, cd)).store(out);
        Self(i32x4_shuffle::<2, 3, 6, 7>(ab, cd)).store(&mut out[4..]);
        Self(i32x4_shuffle::<0, 1, 4, 5>(more_ab, more_cd)).store(&mut out[8..]);
        Self(i32x4_shuffle::<2, 3, 6, 7>(more_ab, more_cd)).store(&mut out[12..]);
    }
    #[inline(always)]
    fn to_bits(self) -> Words {
        Words(self.0)
    }
}

impl IntLanes for Words {
    type Float = Simd128;

    #[inline(always)]
    fn splat(value: u32) -> Self {
        Self(u32x4_splat(value))
    }
    #[inline(always)]
    fn count_from(first: u32) -> Self {
        Self(i32x4_add(u32x4_splat(first), u32x4(0, 1, 2, 3)))
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(i32x4_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(i32x4_sub(self.0, other.0))
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(v128_and(self.0, other.0))
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }
    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        Self(i32x4_shl(self.0, BITS))
    }
    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        Self(u32x4_shr(self.0, BITS))
    }
    #[inline(always)]
    fn mul_wide(self, factor: Self) -> (Self, Self) {
        let low = u64x2_extmul_low_u32x4(self.0, factor.0);
        let high = u64x2_extmul_high_u32x4(self.0, factor.0);
        (
            Self(i32x4_shuffle::<1, 3, 5, 7>(low, high)),
            Self(i32x4_shuffle::<0, 2, 4, 6>(low, high)),
        )
    }
    #[inline(always)]
    fn to_float(self) -> Simd128 {
        Simd128(f32x4_convert_u32x4(self.0))
    }
    #[inline(always)]
    fn to_float_signed(self) -> Simd128 {
        Simd128(f32x4_convert_i32x4(self.0))
    }
    #[inline(always)]
    fn as_float(self) -> Simd128 {
        Simd128(self.0)
    }
    #[inline(always)]
    fn max_signed(self, other: Self) -> Self {
        Self(i32x4_max(self.0, other.0))
    }
    #[inline(always)]
    fn min_signed(self, other: Self) -> Self {
        Self(i32x4_min(self.0, other.0))
    }
    #[inline(always)]
    fn max_unsigned(self, other: Self) -> Self {
        Self(u32x4_max(self.0, other.0))
    }
    #[inline(always)]
    fn min_unsigned(self, other: Self) -> Self {
        Self(u32x4_min(self.0, other.0))
    }
    #[inline(always)]
    fn count(self, mask: v128) -> Self {
        Self(i32x4_sub(self.0, mask))
    }
    #[inline(always)]
    fn any_bit(self, bits: u32) -> v128 {
        i32x4_ne(v128_and(self.0, u32x4_splat(bits)), u32x4_splat(0))
    }
    #[inline(always)]
    fn store(self, target: &mut [u32]) {
        let target = &mut target[..4];
        // SAFETY: the slice holds four words, and wasm stores need no alignment.
        unsafe { v128_store(target.as_mut_ptr().cast(), self.0) }
    }
}

impl DoubleLanes for Doubles {
    const WIDTH: usize = 2;
    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(f64x2_splat(value))
    }
    #[inline(always)]
    fn load(source: &[f64]) -> Self {
        let source = &source[..2];
        // SAFETY: the slice holds two doubles, and wasm loads need no alignment.
        Self(unsafe { v128_load(source.as_ptr().cast()) })
    }
    #[inline(always)]
    fn widen(source: &[f32]) -> Self {
        let source = &source[..2];
        // SAFETY: the slice holds two singles, and wasm loads need no alignment.
        Self(f64x2_promote_low_f32x4(unsafe {
            v128_load64_zero(source.as_ptr().cast())
        }))
    }
    #[inline(always)]
    fn store(self, target: &mut [f64]) {
        let target = &mut target[..2];
        // SAFETY: the slice holds two doubles, and wasm stores need no alignment.
        unsafe { v128_store(target.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(f64x2_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(f64x2_sub(self.0, other.0))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(f64x2_mul(self.0, other.0))
    }
}
