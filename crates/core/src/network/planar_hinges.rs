//! The direct score of two outputs over relu units, as hinges along lines: with |v₁| the larger of a unit's two input weights and u = x₁ + r x₂,
//! w max(0, v₁ x₁ + v₂ x₂ + b) = w b + w v₁ max(u, −b/v₁) for v₁ > 0, with min for v₁ < 0, seven operations instead of nine.
//!
//! Units whose line lies far out keep the plain form, as those of [`super::hinges`].

use super::hinges::FARTHEST;
use super::{ReservoirSampler, ScoreField};
use crate::kernels::Lanes;

/// (w₁ v, w₂ v, r, −b/v) of a unit.
type Hinge = [f32; 4];

/// s(x) = c + Σ h·max or min(x_a + r x_b, k) + Σ_plain w·max(0, V x + b) − x, each sum in unit order.
pub struct PlanarHinges {
    /// c = Σ w b over hinges, and what units without input give.
    constant: [f32; 2],
    /// Units with v > 0 and those with v < 0, by the output that v is the weight of.
    up: [Vec<Hinge>; 2],
    down: [Vec<Hinge>; 2],
    /// (w₁, w₂, v₁, v₂, b).
    plain: Vec<[f32; 5]>,
}

impl PlanarHinges {
    /// Sorts the units of a network with two outputs and relu units.
    #[must_use]
    pub fn new(net: &ReservoirSampler) -> Self {
        let mut constant = [0.0; 2];
        let (mut up, mut down) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
        let mut plain = Vec::new();
        for (j, (v, &b)) in net.w_fb.chunks_exact(2).zip(&net.bias).enumerate() {
            let w = [net.w_out[j], net.w_out[net.units + j]];
            let axis = usize::from(v[1].abs() > v[0].abs());
            let (large, small, b64) = (f64::from(v[axis]), f64::from(v[1 - axis]), f64::from(b));
            let kink = -b64 / large;
            let mut add = |level: f64| {
                for (c, w) in constant.iter_mut().zip(w) {
                    *c += f64::from(w) * level;
                }
            };
            if large == 0.0 {
                add(b64.max(0.0));
            } else if kink.abs() <= FARTHEST {
                add(b64);
                let [h1, h2] = w.map(|w| (f64::from(w) * large) as f32);
                let hinge = [h1, h2, (small / large) as f32, kink as f32];
                let side = if large > 0.0 { &mut up } else { &mut down };
                side[axis].push(hinge);
            } else {
                plain.push([w[0], w[1], v[0], v[1], b]);
            }
        }
        Self {
            constant: constant.map(|c| c as f32),
            up,
            down,
            plain,
        }
    }
}

/// s += h·extreme(x_a + r x_b, k), term by term.
#[inline(always)]
fn add_hinges<L: Lanes, const T: usize>(
    hinges: &[Hinge],
    [along, across]: [&[L; T]; 2],
    s: &mut [[L; T]; 2],
    extreme: impl Fn(L, L) -> L,
) {
    for &[h1, h2, r, k] in hinges {
        let [h1, h2, r, k] = [h1, h2, r, k].map(L::splat);
        for t in 0..T {
            let u = extreme(k, along[t].add(r.mul(across[t])));
            s[0][t] = s[0][t].add(h1.mul(u));
            s[1][t] = s[1][t].add(h2.mul(u));
        }
    }
}

impl ScoreField for PlanarHinges {
    const WIDE: bool = true;
    const SHORT: bool = true;
    const OUTPUTS: Option<usize> = Some(2);

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        let x = [&x[0], &x[1]];
        let mut sum = self.constant.map(|c| [L::splat(c); T]);
        for axis in 0..2 {
            let turned = [x[axis], x[1 - axis]];
            add_hinges(&self.up[axis], turned, &mut sum, L::pmax);
            add_hinges(&self.down[axis], turned, &mut sum, L::pmin);
        }
        for &[w1, w2, v1, v2, b] in &self.plain {
            let [w1, w2, v1, v2, b] = [w1, w2, v1, v2, b].map(L::splat);
            for t in 0..T {
                let a = b.add(v1.mul(x[0][t])).add(v2.mul(x[1][t])).relu();
                sum[0][t] = sum[0][t].add(w1.mul(a));
                sum[1][t] = sum[1][t].add(w2.mul(a));
            }
        }
        // The leak last: it carries what is no number through, which a maximum would hide.
        for d in 0..2 {
            for t in 0..T {
                s[d][t] = sum[d][t].sub(x[d][t]);
            }
        }
    }
}
