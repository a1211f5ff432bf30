//! Fixed units for the closed form: hyperplanes that cut the data, and a fifth that cut the space beyond it.
//!
//! In one dimension directions are ±1 and kinks spread evenly over the data; in more, directions are random and each
//! hyperplane runs through a noisy data point.

use crate::network::Activation;
use crate::network::reservoir::PackedReservoir;
use crate::order::sorted;
use crate::random::{Purpose, Stream, directions::directions, unit};

/// The outer units reach to this many data radii, as the tail anchors do.
pub(super) const REACH: f64 = 100.0;

/// W_fb and b of `units` units for points [n][columns] of data radius `radius`, of whose rows the last `inputs` are inputs;
/// W_out is zero. The outer units don't see the inputs.
#[must_use]
pub fn fixed_units(
    points: &[f32],
    (n, inputs): (usize, usize),
    count: usize,
    units: usize,
    activation: Activation,
    radius: f64,
    seed: u64,
) -> PackedReservoir {
    let columns = points.len() / n;
    let stream = Stream::new(seed, Purpose::Weights);
    let mut net = PackedReservoir::zeros(n, units);
    let outer = units / 5;
    let inner = units - outer;
    let mut ways = directions(stream, n, units);
    if inputs > 0 {
        let spread: Vec<f64> = points
            .chunks_exact(columns)
            .map(|row| deviation(&row[..count]))
            .collect();
        for (j, way) in ways.iter_mut().enumerate() {
            if j < inner {
                // As random to the units of x and of the inputs as they are to each other's.
                way.iter_mut().zip(&spread).for_each(|(u, spread)| *u /= spread);
            } else {
                way[n - inputs..].fill(0.0);
            }
            let size = way.iter().map(|u| u * u).sum::<f64>().sqrt();
            way.iter_mut().for_each(|u| *u /= size);
        }
    }
    let order = sorted(
        &points[..count]
            .iter()
            .map(|&v| f64::from(v))
            .collect::<Vec<f64>>(),
    );
    let quantile = |q: f64| order[((count as f64 * q) as usize).min(count - 1)];
    let (low, high) = (quantile(0.0005), quantile(0.9995));
    // Smooth units must bend within their share of the data, relu units are free of scale.
    let inner_gain = match activation {
        Activation::Relu => 1.0,
        _ if n == 1 => 0.5 * inner as f64 / (high - low).max(f64::MIN_POSITIVE),
        _ => 4.0 / radius,
    };
    for (j, way) in ways.iter().enumerate() {
        // Where the hyperplane crosses: w·(x − c) = 0.
        let (centre, gain): (Vec<f64>, f64) = if j < inner {
            let centre = if n == 1 {
                // Units come in pairs that face each other at neighbouring kinks.
                vec![low + (high - low) * (j as f64 + 0.5) / inner as f64]
            } else {
                let pick = (u64::from(stream.word4(j as u32, 1, 0)[0]) * count as u64) >> 32;
                (0..n)
                    .map(|d| f64::from(points[d * columns + pick as usize]))
                    .collect()
            };
            (centre, inner_gain)
        } else {
            // Log-uniform between R₀ and 100 R₀, evenly in one dimension, at random in more.
            let share = if n == 1 {
                ((j - inner) / 2) as f64 / (outer.div_ceil(2)) as f64
            } else {
                f64::from(unit(stream.word4(j as u32, 1, 0)[1]))
            };
            let r = radius * libm::pow(REACH, share);
            let gain = if activation == Activation::Relu {
                1.0
            } else {
                4.0 / r
            };
            (way.iter().map(|u| u * r).collect(), gain)
        };
        let mut bias = 0.0;
        for d in 0..n {
            let w = (gain * way[d]) as f32;
            net.w_fb[d * net.columns + j] = w;
            bias -= f64::from(w) * centre[d];
        }
        net.bias[j] = bias as f32;
    }
    net
}

fn deviation(values: &[f32]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let square = values
        .iter()
        .map(|&v| (f64::from(v) - mean) * (f64::from(v) - mean));
    (square.sum::<f64>() / count).sqrt().max(f64::MIN_POSITIVE)
}
