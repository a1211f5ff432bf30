//! The direct score of one output over relu units, as hinges: w·max(0, v x + b) = w b + w v·max(x, −b/v) for v > 0, with min
//! for v < 0, so that a unit costs three operations instead of five.
//!
//! Units whose kink −b/v lies far out keep the plain form: there the two terms of the hinge would be large and cancel.

use super::{ReservoirSampler, ScoreField};
use crate::kernels::{IntLanes, Lanes};

/// Kinks up to this size are hinges: beyond it a hinge would round more coarsely than the data deserve.
pub(super) const FARTHEST: f64 = 16.0;

/// s(x) = c + Σ h·max(x, k) + Σ h·min(x, k) + Σ_plain w·max(0, v x + b) − x, each sum in unit order.
pub struct Hinges {
    /// c = Σ w b over hinges, and what units without input give.
    constant: f32,
    /// (h, k) = (w v, −b/v) of units with v > 0, those with k ≥ 0 and those with k < 0.
    up: [Vec<[f32; 2]>; 2],
    /// The same of units with v < 0.
    down: [Vec<[f32; 2]>; 2],
    /// (w, v, b).
    plain: Vec<[f32; 3]>,
}

impl Hinges {
    /// Sorts the units of a network with one output and relu units.
    #[must_use]
    pub fn new(net: &ReservoirSampler) -> Self {
        let mut constant = 0.0;
        let [mut up, mut down] = [const { [const { Vec::new() }; 2] }; 2];
        let mut plain = Vec::new();
        for ((&w, &v), &b) in net.w_out.iter().zip(&net.w_fb).zip(&net.bias) {
            let (w64, v64, b64) = (f64::from(w), f64::from(v), f64::from(b));
            let kink = -b64 / v64;
            if v == 0.0 {
                constant += w64 * b64.max(0.0);
            } else if kink.abs() <= FARTHEST {
                constant += w64 * b64;
                // With 0, not −0, among those of its sign.
                let kink = kink as f32 + 0.0;
                let side = if v > 0.0 { &mut up } else { &mut down };
                side[usize::from(kink < 0.0)].push([(w64 * v64) as f32, kink]);
            } else {
                plain.push([w, v, b]);
            }
        }
        Self {
            constant: constant as f32,
            up,
            down,
            plain,
        }
    }
}

/// Adds h·extreme(k, x) in order.
#[inline(always)]
fn add<L: Lanes, const T: usize>(
    sum: &mut [L; T],
    x: &[L::Int; T],
    hinges: &[[f32; 2]],
    extreme: impl Fn(L::Int, L::Int) -> L::Int,
) {
    for &[h, k] in hinges {
        let (h, k) = (L::splat(h), L::splat(k).to_bits());
        for t in 0..T {
            sum[t] = sum[t].add(h.mul(extreme(k, x[t]).as_float()));
        }
    }
}

impl ScoreField for Hinges {
    const WIDE: bool = true;
    const OUTPUTS: Option<usize> = Some(1);

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        let x = x[0];
        let mut sum = [L::splat(self.constant); T];
        // Extremes of bits as whole numbers, which processors have more parts for than for those of floats: any number's order to a k ≥ 0
        // is that of bits read as two's complement; to a k < 0 it is the reverse of that of unsigned ones.
        let bits = x.map(L::to_bits);
        add(&mut sum, &bits, &self.up[0], L::Int::max_signed);
        add(&mut sum, &bits, &self.up[1], L::Int::min_unsigned);
        add(&mut sum, &bits, &self.down[0], L::Int::min_signed);
        add(&mut sum, &bits, &self.down[1], L::Int::max_unsigned);
        for &[w, v, b] in &self.plain {
            let (w, v, b) = (L::splat(w), L::splat(v), L::splat(b));
            for t in 0..T {
                sum[t] = sum[t].add(w.mul(b.add(v.mul(x[t])).relu()));
            }
        }
        // The leak last: it carries what is no number through, which a maximum would hide.
        for t in 0..T {
            s[0][t] = sum[t].sub(x[t]);
        }
    }
}
