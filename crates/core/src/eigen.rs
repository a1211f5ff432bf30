//! Eigenvalues and eigenvectors of a symmetric matrix, A = Q Λ Qᵀ: Householder reflections I − β v vᵀ bring it to a tridiagonal
//! T, and implicit QL steps with Wilkinson's shift bring T to Λ.
//!
//! Inner loops run along rows, over independent elements; every sum runs in index order.

use crate::linear_algebra::zeros;
use crate::order::order;

/// The `count` largest eigenvalues, falling, and their unit eigenvectors, [count, d]; in each vector the entry of largest size, the
/// first of equals, is positive. The matrix [d, d] is full and finite, and is used up.
#[must_use]
pub fn symmetric_eigen(a: &mut [f64], d: usize, count: usize) -> (Vec<f64>, Vec<f64>) {
    let mut t = vec![Row::default(); d];
    tridiagonal(a, &mut t);
    let mut rows = zeros(d * d);
    for i in 0..d {
        rows[i * (d + 1)] = 1.0;
    }
    diagonalise(&mut t, &mut rows);

    let mut diagonal = zeros(d);
    for (value, row) in diagonal.iter_mut().zip(&t) {
        *value = row.diagonal;
    }
    let rising = order(&diagonal);
    let (mut values, mut vectors) = (zeros(count), zeros(count * d));
    let largest = rising.iter().rev().map(|&i| i as usize);
    for ((i, value), vector) in largest.zip(&mut values).zip(vectors.chunks_exact_mut(d)) {
        *value = diagonal[i];
        vector.copy_from_slice(&rows[i * d..(i + 1) * d]);
        // A = H T Hᵀ, H the product of the reflections: the last acts first.
        for (k, row) in t.iter().enumerate().rev() {
            let v = &a[k * d + k + 1..(k + 1) * d];
            let tail = &mut vector[k + 1..];
            let factor = -row.scale * dot(v, tail);
            add_scaled(tail, factor, v);
        }
        let mut most = 0.0f64;
        for &x in &*vector {
            if x.abs() > most.abs() {
                most = x;
            }
        }
        if most < 0.0 {
            vector.iter_mut().for_each(|x| *x = -*x);
        }
    }
    (values, vectors)
}

/// A row of T: its diagonal, what stands right of it, and β of the reflection that cleared the rest.
#[derive(Clone, Copy, Default)]
struct Row {
    diagonal: f64,
    beside: f64,
    scale: f64,
}

/// Brings A to T; the v of each reflection stays in A, right of the diagonal of its row.
fn tridiagonal(a: &mut [f64], t: &mut [Row]) {
    let d = t.len();
    let mut w = zeros(d);
    for (k, out) in t.iter_mut().enumerate() {
        let (above, below) = a.split_at_mut((k + 1) * d);
        let (row, v) = above[k * d..].split_at_mut(k + 1);
        out.diagonal = row[k];
        let Some(&first) = v.first() else { break };
        // The reflection takes the tail of row k to (α, 0, …); the sign of α is that without cancellation.
        let norm = dot(v, v).sqrt();
        let alpha = if first > 0.0 { -norm } else { norm };
        out.beside = alpha;
        v[0] -= alpha;
        let square = dot(v, v);
        // Squares below lose their digits to underflow: nothing is there to reflect.
        if square < 1e-290 {
            out.beside = 0.0;
            continue;
        }
        out.scale = 2.0 / square;
        let w = &mut w[k + 1..];
        w.fill(0.0);
        for (row, factor) in below.chunks_exact(d).zip(&*v) {
            add_scaled(w, out.scale * factor, &row[k + 1..]);
        }
        let half = -0.5 * out.scale * dot(w, v);
        add_scaled(w, half, v);
        for ((row, a), b) in below.chunks_exact_mut(d).zip(&*v).zip(&*w) {
            subtract_both(&mut row[k + 1..], *a, w, *b, v);
        }
    }
}

/// Turns T into its eigenvalues, and the unit rows [d, d] by the same rotations into its eigenvectors.
fn diagonalise(t: &mut [Row], rows: &mut [f64]) {
    let d = t.len();
    let mut size = 0.0f64;
    for row in &*t {
        let own = row.diagonal.abs() + row.beside.abs();
        if own > size {
            size = own;
        }
    }
    let mut l = 0;
    while l < d {
        // T falls into parts where what stands beside the diagonal is nothing; of the last row it is.
        let mut m = l;
        while m < d - 1 && t[m].beside.abs() > f64::EPSILON * size {
            m += 1;
        }
        if m == l {
            l += 1;
            continue;
        }
        let Row { diagonal, beside, .. } = t[l];
        let half = (t[l + 1].diagonal - diagonal) / (2.0 * beside);
        let root = (half * half + 1.0).sqrt();
        let mut g = t[m].diagonal - diagonal + beside / (half + root.copysign(half));
        let (mut s, mut c, mut shift) = (1.0, 1.0, 0.0);
        for i in (l..m).rev() {
            // Always: i + 1 is at most m.
            let [this, next, ..] = &mut t[i..] else { break };
            let (f, b) = (s * this.beside, c * this.beside);
            let r = (f * f + g * g).sqrt();
            next.beside = if i + 1 < m { r } else { 0.0 };
            // Without f and g nothing is left to turn.
            (s, c) = if r > 0.0 { (f / r, g / r) } else { (0.0, 1.0) };
            g = next.diagonal - shift;
            let r = (this.diagonal - g) * s + 2.0 * c * b;
            shift = s * r;
            next.diagonal = g + shift;
            g = c * r - b;
            let (upper, lower) = rows[i * d..(i + 2) * d].split_at_mut(d);
            rotate(upper, lower, c, s);
        }
        t[l].diagonal -= shift;
        t[l].beside = g;
    }
}

/// (x, y) ← (c x − s y, s x + c y).
#[inline(never)]
fn rotate(x: &mut [f64], y: &mut [f64], c: f64, s: f64) {
    for (x, y) in x.iter_mut().zip(y) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

/// x ← x + factor · y.
#[inline(never)]
pub(crate) fn add_scaled(x: &mut [f64], factor: f64, y: &[f64]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += factor * y;
    }
}

/// x ← x − (a·p + b·q); in one sum, so that a matrix stays symmetric to the bit.
#[inline(never)]
fn subtract_both(x: &mut [f64], a: f64, p: &[f64], b: f64, q: &[f64]) {
    for ((x, p), q) in x.iter_mut().zip(p).zip(q) {
        *x -= a * p + b * q;
    }
}

#[inline(never)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
