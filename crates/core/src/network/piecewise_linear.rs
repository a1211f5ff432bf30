//! The piecewise-linear evaluator of one output over relu units: s(x) = s(t_k) + β_k (x − t_k) between sorted kinks t_k.
//!
//! A bucket index makes a score O(1) instead of O(m). Its rounding differs from the direct sum's, so it has a name of its
//! own in the configuration and its own golden bits.

use super::{Activation, Network, ReservoirSampler, ScoreField};
use crate::error::{Error, Result};
use crate::kernels::{IntLanes, Lanes, Scalar};
use crate::order::order;

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
    /// Of each bucket: its first kinks, infinite where there are no more, and the bits of its first segment's number, with [`CROWDED`]
    /// where more than [`LOOKED_AT`] kinks are in it. One more than there are, for the last one's end.
    buckets: Vec<[f32; 4]>,
    low: f32,
    buckets_per_unit: f32,
}

/// Kinks of a bucket that are looked at without asking how many there are.
const LOOKED_AT: usize = 3;
const CROWDED: u32 = 1 << 31;
/// Buckets for each kink, and at most.
const BUCKETS: usize = 4;
const MOST_BUCKETS: usize = 1 << 20;
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

    /// Bytes that the table of a network of `units` can come to.
    #[must_use]
    pub fn most_bytes(units: u64) -> u64 {
        let buckets = units.saturating_mul(BUCKETS as u64).min(MOST_BUCKETS as u64);
        // One segment more than kinks, a bucket where there is no kink, and one for the last one's end.
        let rows = units.saturating_add(buckets + 3);
        rows.saturating_mul(size_of::<[f32; 4]>() as u64)
    }

    /// Even buckets over the range that holds all but an eighth of the kinks: trained kinks −b/v have heavy tails, and the outermost ones
    /// would make every bucket wide. The first and last bucket hold what lies beyond.
    fn indexed(segments: Vec<[f32; 4]>) -> Self {
        let kinks = segments.len() - 1;
        let outer = kinks / 16;
        let (low, high) = match kinks {
            0 => (0.0, 0.0),
            count => (segments[outer][0], segments[count - 1 - outer][0]),
        };
        let count = (BUCKETS * kinks).clamp(1, MOST_BUCKETS);
        let span = high - low;
        let buckets_per_unit = if span > 0.0 && span.is_finite() {
            count as f32 / span
        } else {
            0.0
        };
        let mut table = Self {
            segments,
            buckets: vec![[f32::INFINITY; 4]; count + 1],
            low,
            buckets_per_unit,
        };
        // The bucket of a kink comes from the same rounded, rising function as that of a state, so kinks of lower buckets are below the
        // state and those of higher ones above it, whatever was rounded.
        let mut ends = vec![0; count];
        for k in 0..kinks {
            let mut bucket = [0];
            table.buckets(Scalar(table.segments[k][0])).store(&mut bucket);
            ends[bucket[0] as usize] = k + 1;
        }
        let mut start = 0;
        for (bucket, end) in table.buckets.iter_mut().zip(ends.into_iter().chain([kinks])) {
            let inside = &table.segments[start..end.max(start)];
            for (kink, [first, ..]) in bucket[..LOOKED_AT].iter_mut().zip(inside) {
                *kink = *first;
            }
            let crowded = if inside.len() > LOOKED_AT { CROWDED } else { 0 };
            bucket[LOOKED_AT] = f32::from_bits(start as u32 | crowded);
            start += inside.len();
        }
        table
    }

    /// The bucket of each x, NaN's the first.
    #[inline(always)]
    fn buckets<L: Lanes>(&self, x: L) -> L::Int {
        let last = L::splat((self.buckets.len() - 2) as f32);
        let place = x.sub(L::splat(self.low)).mul(L::splat(self.buckets_per_unit));
        let whole = L::zero().pmax(place).pmin(last).add(L::splat(TO_WHOLE));
        whole.to_bits().sub(L::Int::splat(TO_WHOLE.to_bits()))
    }

    /// Where states are of buckets with many kinks, their segments by halving.
    #[cold]
    #[inline(never)]
    fn search<L: Lanes>(&self, x: L, buckets: L::Int, segments: L::Int) -> L::Int {
        let (mut states, mut lanes, mut found) = ([0.0; 4], [0; 4], [0; 4]);
        x.store(&mut states);
        buckets.store(&mut lanes);
        segments.store(&mut found);
        for ((x, bucket), found) in states.into_iter().zip(lanes).zip(&mut found) {
            if *found >= CROWDED {
                let [from, to] =
                    [0, 1].map(|next| self.buckets[bucket as usize + next][LOOKED_AT].to_bits() & !CROWDED);
                let inside = &self.segments[from as usize..to as usize];
                *found = from + inside.partition_point(|segment| segment[0] < x) as u32;
            }
        }
        L::load(&found.map(f32::from_bits)).to_bits()
    }

    /// The segments that hold states.
    #[inline(always)]
    fn segments<L: Lanes>(&self, x: L) -> L::Int {
        let buckets = self.buckets(x);
        let [first, second, third, start] = columns::<L>(&self.buckets, buckets);
        // Almost always nothing or one kink is left, and which of it is anyone's guess: so all are looked at without asking. Those of
        // later buckets aren't below x.
        let mut segments = start.to_bits();
        for kink in [first, second, third] {
            segments = segments.count(kink.less(x));
        }
        if L::bits(start.to_bits().any_bit(CROWDED)) != 0 {
            segments = self.search(x, buckets, segments);
        }
        segments
    }

    /// Scores of some vectors of states; all look-ups of one kind before those of the other, since each has long to wait. One function for
    /// tiles of every width.
    #[inline(never)]
    fn scores<L: Lanes>(&self, x: &[L], s: &mut [L]) {
        for (x, s) in x.iter().zip(&mut *s) {
            *s = self.segments(*x).as_float();
        }
        for (x, s) in x.iter().zip(s) {
            let [_, reference, value, slope] = columns::<L>(&self.segments, s.to_bits());
            *s = value.add(slope.mul(x.sub(reference)));
        }
    }
}

/// The columns of some rows of a table.
#[inline(always)]
fn columns<L: Lanes>(table: &[[f32; 4]], rows: L::Int) -> [L; 4] {
    let (mut lanes, mut square) = ([0; 4], [0.0; 16]);
    rows.store(&mut lanes);
    L::transpose(lanes.map(|row| &table[row as usize][..]), &mut square);
    [0, 4, 8, 12].map(|column| L::load_at(&square, column))
}

impl ScoreField for PiecewiseLinear {
    const WIDE: bool = true;
    const OUTPUTS: Option<usize> = Some(1);

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        self.scores(&x[0], &mut s[0]);
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
