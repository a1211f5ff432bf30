//! The piecewise-linear evaluator of one output over relu units: s(x) = s(t_k) + β_k (x − t_k) between sorted kinks t_k.
//!
//! A bucket index makes a score O(1) instead of O(m). Its rounding differs from the direct sum's, so it has a name of its
//! own in the configuration and its own golden bits.

use super::{Activation, Network, ReservoirSampler, ScoreField};
use crate::error::{Error, Result};
use crate::kernels::Lanes;
use crate::order::order;

/// Refuses networks that aren't piecewise linear in one dimension or two.
pub fn check(network: &Network) -> Result<()> {
    match network {
        Network::Reservoir(net) if net.dimension <= 2 && net.activation == Activation::Relu => Ok(()),
        _ => Err(Error::Unsupported {
            argument: "evaluator",
            value: "piecewise-linear".into(),
            expected: "it needs a reservoir-sampler with one or two outputs and relu units; use direct"
                .into(),
        }),
    }
}

/// Sorted kinks with the line that starts at each, and where each bucket of x begins among them.
pub struct PiecewiseLinear {
    /// t_k, rising.
    kinks: Vec<f32>,
    /// Starting point, value and slope of each segment's line; segment k lies between kinks k − 1 and k.
    lines: Vec<[f32; 3]>,
    /// First kink of each bucket, and the number of kinks at the end.
    starts: Vec<u32>,
    low: f32,
    buckets_per_unit: f32,
}

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
        let kinks: Vec<f32> = order.iter().map(|(t, _)| *t as f32).collect();
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
        let mut lines = vec![[0.0, value as f32, slope as f32]; order.len() + 1];
        let mut outward = |segments: &mut dyn Iterator<Item = (usize, usize)>, sign: f64| {
            let (mut at, mut value, mut slope) = (0.0, value, slope);
            for (k, segment) in segments {
                let t = order[k].0;
                value += slope * (t - at);
                slope += sign * bend(k);
                at = t;
                lines[segment] = [t as f32, value as f32, slope as f32];
            }
        };
        outward(&mut (middle..order.len()).map(|k| (k, k + 1)), 1.0);
        outward(&mut (0..middle).rev().map(|k| (k, k)), -1.0);
        Self::indexed(kinks, lines)
    }

    /// Even buckets, two for each kink, over the range that holds all but an eighth of the kinks: trained kinks −b/v have
    /// heavy tails, and the outermost ones would make every bucket wide. The first and last bucket hold what lies beyond.
    fn indexed(kinks: Vec<f32>, lines: Vec<[f32; 3]>) -> Self {
        let outer = kinks.len() / 16;
        let (low, high) = match kinks.len() {
            0 => (0.0, 0.0),
            count => (kinks[outer], kinks[count - 1 - outer]),
        };
        let buckets = (2 * kinks.len()).clamp(1, 1 << 20);
        let span = high - low;
        let buckets_per_unit = if span > 0.0 && span.is_finite() {
            buckets as f32 / span
        } else {
            0.0
        };
        let mut table = Self {
            kinks,
            lines,
            starts: vec![0; buckets + 1],
            low,
            buckets_per_unit,
        };
        // The bucket of a kink comes from the same rounded, rising function as that of a state, so kinks of lower buckets
        // are below the state and those of higher ones above it, whatever was rounded.
        for k in 0..table.kinks.len() {
            let bucket = table.bucket(table.kinks[k]);
            table.starts[bucket + 1] = k as u32 + 1;
        }
        for bucket in 1..table.starts.len() {
            table.starts[bucket] = table.starts[bucket].max(table.starts[bucket - 1]);
        }
        table
    }

    #[inline(always)]
    fn bucket(&self, x: f32) -> usize {
        // The cast saturates, and takes NaN to 0.
        (((x - self.low) * self.buckets_per_unit) as usize).min(self.starts.len() - 2)
    }

    /// The line of the segment that holds x: the number of kinks below it.
    #[inline(always)]
    fn line(&self, x: f32) -> [f32; 3] {
        let bucket = self.bucket(x);
        let (mut k, end) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        // Almost always nothing or one kink is left; halving keeps a cluster from costing more than its logarithm.
        let mut left = end - k;
        while left > 0 {
            let half = left / 2;
            if self.kinks[k + half] < x {
                k += half + 1;
                left -= half + 1;
            } else {
                left = half;
            }
        }
        self.lines[k]
    }
}

impl ScoreField for PiecewiseLinear {
    const WIDE: bool = true;
    const OUTPUTS: Option<usize> = Some(1);

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        for t in 0..T {
            let mut lanes = [0.0; 4];
            x[0][t].store(&mut lanes);
            let (mut reference, mut value, mut slope) = ([0.0; 4], [0.0; 4], [0.0; 4]);
            for lane in 0..L::WIDTH {
                [reference[lane], value[lane], slope[lane]] = self.line(lanes[lane]);
            }
            let offset = x[0][t].sub(L::load(&reference));
            s[0][t] = L::load(&value).add(L::load(&slope).mul(offset));
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
