//! Dense symmetric solves in double precision: A = L Lᵀ (Cholesky), A X = B.

/// Lower Cholesky factor of a symmetric positive definite matrix [k, k], in place; false when it isn't one.
///
/// Each element's sum runs in index order along a row, so the bits don't depend on blocking.
#[must_use]
pub fn cholesky(a: &mut [f64], k: usize) -> bool {
    for j in 0..k {
        for i in j..k {
            let (before, rest) = a.split_at(i * k);
            let row_i = &rest[..k];
            let row_j = if i == j { row_i } else { &before[j * k..j * k + k] };
            let mut sum = row_i[j];
            for (x, y) in row_i[..j].iter().zip(&row_j[..j]) {
                sum -= x * y;
            }
            if i == j {
                if !(sum > 0.0 && sum.is_finite()) {
                    return false;
                }
                a[i * k + j] = sum.sqrt();
            } else {
                let diagonal = a[j * k + j];
                a[i * k + j] = sum / diagonal;
            }
        }
    }
    true
}

/// Solves L Lᵀ x = b for one right-hand side, in place.
pub fn solve_cholesky(factor: &[f64], k: usize, x: &mut [f64]) {
    for i in 0..k {
        let row = &factor[i * k..i * k + k];
        let mut sum = x[i];
        for j in 0..i {
            sum -= row[j] * x[j];
        }
        x[i] = sum / row[i];
    }
    for i in (0..k).rev() {
        let mut sum = x[i];
        for j in i + 1..k {
            sum -= factor[j * k + i] * x[j];
        }
        x[i] = sum / factor[i * k + i];
    }
}
