//! Matrix products by register tiles: C = c + A B, with 4 rows × 8 columns of C in registers.
//!
//! Lanes run over columns and each element's sum in index order, so a tile's shape never shows in the bits. Four rows by two
//! vectors is the largest tile that V8 keeps in registers. Both sides lie in the order in which the inner loop reads them, A in
//! panels of four rows and B in blocks of eight columns: that is worth a third over rows some way apart, and more than packing
//! costs wherever a panel meets a few blocks.

use super::{Lanes, PAD, padded};

/// Rows of a tile; matrices on the left have a multiple of it.
pub const ROWS: usize = 4;
/// Panels whose numbers of a row fill a cache line.
const LINE: usize = 4;
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

/// Rows of A [row][stride] as panels [row / 4][apart][4], of which it fills the first `stride` rows: the order in which [`times`]
/// reads them. `stride` is a multiple of four.
#[inline(never)]
pub fn pack_rows<L: Lanes>(rows: &[f32], stride: usize, panels: &mut [f32], apart: usize) {
    for (p, rows) in rows.chunks_exact(ROWS * stride).enumerate() {
        let panel = &mut panels[p * ROWS * apart..][..ROWS * stride];
        let rows = [0, 1, 2, 3].map(|r| &rows[r * stride..][..stride]);
        for (k, square) in panel.chunks_exact_mut(ROWS * ROWS).enumerate() {
            L::transpose(rows.map(|row| &row[k * ROWS..]), square);
        }
    }
}

/// Aᵀ of rows of A [row][stride] as panels [stride / 4][row][4].
#[inline(never)]
pub fn pack_columns(rows: &[f32], stride: usize, panels: &mut [f32]) {
    let each = rows.len() / stride * ROWS;
    // A cache line of every row at a time.
    for (k, panels) in panels.chunks_mut(LINE * each).enumerate() {
        for (j, row) in rows.chunks_exact(stride).enumerate() {
            let line = row[k * LINE * ROWS..].chunks_exact(ROWS);
            for (panel, four) in panels.chunks_exact_mut(each).zip(line) {
                panel[j * ROWS..][..ROWS].copy_from_slice(four);
            }
        }
    }
}

/// What the sums of a product begin with.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    Zero,
    /// A number for each row.
    Rows(&'a [f32]),
    /// What C holds: C = C + A B.
    Sums,
}

/// C = c + A B: `a` is in panels [row / 4][apart][4], `b` a block [depth][width] of at most `apart` rows, and rows of C are
/// `stride` apart.
pub fn times<L: Lanes>(
    a: &[f32],
    apart: usize,
    start: Start<'_>,
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

/// A function of its own, so that engines compile it soon (see `langevin::projected`).
#[inline(never)]
fn panels_times<L: Lanes, const V: usize>(
    a: &[f32],
    apart: usize,
    start: Start<'_>,
    b: &[f32],
    c: &mut [f32],
    stride: usize,
) {
    for (p, panel) in a.chunks_exact(ROWS * apart).enumerate() {
        let c = &mut c[p * ROWS * stride..];
        let mut sums = [[L::zero(); V]; ROWS];
        match start {
            Start::Zero => {}
            Start::Rows(values) => {
                for (sums, &value) in sums.iter_mut().zip(&values[p * ROWS..][..ROWS]) {
                    *sums = [L::splat(value); V];
                }
            }
            Start::Sums => {
                for (r, sums) in sums.iter_mut().enumerate() {
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = L::load(&c[r * stride + v * L::WIDTH..]);
                    }
                }
            }
        }
        for (left, right) in panel.chunks_exact(ROWS).zip(b.chunks_exact(V * L::WIDTH)) {
            add_term(&mut sums, [left[0], left[1], left[2], left[3]], right);
        }
        for (r, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                sum.store(&mut c[r * stride + v * L::WIDTH..]);
            }
        }
    }
}
