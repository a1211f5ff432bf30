//! The nearest of some points y_j to each x_i, argmin_j ‖x_i − y_j‖; the first of equals.

use super::pairs::squared_distances;
use super::sample::Points;
use crate::error::Result;

/// For each x the distance of the nearest y, and after all of these its index, for each x.
pub fn nearest(x: &Points, y: &Points) -> Result<Vec<f64>> {
    x.beside(y)?;
    let mut found = vec![f64::INFINITY; 2 * x.count];
    let (distances, indices) = found.split_at_mut(x.count);
    let mut row = Vec::with_capacity(y.count);
    for (x, (least, index)) in x.values.chunks_exact(x.n).zip(distances.iter_mut().zip(indices)) {
        squared_distances(x, y, 0, &mut row);
        for (j, &square) in row.iter().enumerate() {
            if square < *least {
                *least = square;
                *index = j as f64;
            }
        }
        *least = least.sqrt();
    }
    Ok(found)
}
