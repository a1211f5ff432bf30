//! The piecewise-linear evaluator of one output over relu units: s(x) = s(t_k) + β_k (x − t_k) between sorted kinks t_k.
//!
//! A bucket index makes a score O(1) instead of O(m). Its rounding differs from the direct sum's, so it has a name of its
//! own in the configuration and its own golden bits.

use super::{Activation, Network, ReservoirSampler, ScoreField};
use crate::error::{Error, Result};
use crate::kernels::{IntLanes, Lanes, Scalar};
use crate::order::order;
use core::array;

/// Refuses networks that aren't piecewise linear in one dimension or two.
pub fn check(network: &Network) -> Result<()> {
    match network {
        Network::Reservoir(net) if net.dimension <= 2 && net.activation == Activation::Relu => Ok(()),
        _ => Err(Error::unsupported(
            "evaluator",
            "piecewise-linear",
            "it needs a reservoir-sampler with one or two outputs and relu units; use direct",
        )),
    }
}

/// Segments between sorted kinks t_k, and where each bucket of x begins among them.
pub struct PiecewiseLinear {
    /// Of each segment: the kink at its end, then starting point, value and slope of its line. The last one ends nowhere.
    segments: Vec<[f32; 4]>,
    /// First segment of each bucket, with [`CROWDED`] where more than [`LOOKED_AT`] kinks are in it, and the last one.
    starts: Vec<u32>,
    low: f32,
    buckets_per_unit: f32,
}

/// Kinks of a bucket that are looked at without asking how many there are.
const LOOKED_AT: usize = 2;
const CROWDED: u32 = 1 << 31;
/// Added to a number from 0 to 2²³ this leaves the nearest whole one in its bits.
const TO_WHOLE: f32 = 8_388_608.0;

impl PiecewiseLinear {
    /// Builds the table of a network with one output and relu units.
    #[must_use]
    pub fn new(net: &ReservoirSampler) -> Self {
        let unit = |j: usize| {
            (
                f64::from(net.w_fb[j]),
                f64::from(net.bias[j]),
                f64::from(net.w_out[j]),
            )
        };
        let kink_of = |j: usize| -unit(j).1 / unit(j).0;
        let bent: Vec<usize> = (0..net.units).filter(|&j| net.w_fb[j] != 0.0).collect();
        let places: Vec<f64> = bent.iter().map(|&j| kink_of(j)).collect();
        let order: Vec<(f64, usize)> = order(&places)
            .iter()
            .map(|&k| (places[k as usize], bent[k as usize]))
            .collect();
        let bend = |k: usize| {
            let (v, _, w) = unit(order[k].1);
            w * v.abs()
        };
        // From the segment that holds 0 outward, so that each line starts at its end nearest to 0: far kinks, which units
        // with small weights have, then cost no precision where the states are.
        let middle = order.iter().filter(|(t, _)| *t < 0.0).count();
        let active = |j: usize| {
            if unit(j).0 > 0.0 {
                kink_of(j) < 0.0
            } else {
                unit(j).0 < 0.0 && kink_of(j) >= 0.0
            }
        };
        let slope = (0..net.units)
            .filter(|&j| active(j))
            .map(|j| unit(j).2 * unit(j).0)
            .sum::<f64>()
            - 1.0;
        let value = (0..net.units)
            .map(unit)
            .map(|(_, b, w)| if b > 0.0 { w * b } else { 0.0 })
            .sum::<f64>();
        let mut segments = vec![[f32::INFINITY, 0.0, value as f32, slope as f32]; order.len() + 1];
        for (segment, (t, _)) in segments.iter_mut().zip(&order) {
            segment[0] = *t as f32;
        }
        let mut outward = |line: &mut dyn Iterator<Item = (usize, usize)>, sign: f64| {
            let (mut at, mut value, mut slope) = (0.0, value, slope);
            for (k, segment) in line {
                let t = order[k].0;
                value += slope * (t - at);
                slope += sign * bend(k);
                at = t;
                segments[segment][1..].copy_from_slice(&[t as f32, value as f32, slope as f32]);
            }
        };
        outward(&mut (middle..order.len()).map(|k| (k, k + 1)), 1.0);
        outward(&mut (0..middle).rev().map(|k| (k, k)), -1.0);
        Self::indexed(segments)
    }

    /// Even buckets, four for each kink, over the range that holds all but an eighth of the kinks: trained kinks −b/v have
    /// heavy tails, and the outermost ones would make every bucket wide. The first and last bucket hold what lies beyond.
    fn indexed(segments: Vec<[f32; 4]>) -> Self {
        let kinks = segments.len() - 1;
        let outer = kinks / 16;
        let (low, high) = match kinks {
            0 => (0.0, 0.0),
            count => (segments[outer][0], segments[count - 1 - outer][0]),
        };
        let buckets = (4 * kinks).clamp(1, 1 << 20);
        let span = high - low;
        let buckets_per_unit = if span > 0.0 && span.is_finite() {
            buckets as f32 / span
        } else {
            0.0
        };
        let mut table = Self {
            segments,
            starts: vec![0; buckets + 1],
            low,
            buckets_per_unit,
        };
        // The bucket of a kink comes from the same rounded, rising function as that of a state, so kinks of lower buckets
        // are below the state and those of higher ones above it, whatever was rounded.
        for k in 0..kinks {
            let mut bucket = [0];
            table.buckets(Scalar(table.segments[k][0])).store(&mut bucket);
            table.starts[bucket[0] as usize + 1] = k as u32 + 1;
        }
        for bucket in 0..buckets {
            let start = table.starts[bucket];
            let end = table.starts[bucket + 1].max(start);
            table.starts[bucket + 1] = end;
            if (end - start) as usize > LOOKED_AT {
                table.starts[bucket] |= CROWDED;
            }
        }
        table
    }

    /// The bucket of each x, NaN's the first.
    #[inline(always)]
    fn buckets<L: Lanes>(&self, x: L) -> L::Int {
        let last = L::splat((self.starts.len() - 2) as f32);
        let place = x.sub(L::splat(self.low)).mul(L::splat(self.buckets_per_unit));
        let whole = L::zero().pmax(place).pmin(last).add(L::splat(TO_WHOLE));
        whole.to_bits().sub(L::Int::splat(TO_WHOLE.to_bits()))
    }

    /// The segments that hold states of some buckets. One function for tiles of every width.
    #[inline(never)]
    fn look_up(&self, x: &[f32], buckets: &[u32], found: &mut [[f32; 4]]) {
        for ((&x, &bucket), found) in x.iter().zip(buckets).zip(found) {
            let start = self.starts[bucket as usize];
            let mut k = start as usize;
            // Almost always nothing or one kink is left, and which of it is anyone's guess: so some are looked at without asking. Those
            // of later buckets aren't below x.
            if start < CROWDED {
                for _ in 0..LOOKED_AT {
                    k += usize::from(self.segments[k][0] < x);
                }
            } else {
                k = self.search(x, bucket);
            }
            *found = self.segments[k];
        }
    }

    /// The same in a bucket of many kinks, by halving.
    #[cold]
    fn search(&self, x: f32, bucket: u32) -> usize {
        let [from, to] = [0, 1].map(|next| (self.starts[bucket as usize + next] & !CROWDED) as usize);
        from + self.segments[from..to].partition_point(|segment| segment[0] < x)
    }
}

impl ScoreField for PiecewiseLinear {
    const WIDE: bool = true;
    const OUTPUTS: Option<usize> = Some(1);

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        let (mut states, mut buckets, mut found) = ([[0.0; 4]; T], [[0; 4]; T], [[[0.0; 4]; 4]; T]);
        let count = T * L::WIDTH;
        for t in 0..T {
            x[0][t].store_at(states.as_flattened_mut(), t * L::WIDTH);
            self.buckets(x[0][t])
                .store(&mut buckets.as_flattened_mut()[t * L::WIDTH..]);
        }
        let (states, buckets) = (states.as_flattened(), buckets.as_flattened());
        let found = found.as_flattened_mut();
        self.look_up(&states[..count], &buckets[..count], found);
        for t in 0..T {
            let rows = array::from_fn(|lane| &found[t * L::WIDTH + lane.min(L::WIDTH - 1)][..]);
            let mut parts = [0.0; 16];
            L::transpose(rows, &mut parts);
            let [reference, value, slope] = [4, 8, 12].map(|part| L::load_at(&parts, part));
            s[0][t] = value.add(slope.mul(x[0][t].sub(reference)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::network::{Activation, Network, ReservoirSampler};

    #[test]
    fn refuses_what_is_not_piecewise_linear() {
        let smooth =
            ReservoirSampler::new(1, 1, Activation::Tanh, vec![1.0], vec![1.0], vec![0.0]).expect("shapes");
        let space = ReservoirSampler::new(3, 1, Activation::Relu, vec![1.0; 3], vec![1.0; 3], vec![0.0])
            .expect("shapes");
        for net in [smooth, space] {
            let error = check(&Network::Reservoir(net)).expect_err("refused");
            assert_eq!((error.code(), error.parts().0), ("unsupported", "evaluator"));
        }
    }
}
