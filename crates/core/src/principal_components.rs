//! Principal components of points x ∈ ℝᵈ: the eigenvectors c_k of Cov(x) = Σ (x − μ)(x − μ)ᵀ/(N − 1) of the largest eigenvalues;
//! y = C (x − μ) projects, x ≈ μ + Cᵀ y reconstructs.
//!
//! Points are split into `GROUPS` groups whose sums are added in group order, whoever computed them.

use crate::eigen::{add_scaled, symmetric_eigen};
use crate::error::{Error, Result, count, finite};
use crate::kernels::{Kernel, Lanes, Task, dispatch, padded};
use crate::linear_algebra::{add_outer_products, zeros};
use crate::score_matching::moments::{GROUPS, group_range};

/// Points whose differences are held at once.
const CHUNK: usize = 128;

/// Mean, components and what they explain.
pub struct PrincipalComponents {
    /// μ [d].
    pub mean: Vec<f64>,
    /// c_k [n, d], unit and orthogonal; the entry of largest size is positive in each.
    pub components: Vec<f64>,
    /// Variance along each of the n, falling.
    pub variances: Vec<f64>,
    /// Variance in all d coordinates.
    pub total: f64,
}

/// Σ (z, 1)(z, 1)ᵀ over z = x − origin of finite rows x, [k, k] with k = d + 1 padded: on and above the diagonal by tiles.
///
/// Any point of the data will do for the origin: it is there so that a large mean costs no digits.
#[must_use]
#[inline]
pub fn second_moments(rows: &[f32], origin: &[f32], kernel: Kernel) -> Vec<f64> {
    let d = origin.len();
    let k = padded(d + 1);
    let mut sums = zeros(k * k);
    let mut block = zeros(CHUNK * k);
    for chunk in rows.chunks(CHUNK * d) {
        for (row, x) in block.chunks_exact_mut(k).zip(chunk.chunks_exact(d)) {
            for ((z, x), o) in row.iter_mut().zip(x).zip(origin) {
                *z = f64::from(*x) - f64::from(*o);
            }
            row[d] = 1.0;
        }
        let rows = &block[..chunk.len() / d * k];
        dispatch(
            kernel,
            OuterProducts {
                sums: &mut sums,
                rows,
                k,
            },
        );
    }
    sums
}

struct OuterProducts<'a> {
    sums: &'a mut [f64],
    rows: &'a [f64],
    k: usize,
}

impl Task for OuterProducts<'_> {
    type Output = ();

    fn run<L: Lanes>(self) {
        add_outer_products::<L::Double>(self.sums, self.rows, self.k);
    }
}

/// The first `n` components of points with these [`second_moments`]; n is 1 … min(d, points), and there are two points or more.
#[inline]
pub fn from_moments(sums: &[f64], origin: &[f32], n: usize) -> Result<PrincipalComponents> {
    let d = origin.len();
    let k = padded(d + 1);
    let points = sums[d * k + d];
    let mut covariance = zeros(d * d);
    for (at, value) in covariance.iter_mut().enumerate() {
        let (i, j) = (at / d, at % d);
        let (low, high) = (i.min(j), i.max(j));
        let product = sums[low * k + d] * sums[high * k + d];
        *value = (sums[low * k + high] - product / points) / (points - 1.0);
    }
    let mut total = 0.0;
    let mut mean = zeros(d);
    for (j, mean) in mean.iter_mut().enumerate() {
        *mean = f64::from(origin[j]) + sums[j * k + d] / points;
        total += covariance[j * (d + 1)];
    }
    if total <= 0.0 {
        return Err(Error::invalid(
            "data",
            "the same in all points",
            "points that differ",
        ));
    }
    let (mut variances, components) = symmetric_eigen(&mut covariance, d, n);
    // Nothing varies by less than nothing, whatever rounding says.
    for variance in &mut variances {
        if *variance < 0.0 {
            *variance = 0.0;
        }
    }
    Ok(PrincipalComponents {
        mean,
        components,
        variances,
        total,
    })
}

impl PrincipalComponents {
    /// The first `n` components of points [point, d].
    pub fn of(data: &[f32], d: usize, n: usize, kernel: Kernel) -> Result<Self> {
        finite("data", data)?;
        let points = data.len().checked_div(d).unwrap_or(0);
        if points < 2 || data.len() % d != 0 {
            return Err(Error::invalid("data", data.len(), "[point, d], 2 points or more"));
        }
        count("components", n, d.min(points))?;
        let origin = &data[..d];
        let mut sums = vec![0.0; padded(d + 1) * padded(d + 1)];
        for g in 0..GROUPS {
            let (first, last) = group_range(points, g);
            let group = second_moments(&data[first * d..last * d], origin, kernel);
            add_scaled(&mut sums, 1.0, &group);
        }
        from_moments(&sums, origin, n)
    }

    /// y = C (x − μ) of rows x [point, d].
    #[must_use]
    pub fn project(&self, rows: &[f32]) -> Vec<f32> {
        let d = self.mean.len();
        let n = self.components.len() / d;
        let turned: Vec<f64> = (0..d * n)
            .map(|at| self.components[at % n * d + at / n])
            .collect();
        affine(rows, &self.mean, &turned, &vec![0.0; n])
    }

    /// x = μ + Cᵀ y of rows y [point, n].
    #[must_use]
    pub fn reconstruct(&self, rows: &[f32]) -> Vec<f32> {
        let n = self.components.len() / self.mean.len();
        affine(rows, &vec![0.0; n], &self.components, &self.mean)
    }
}

/// after + (x − before) A of rows x [point, a] with A [a, b]: [point, b].
#[must_use]
#[inline]
pub fn affine(rows: &[f32], before: &[f64], matrix: &[f64], after: &[f64]) -> Vec<f32> {
    let (a, b) = (before.len(), after.len());
    let mut sums = zeros(b);
    let mut out = vec![0.0; rows.len() / a * b];
    for (row, out) in rows.chunks_exact(a).zip(out.chunks_exact_mut(b)) {
        sums.copy_from_slice(after);
        for ((x, before), matrix) in row.iter().zip(before).zip(matrix.chunks_exact(b)) {
            add_scaled(&mut sums, f64::from(*x) - before, matrix);
        }
        for (out, sum) in out.iter_mut().zip(&sums) {
            *out = *sum as f32;
        }
    }
    out
}
