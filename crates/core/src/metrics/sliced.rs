//! Sliced W1: the mean over directions θ_l of W1 between the projections θ_l·x and θ_l·y (Bonneel et al. 2015).

use super::sample::{Points, mean};
use super::wasserstein::between_sorted;
use crate::error::{Result, count};
use crate::order::sorted;
use crate::random::directions::directions as unit_vectors;
use crate::random::{Purpose, Stream};

/// Mean W1 along `count` directions from the seed's own stream.
pub fn sliced_wasserstein(x: &Points, y: &Points, directions: usize, seed: u64) -> Result<f64> {
    x.beside(y)?;
    let count = count("directions", directions, 1 << 16)?;
    let stream = Stream::new(seed, Purpose::SlicedDirections);
    Ok(along(x, y, &unit_vectors(stream, x.n, count)))
}

/// Mean W1 along the given unit vectors.
#[must_use]
pub fn along(x: &Points, y: &Points, directions: &[Vec<f64>]) -> f64 {
    let distances: Vec<f64> = directions
        .iter()
        .map(|u| between_sorted(&projected(x, u), &projected(y, u)))
        .collect();
    mean(&distances)
}

/// θ·x of all points, in ascending order.
fn projected(points: &Points, direction: &[f64]) -> Vec<f64> {
    let rows = points.values.chunks_exact(points.n);
    let products = rows.map(|row| row.iter().zip(direction).map(|(x, u)| x * u).sum());
    sorted(&products.collect::<Vec<f64>>())
}
