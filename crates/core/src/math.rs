//! Elementary functions of our own, so that no platform's libm decides a bit: exp, ln, tanh, sigmoid, softplus, sin/cos.
//!
//! Each is one polynomial or rational evaluated in the same order on every lane. Accuracy (measured over the tests'
//! ranges): a few units in the last place. Double precision uses the pinned `libm` crate instead.

use crate::kernels::{IntLanes, Lanes};
use core::array;
use core::hint::black_box;

/// Σ c_k x^k by Horner's rule, highest coefficient first.
#[inline(always)]
fn polynomial<L: Lanes, const K: usize>(x: L, coefficients: &'static [f32; K]) -> L {
    polynomials([x], coefficients)[0]
}

/// The same at several x side by side: engines make each coefficient anew where it is used, three instructions a vector, so once for all.
/// Of many loops' constants they do so ahead, and keep them on the stack, where vectors may lie across cache lines: which way the stack lies
/// is chance, and halved the rate of noise. Loads of single numbers that the compiler doesn't know, each spread over a vector, don't.
#[inline(always)]
fn polynomials<L: Lanes, const T: usize, const K: usize>(
    x: [L; T],
    coefficients: &'static [f32; K],
) -> [L; T] {
    let coefficients = if T > 1 {
        black_box(coefficients)
    } else {
        coefficients
    };
    let mut sums = [L::splat(coefficients[0]); T];
    for &c in &coefficients[1..] {
        let c = L::splat(c);
        for t in 0..T {
            sums[t] = sums[t].mul(x[t]).add(c);
        }
    }
    sums
}

/// e^x = 2^k e^r with k = round(x / ln 2). Saturates at x = −87.3 and 88.3, so it never gives 0 or infinity.
#[inline(always)]
pub fn exp<L: Lanes>(x: L) -> L {
    // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.pmin(L::splat(88.3)).pmax(L::splat(-87.3));
    let shifted = x.mul(L::splat(core::f32::consts::LOG2_E)).add(L::splat(ROUND));
    let k = shifted.sub(L::splat(ROUND));
    // ln 2 in two parts: the first has few enough bits that k times it is exact.
    let r = x
        .sub(k.mul(L::splat(0.693_359_4)))
        .sub(k.mul(L::splat(-2.121_944_4e-4)));
    let tail = polynomial(
        r,
        &[
            1.987_569_1e-4,
            1.398_2e-3,
            8.333_452e-3,
            4.166_579_6e-2,
            1.666_666_5e-1,
            5.000_000_1e-1,
        ],
    );
    let fraction = tail.mul(r.mul(r)).add(r).add(L::splat(1.0));
    let scale = shifted.to_bits().add(L::Int::splat(127)).shl::<23>().as_float();
    fraction.mul(scale)
}

/// ln x for normal positive x: exponent times ln 2 plus a polynomial of the mantissa in [√½, √2).
#[inline(always)]
pub fn ln<L: Lanes>(x: L) -> L {
    lns([x])[0]
}

/// [`ln`] of several vectors side by side.
#[inline(always)]
pub fn lns<L: Lanes, const T: usize>(x: [L; T]) -> [L; T] {
    // Subtracting √½'s bits makes the exponent field change where the mantissa passes √½.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let exponents = x.map(|x| {
        let offset = x.to_bits().sub(L::Int::splat(ROOT_HALF));
        offset.shr::<23>().shl::<23>()
    });
    let f: [L; T] = array::from_fn(|t| x[t].to_bits().sub(exponents[t]).as_float().sub(L::splat(1.0)));
    let tails = polynomials(
        f,
        &[
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_7e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    array::from_fn(|t| {
        // Arithmetic shift by way of the signed value: the exponent is a multiple of 2²³.
        let k = exponents[t].to_float_signed().mul(L::splat(1.192_092_9e-7));
        let f = f[t];
        let z = f.mul(f);
        let y = tails[t]
            .mul(f)
            .mul(z)
            .add(k.mul(L::splat(-2.121_944_4e-4)))
            .sub(z.mul(L::splat(0.5)));
        f.add(y).add(k.mul(L::splat(0.693_359_4)))
    })
}

/// tanh x as an odd rational function (13/6), clamped where single precision reaches ±1.
#[inline(always)]
pub fn tanh<L: Lanes>(x: L) -> L {
    let c = x.pmin(L::splat(7.905_311)).pmax(L::splat(-7.905_311));
    let z = c.mul(c);
    let p = polynomial(
        z,
        &[
            -2.760_768_5e-16,
            2.000_188e-13,
            -8.604_672e-11,
            5.122_297e-8,
            1.485_722_4e-5,
            6.372_619e-4,
            4.893_524_6e-3,
        ],
    );
    let q = polynomial(z, &[1.198_258_4e-6, 1.185_347e-4, 2.268_434_6e-3, 4.893_525e-3]);
    c.mul(p).div(q)
}

/// 1 / (1 + e^−x), without overflow on either side.
#[inline(always)]
pub fn sigmoid<L: Lanes>(x: L) -> L {
    let e = exp(x.abs().neg());
    let one = L::splat(1.0);
    let share = L::select(x.less(L::zero()), e, one);
    share.div(one.add(e))
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|); the logarithm keeps its relative accuracy for small e^−|x|.
#[inline(always)]
pub fn softplus<L: Lanes>(x: L) -> L {
    let e = exp(x.abs().neg());
    let u = L::splat(1.0).add(e);
    // ln(1 + e) with the rounding of 1 + e given back.
    let lost = e.sub(u.sub(L::splat(1.0)));
    x.relu().add(ln(u).add(lost.div(u)))
}

/// (sin, cos) of the angle 2π·word/2³², exact in the quadrant.
#[inline(always)]
pub fn sin_cos_turn<L: Lanes>(word: L::Int) -> (L, L) {
    sin_cos_turns::<L, 1>([word])[0]
}

/// [`sin_cos_turn`] of several vectors side by side.
#[inline(always)]
pub fn sin_cos_turns<L: Lanes, const T: usize>(words: [L::Int; T]) -> [(L, L); T] {
    // The top two bits after adding an eighth of a turn give the quadrant, the rest a signed fraction around its middle.
    let y = words.map(|word| {
        let rest = word.shl::<2>().to_float_signed();
        rest.mul(L::splat(core::f32::consts::FRAC_PI_2 * 2.328_306_4e-10))
    });
    let z = y.map(|y| y.mul(y));
    let sines = polynomials(z, &[-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]);
    let cosines = polynomials(z, &[2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]);
    array::from_fn(|t| {
        let (y, z) = (y[t], z[t]);
        let sine = sines[t].mul(z).mul(y).add(y);
        let cosine = cosines[t]
            .mul(z)
            .mul(z)
            .sub(z.mul(L::splat(0.5)))
            .add(L::splat(1.0));
        let quadrant = words[t].add(L::Int::splat(0x2000_0000)).shr::<30>();
        let swap = quadrant.any_bit(1);
        let s = L::select(swap, cosine, sine);
        let c = L::select(swap, sine, cosine);
        let sine_sign = quadrant.shr::<1>().shl::<31>();
        let cosine_sign = quadrant.add(L::Int::splat(1)).shr::<1>().shl::<31>();
        (
            s.to_bits().xor(sine_sign).as_float(),
            c.to_bits().xor(cosine_sign).as_float(),
        )
    })
}
