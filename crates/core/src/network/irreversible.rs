//! Irreversible acceleration: dx = (I + Q) s(x) dt + √2 dB keeps the law of s for any skew-symmetric Q, and mixes faster.
//!
//! A network can be trained so that its raw output is f = (I + Q) s, with Q = c (J − Jᵀ)/‖J − Jᵀ‖_F; or Q is given when it is
//! sampled. At a finite dt the rotation is explicit: by any integrator a Gaussian direction with score −λx comes out wider
//! by a share of λ dt ‖Q‖²/2, to first order.

use crate::error::{Error, Result, finite, length, not_negative};
use crate::kernels::{Kernel, Lanes, padded};
use crate::linear_algebra::{cholesky, solve_cholesky};

/// The Q of a network: J [n, n] and c.
#[derive(Clone, Debug, PartialEq)]
pub struct Irreversible {
    pub dimension: usize,
    pub j: Vec<f32>,
    /// c = ‖Q‖_F.
    pub scale: f64,
}

impl Irreversible {
    /// Checks shape and values.
    pub fn new(dimension: usize, j: Vec<f32>, scale: f64) -> Result<Self> {
        length(
            "J",
            j.len(),
            dimension * dimension,
            &format!("[{dimension}, {dimension}]"),
        )?;
        finite("J", &j)?;
        not_negative("irreversibleScale", scale)?;
        let this = Self { dimension, j, scale };
        if scale > 0.0 && norm(&this.difference()) == 0.0 {
            return Err(Error::invalid(
                "J",
                "symmetric",
                "a matrix that differs from its transpose: Q = c (J − Jᵀ)/‖J − Jᵀ‖_F",
            ));
        }
        Ok(this)
    }

    /// A given skew-symmetric Q as rows: J = Q and c = ‖Q‖_F.
    pub fn given(rows: &[Vec<f64>], dimension: usize) -> Result<Self> {
        let q = checked(rows, dimension)?;
        let j = q.iter().map(|&v| v as f32).collect();
        Self::new(dimension, j, norm(&q))
    }

    /// J − Jᵀ.
    fn difference(&self) -> Vec<f64> {
        let n = self.dimension;
        (0..n * n)
            .map(|i| f64::from(self.j[i]) - f64::from(self.j[i % n * n + i / n]))
            .collect()
    }

    /// Q, row-major.
    #[must_use]
    pub fn matrix(&self) -> Vec<f64> {
        let mut q = self.difference();
        let size = norm(&q);
        if size > 0.0 {
            q.iter_mut().for_each(|v| *v *= self.scale / size);
        }
        q
    }

    /// P = (I + Q)⁻¹, row-major: (I + Q)ᵀ(I + Q) = I + QᵀQ is positive definite whatever Q is.
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        let n = self.dimension;
        let (a, k) = (plus_identity(self.matrix(), n), padded(n));
        let mut normal = vec![0.0; k * k];
        (0..k).for_each(|d| normal[d * k + d] = 1.0);
        for i in 0..n {
            for j in i..n {
                normal[i * k + j] = (0..n).map(|d| a[d * n + i] * a[d * n + j]).sum();
            }
        }
        // Its eigenvalues are 1 or more.
        let definite = cholesky(&mut normal, k, Kernel::Auto);
        debug_assert!(definite);
        let (mut p, mut column) = (vec![0.0; n * n], vec![0.0; k]);
        for j in 0..n {
            column.fill(0.0);
            column[..n].copy_from_slice(&a[j * n..(j + 1) * n]);
            solve_cholesky(&normal, k, &mut column);
            (0..n).for_each(|i| p[i * n + j] = column[i]);
        }
        p
    }

    /// ∂L/∂J from ∂L/∂Q.
    #[must_use]
    pub fn gradient(&self, by_q: &[f32]) -> Vec<f32> {
        let n = self.dimension;
        let a = self.difference();
        let size = norm(&a);
        let along = a
            .iter()
            .zip(by_q)
            .map(|(a, g)| a / size * f64::from(*g))
            .sum::<f64>();
        let by_a = |i: usize| self.scale / size * (f64::from(by_q[i]) - along * a[i] / size);
        (0..n * n)
            .map(|i| (by_a(i) - by_a(i % n * n + i / n)) as f32)
            .collect()
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// I + Q.
fn plus_identity(mut q: Vec<f64>, n: usize) -> Vec<f64> {
    q.iter_mut().step_by(n + 1).for_each(|v| *v += 1.0);
    q
}

fn checked(rows: &[Vec<f64>], n: usize) -> Result<Vec<f64>> {
    if rows.len() != n || rows.iter().any(|row| row.len() != n) {
        return Err(Error::invalid(
            "irreversible",
            format!("{} rows", rows.len()),
            format!("{n} rows of {n} numbers, one for each output"),
        ));
    }
    for (i, row) in rows.iter().enumerate() {
        for (j, &value) in row.iter().enumerate() {
            // A NaN is unequal to whatever stands across from it.
            if !(value.is_finite() && value == -rows[j][i]) {
                return Err(Error::invalid(
                    "irreversible",
                    format!("{value} at [{i}, {j}] and {} at [{j}, {i}]", rows[j][i]),
                    "a skew-symmetric matrix of finite numbers, Qᵀ = −Q",
                ));
            }
        }
    }
    Ok(rows.concat())
}

/// I + Q in single precision for a given Q, or nothing.
pub fn mixing(given: Option<&[Vec<f64>]>, n: usize) -> Result<Option<Vec<f32>>> {
    let Some(rows) = given else { return Ok(None) };
    let mixed = plus_identity(checked(rows, n)?, n);
    Ok(Some(mixed.into_iter().map(|v| v as f32).collect()))
}

/// out = A v for rows of lanes: each sum from zero, in index order.
#[inline(never)]
pub fn mix<L: Lanes, const T: usize>(a: &[f32], v: &[[L; T]], out: &mut [[L; T]]) {
    let n = v.len();
    for d in 0..n {
        let mut sum = [L::zero(); T];
        for k in 0..n {
            let w = L::splat(a[d * n + k]);
            for t in 0..T {
                sum[t] = sum[t].add(w.mul(v[k][t]));
            }
        }
        out[d] = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::{Irreversible, plus_identity};

    #[test]
    fn the_inverse_inverts() {
        for n in [2, 3, 5] {
            let j: Vec<f32> = (0..n * n)
                .map(|i| ((i * i * 7 + 3 * i) % 11) as f32 - 5.0)
                .collect();
            for scale in [0.01, 1.0, 6.0] {
                let q = Irreversible::new(n, j.clone(), scale).expect("a skew part");
                let (a, p) = (plus_identity(q.matrix(), n), q.inverse());
                for i in 0..n {
                    for k in 0..n {
                        let product: f64 = (0..n).map(|d| a[i * n + d] * p[d * n + k]).sum();
                        assert!((product - f64::from(u8::from(i == k))).abs() < 1e-12);
                    }
                }
                let size: f64 = q.matrix().iter().map(|v| v * v).sum();
                assert!((size - scale * scale).abs() < 1e-12 * scale * scale);
            }
        }
    }

    #[test]
    fn only_skew_matrices_are_taken() {
        let refused = |rows: &[Vec<f64>]| Irreversible::given(rows, 2).expect_err("not skew").parts().0;
        for rows in [
            vec![vec![0.0, 1.0], vec![1.0, 0.0]],
            vec![vec![1.0, 0.0], vec![0.0, 1.0]],
            vec![vec![0.0, f64::NAN], vec![f64::NAN, 0.0]],
            vec![vec![0.0, f64::INFINITY], vec![f64::NEG_INFINITY, 0.0]],
            vec![vec![0.0, 1.0]],
            vec![vec![0.0], vec![0.0]],
        ] {
            assert_eq!(refused(&rows), "irreversible");
        }
        assert!(Irreversible::given(&[vec![0.0, 2.0], vec![-2.0, 0.0]], 2).is_ok());
        assert!(Irreversible::given(&[vec![0.0, 0.0], vec![-0.0, 0.0]], 2).is_ok());
        assert_eq!(
            Irreversible::new(2, vec![1.0; 4], 0.01)
                .expect_err("symmetric")
                .parts()
                .0,
            "J"
        );
        assert_eq!(
            Irreversible::new(2, vec![f32::NAN; 4], 0.01)
                .expect_err("NaN")
                .parts()
                .0,
            "J"
        );
        assert!(Irreversible::new(2, vec![0.0; 3], 0.01).is_err());
    }
}
