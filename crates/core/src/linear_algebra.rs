//! Dense symmetric work in double precision: A += R^T R, A = U^T U (Cholesky), A x = b.
//!
//! One register tile serves both products; lanes run over columns, so each element's sum runs in index order.

use crate::kernels::{DoubleLanes, Kernel, Lanes, Task, dispatch};

/// Rows of a register tile, and vectors of columns. Matrices are a whole number of `ROWS` wide.
const ROWS: usize = 4;
const VECTORS: usize = 2;

/// `count` zeros. A function of its own, since each place that it would be inlined into pays for it.
#[inline(never)]
#[must_use]
pub fn zeros(count: usize) -> Vec<f64> {
    vec![0.0; count]
}

/// A [k, k] += Σ_i r_i r_iᵀ over the rows of R [count, k], for tiles on and above the diagonal.
#[inline(never)]
pub fn add_outer_products<D: DoubleLanes>(a: &mut [f64], rows: &[f64], k: usize) {
    for row in (0..k).step_by(ROWS) {
        row_of_tiles::<D, false>(a, row * k, rows, k, row);
    }
}

/// A's rows `row`…`row + 3` ± Σ_i r_i[row…] r_i from the diagonal on; they start at `at` in `a`.
fn row_of_tiles<D: DoubleLanes, const MINUS: bool>(
    a: &mut [f64],
    at: usize,
    rows: &[f64],
    k: usize,
    row: usize,
) {
    let mut column = row;
    while column < k {
        if column + VECTORS * D::WIDTH <= k {
            tile::<D, VECTORS, MINUS>(a, at, rows, k, row, column);
            column += VECTORS * D::WIDTH;
        } else {
            tile::<D, 1, MINUS>(a, at, rows, k, row, column);
            column += D::WIDTH;
        }
    }
}

/// One tile. A function of its own, so that engines compile it soon (see `langevin::projected`).
#[inline(never)]
fn tile<D: DoubleLanes, const V: usize, const MINUS: bool>(
    a: &mut [f64],
    at: usize,
    rows: &[f64],
    k: usize,
    row: usize,
    column: usize,
) {
    let mut sums = [[D::splat(0.0); V]; ROWS];
    for (r, sums) in sums.iter_mut().enumerate() {
        for (v, sum) in sums.iter_mut().enumerate() {
            *sum = D::load(&a[at + r * k + column + v * D::WIDTH..]);
        }
    }
    for source in rows.chunks_exact(k) {
        let left: &[f64; ROWS] = source[row..row + ROWS]
            .try_into()
            .expect("k is a whole number of tiles");
        let right = &source[column..column + V * D::WIDTH];
        for v in 0..V {
            let right = D::load(&right[v * D::WIDTH..]);
            for r in 0..ROWS {
                let left = D::splat(if MINUS { -left[r] } else { left[r] });
                sums[r][v] = sums[r][v].add(left.mul(right));
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (v, sum) in sums.iter().enumerate() {
            sum.store(&mut a[at + r * k + column + v * D::WIDTH..]);
        }
    }
}

/// Upper Cholesky factor of a symmetric positive definite matrix [k, k] given by its upper triangle, in place, with k a
/// multiple of four; false when it isn't positive definite.
#[must_use]
pub fn cholesky(a: &mut [f64], k: usize, kernel: Kernel) -> bool {
    assert!(
        k % ROWS == 0 && a.len() == k * k,
        "the matrix is padded to whole tiles"
    );
    dispatch(kernel, Factor { a, k })
}

struct Factor<'a> {
    a: &'a mut [f64],
    k: usize,
}

impl Task for Factor<'_> {
    type Output = bool;

    fn run<L: Lanes>(self) -> bool {
        let Self { a, k } = self;
        for block in (0..k).step_by(ROWS) {
            // All earlier rows at once, then the block's own rows one after the other: index order for each element.
            let (above, rest) = a.split_at_mut(block * k);
            row_of_tiles::<L::Double, true>(rest, 0, above, k, block);
            for r in 0..ROWS {
                let i = block + r;
                let (before, own) = rest.split_at_mut(r * k);
                let row = &mut own[i..k];
                for source in before.chunks_exact(k) {
                    let left = source[i];
                    for (x, u) in row.iter_mut().zip(&source[i..]) {
                        *x -= left * u;
                    }
                }
                let diagonal = row[0];
                if !(diagonal > 0.0 && diagonal.is_finite()) {
                    return false;
                }
                let root = diagonal.sqrt();
                row.iter_mut().for_each(|x| *x /= root);
            }
        }
        true
    }
}

/// Solves Uᵀ U x = b for one right-hand side, in place.
pub fn solve_cholesky(factor: &[f64], k: usize, x: &mut [f64]) {
    for i in 0..k {
        let row = &factor[i * k..(i + 1) * k];
        x[i] /= row[i];
        let value = x[i];
        for (later, u) in x[i + 1..].iter_mut().zip(&row[i + 1..]) {
            *later -= u * value;
        }
    }
    for i in (0..k).rev() {
        let row = &factor[i * k..(i + 1) * k];
        let sum = row[i + 1..]
            .iter()
            .zip(&x[i + 1..])
            .fold(x[i], |sum, (u, v)| sum - u * v);
        x[i] = sum / row[i];
    }
}

#[cfg(test)]
mod tests {
    use super::{add_outer_products, cholesky, solve_cholesky};
    use crate::kernels::{Kernel, Lanes, Scalar};
    use crate::random::{Purpose, Stream, unit};

    #[test]
    fn solves_what_it_was_given() {
        let stream = Stream::new(1, Purpose::Weights);
        let value = |i: usize| f64::from(unit(stream.word4(i as u32, 0, 0)[0])) - 0.5;
        for k in [4, 8, 12, 40] {
            let rows: Vec<f64> = (0..3 * k * k).map(value).collect();
            let mut a = vec![0.0; k * k];
            add_outer_products::<<Scalar as Lanes>::Double>(&mut a, &rows, k);
            let x: Vec<f64> = (0..k).map(|i| value(1000 + i)).collect();
            let full = |i: usize, j: usize| if i <= j { a[i * k + j] } else { a[j * k + i] };
            let mut b: Vec<f64> = (0..k).map(|i| (0..k).map(|j| full(i, j) * x[j]).sum()).collect();
            let mut factor = a.clone();
            assert!(cholesky(&mut factor, k, Kernel::Auto));
            solve_cholesky(&factor, k, &mut b);
            assert!(b.iter().zip(&x).all(|(b, x)| (b - x).abs() < 1e-9), "k = {k}");
        }
    }

    #[test]
    fn refuses_what_is_not_positive_definite() {
        let mut a = vec![0.0; 16];
        a.iter_mut().step_by(5).for_each(|d| *d = 1.0);
        a[10] = -1.0;
        assert!(!cholesky(&mut a, 4, Kernel::Auto));
    }
}
