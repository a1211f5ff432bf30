//! Unit vectors z/‖z‖, z ~ N(0, I): even over the sphere. In one dimension both directions in turn.

use super::Stream;
use super::gaussian::normals;
use crate::kernels::Scalar;

/// `count` unit vectors of n coordinates.
#[must_use]
pub fn directions(stream: Stream, n: usize, count: usize) -> Vec<Vec<f64>> {
    if n == 1 {
        return (0..count)
            .map(|i| vec![if i % 2 == 0 { 1.0 } else { -1.0 }])
            .collect();
    }
    (0..count as u32)
        .map(|i| {
            let raw: Vec<f64> = (0..n as u32)
                .map(|d| {
                    let z: [Scalar; 4] = normals(stream, i, 0, d / 4);
                    f64::from(z[(d % 4) as usize].0)
                })
                .collect();
            let norm = raw.iter().map(|v| v * v).sum::<f64>().sqrt();
            raw.iter().map(|v| v / norm).collect()
        })
        .collect()
}
