//! Sliced W1: the mean over directions θ_l of W1 between the projections θ_l·x and θ_l·y (Bonneel et al. 2015).

use super::sample::{Points, mean, sorted};
use super::wasserstein::between_sorted;
use crate::error::{Result, count};
use crate::kernels::Scalar;
use crate::random::{Purpose, Stream, gaussian::normals};

/// `directions` unit vectors [direction, n], even on the sphere: normals from the seed's own stream, divided by their length.
pub fn directions(n: usize, directions: usize, seed: u64) -> Result<Vec<f64>> {
    count("directions", directions, 1 << 16)?;
    let stream = Stream::new(seed, Purpose::SlicedDirections);
    let mut all = Vec::with_capacity(directions * n);
    for index in 0..directions as u32 {
        let first = all.len();
        for block in 0..n.div_ceil(4) {
            let four: [Scalar; 4] = normals(stream, index, 0, block as u32);
            all.extend(four.iter().take(n - 4 * block).map(|z| f64::from(z.0)));
        }
        let length = all[first..].iter().map(|z| z * z).sum::<f64>().sqrt();
        all[first..].iter_mut().for_each(|z| *z /= length);
    }
    Ok(all)
}

/// Mean W1 along the given unit vectors [direction, n].
#[must_use]
pub fn sliced_wasserstein(x: &Points, y: &Points, directions: &[f64]) -> f64 {
    let along = directions.chunks_exact(x.n);
    let distances: Vec<f64> = along
        .map(|u| between_sorted(&projected(x, u), &projected(y, u)))
        .collect();
    mean(&distances)
}

/// θ·x of all points, in ascending order.
fn projected(points: &Points, direction: &[f64]) -> Vec<f64> {
    let rows = points.values.chunks_exact(points.n);
    sorted(
        rows.map(|row| row.iter().zip(direction).map(|(x, u)| x * u).sum())
            .collect(),
    )
}
