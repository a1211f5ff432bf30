//! Matrix products by register tiles: C = c + A B and C = C + Aᵀ B, with 4 rows × 8 columns of C in registers.
//!
//! Lanes run over columns and each element's sum in index order, so a tile's shape never shows in the bits. Four rows by two
//! vectors is the largest tile that V8 keeps in registers; inner loops read the columns, and where it can be the rows, in
//! the order in which they lie.

use super::{Lanes, PAD, padded};

/// Rows of a tile; matrices on the left have a multiple of it.
pub const ROWS: usize = 4;
/// Columns of a tile.
pub const BLOCK: usize = 8;

/// A matrix in blocks of columns, [block][row][BLOCK]. The last block is half as wide where that holds the rest.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    pub rows: usize,
    /// Padded to whole vectors.
    pub columns: usize,
    pub data: Vec<f32>,
}

impl Blocks {
    #[must_use]
    pub fn new(rows: usize, columns: usize) -> Self {
        let columns = padded(columns);
        Self {
            rows,
            columns,
            data: vec![0.0; rows * columns],
        }
    }

    /// From the numbers at (row, column) of another matrix.
    #[must_use]
    pub fn from(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let mut blocks = Self::new(rows, columns);
        for column in 0..columns {
            for row in 0..rows {
                let at = blocks.at(row, column);
                blocks.data[at] = value(row, column);
            }
        }
        blocks
    }

    /// The first column of each block.
    pub fn firsts(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.columns).step_by(BLOCK)
    }

    /// Columns of the block that begins at `first`.
    #[must_use]
    pub fn width(&self, first: usize) -> usize {
        BLOCK.min(self.columns - first)
    }

    /// [row][width] of the block that begins at `first`.
    #[must_use]
    pub fn block(&self, first: usize) -> &[f32] {
        &self.data[first * self.rows..][..self.rows * self.width(first)]
    }

    #[must_use]
    pub fn block_mut(&mut self, first: usize) -> &mut [f32] {
        let length = self.rows * self.width(first);
        &mut self.data[first * self.rows..][..length]
    }

    /// Where an element is.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> usize {
        let first = column / BLOCK * BLOCK;
        first * self.rows + row * self.width(first) + column - first
    }
}

/// Rows of A [row][stride] in panels [row / 4][stride][4], the order in which [`times`] reads them: worth it from a few blocks
/// of B on, since a product by panels is faster by a fifth.
#[inline(never)]
pub fn pack_panels(rows: &[f32], stride: usize, panels: &mut [f32]) {
    let fours = rows.chunks_exact(ROWS * stride);
    for (rows, panel) in fours.zip(panels.chunks_exact_mut(ROWS * stride)) {
        let (r01, r23) = rows.split_at(2 * stride);
        let ((r0, r1), (r2, r3)) = (r01.split_at(stride), r23.split_at(stride));
        let elements = r0.iter().zip(r1).zip(r2).zip(r3);
        for ((((a, b), c), d), out) in elements.zip(panel.chunks_exact_mut(ROWS)) {
            out.copy_from_slice(&[*a, *b, *c, *d]);
        }
    }
}

/// C = c + A B: `a` is in panels [row / 4][apart][4], `b` a block [depth][width] of at most `apart` rows; `start` has c for each
/// row or is empty for zeros, and rows of C are `stride` apart.
pub fn times<L: Lanes>(
    a: &[f32],
    apart: usize,
    start: &[f32],
    b: &[f32],
    width: usize,
    c: &mut [f32],
    stride: usize,
) {
    match (L::WIDTH, width) {
        (1, PAD) => panels_times::<L, 4>(a, apart, start, b, c, stride),
        (1, _) => panels_times::<L, 8>(a, apart, start, b, c, stride),
        (_, PAD) => panels_times::<L, 1>(a, apart, start, b, c, stride),
        _ => panels_times::<L, 2>(a, apart, start, b, c, stride),
    }
}

/// C = C + Aᵀ B: `a` is [depth][stride] with a multiple of four columns, rows of `b` are `apart` from each other (the last
/// one, too, has numbers up to there), `c` is a block [row][width].
pub fn add_transposed_times<L: Lanes>(
    a: &[f32],
    stride: usize,
    b: &[f32],
    apart: usize,
    width: usize,
    c: &mut [f32],
) {
    match (L::WIDTH, width) {
        (1, PAD) => add_by::<L, 4>(a, stride, b, apart, c),
        (1, _) => add_by::<L, 8>(a, stride, b, apart, c),
        (_, PAD) => add_by::<L, 1>(a, stride, b, apart, c),
        _ => add_by::<L, 2>(a, stride, b, apart, c),
    }
}

type Tile<L, const V: usize> = [[L; V]; ROWS];

/// sums += left · right, one term of each sum.
#[inline(always)]
fn add_term<L: Lanes, const V: usize>(sums: &mut Tile<L, V>, left: [f32; ROWS], right: &[f32]) {
    let mut columns = [L::zero(); V];
    for (v, column) in columns.iter_mut().enumerate() {
        *column = L::load(&right[v * L::WIDTH..]);
    }
    for (sums, left) in sums.iter_mut().zip(left) {
        let left = L::splat(left);
        for (sum, column) in sums.iter_mut().zip(columns) {
            *sum = sum.add(left.mul(column));
        }
    }
}

/// A function of its own, as the others with a loop over tiles, so that engines compile it soon (see `langevin::projected`).
#[inline(never)]
fn panels_times<L: Lanes, const V: usize>(
    a: &[f32],
    apart: usize,
    start: &[f32],
    b: &[f32],
    c: &mut [f32],
    stride: usize,
) {
    for (p, panel) in a.chunks_exact(ROWS * apart).enumerate() {
        let mut sums = begin::<L, V>(start, p);
        for (left, right) in panel.chunks_exact(ROWS).zip(b.chunks_exact(V * L::WIDTH)) {
            add_term(&mut sums, [left[0], left[1], left[2], left[3]], right);
        }
        end(sums, &mut c[p * ROWS * stride..], stride);
    }
}

#[inline(always)]
fn begin<L: Lanes, const V: usize>(start: &[f32], panel: usize) -> Tile<L, V> {
    let mut sums = [[L::zero(); V]; ROWS];
    if !start.is_empty() {
        for (sums, &value) in sums.iter_mut().zip(&start[panel * ROWS..][..ROWS]) {
            *sums = [L::splat(value); V];
        }
    }
    sums
}

#[inline(always)]
fn end<L: Lanes, const V: usize>(sums: Tile<L, V>, c: &mut [f32], stride: usize) {
    for (r, sums) in sums.into_iter().enumerate() {
        for (v, sum) in sums.into_iter().enumerate() {
            sum.store(&mut c[r * stride + v * L::WIDTH..]);
        }
    }
}

#[inline(never)]
fn add_by<L: Lanes, const V: usize>(a: &[f32], stride: usize, b: &[f32], apart: usize, c: &mut [f32]) {
    let width = V * L::WIDTH;
    for (p, c) in c.chunks_exact_mut(ROWS * width).enumerate() {
        let mut sums = [[L::zero(); V]; ROWS];
        for (r, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                *sum = L::load(&c[r * width + v * L::WIDTH..]);
            }
        }
        // Said once here, so that the loop needs no bounds checks.
        let from = p * ROWS;
        assert!(stride >= from + ROWS && apart >= width);
        for (row, right) in a.chunks_exact(stride).zip(b.chunks_exact(apart)) {
            let left = &row[from..from + ROWS];
            add_term(&mut sums, [left[0], left[1], left[2], left[3]], right);
        }
        end(sums, c, width);
    }
}
