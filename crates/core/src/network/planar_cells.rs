//! The piecewise-linear evaluator of two outputs over relu units: in a cell of the plane
//! s(x) = p + G (x − corner) + Σ ½w |v·x + b| − x, the sum over the units whose line v·x + b = 0 crosses the cell, since
//! w max(0, z) = ½w z + ½w |z|.
//!
//! Cells are small where lines lie close, so a score costs a few units instead of m. Its rounding differs from the direct
//! sum's, so it has a name of its own in the configuration and its own golden bits.

use super::{ReservoirSampler, ScoreField};
use crate::kernels::Lanes;
use crate::order::order;
use core::cell::OnceCell;

/// Squares a side: what is halved into cells, each when a state first comes there. What a square holds is the network's alone.
const SQUARES: usize = 32;
/// Cells a side of a square at most, a power of two: 8 MB if states come everywhere.
const FINEST: usize = 16;
/// Lines that cross a cell, on average over its square, beyond which its square is halved once more.
const FEW_LINES: usize = 3;
/// Cells reach a little beyond their sides, so that what rounding puts next door is right there, too.
const MARGIN: f64 = 1.0 + 1.0 / 512.0;

/// States that are looked up together, at most.
const TOGETHER: usize = 8;

/// ½w, v and b of a unit.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Unit {
    half: [f32; 2],
    v: [f32; 2],
    b: f32,
}

impl Unit {
    /// v·x + b.
    #[inline(always)]
    fn level(&self, x: [f32; 2]) -> f32 {
        self.b + self.v[0] * x[0] + self.v[1] * x[1]
    }

    /// Adds `share` of ½w (v·x + b) to a plane.
    #[inline(always)]
    fn tilt(&self, plane: &mut [f64; 6], share: f64) {
        let [v1, v2, b] = [self.v[0], self.v[1], self.b].map(f64::from);
        for (plane, half) in plane.chunks_exact_mut(3).zip(self.half) {
            let half = share * f64::from(half);
            for (sum, slope) in plane.iter_mut().zip([b, v1, v2]) {
                *sum += half * slope;
            }
        }
    }
}

/// The units, and the squares over the part of the plane where most of the lines are.
pub struct PlanarCells {
    units: Vec<Unit>,
    squares: Vec<OnceCell<Square>>,
    /// The side of a finest cell, a power of two, so that multiplying by it is exact, and its inverse.
    finest: f32,
    per_finest: f32,
}

/// A square with its cells, [along x₁][along x₂].
struct Square {
    /// It has 2^fineness cells a side, each 2^halved finest ones.
    fineness: u32,
    halved: u32,
    cells: Vec<Cell>,
    /// The units whose lines cross a cell, cell after cell.
    crossing: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Cell {
    /// p₁, G₁₁, G₁₂, p₂, G₂₁, G₂₂, from the cell's corner that is nearest to the origin.
    plane: [f32; 6],
    /// Where its units are among `crossing`.
    crossing: [u32; 2],
}

/// Cells being halved: what units without a line in a cell give there as p + G x, and the others.
struct Level {
    fine: usize,
    planes: Vec<[f64; 6]>,
    ends: Vec<u32>,
    crossing: Vec<u32>,
}

impl PlanarCells {
    /// Sorts nothing yet: a square is divided when a state comes there.
    #[must_use]
    pub fn new(net: &ReservoirSampler) -> Self {
        let units: Vec<Unit> = (0..net.units)
            .map(|j| Unit {
                half: [0.5 * net.w_out[j], 0.5 * net.w_out[net.units + j]],
                v: [net.w_fb[2 * j], net.w_fb[2 * j + 1]],
                b: net.bias[j],
            })
            .collect();
        let finest = finest_of(&units);
        Self {
            units,
            squares: (0..SQUARES * SQUARES).map(|_| OnceCell::new()).collect(),
            finest,
            per_finest: 1.0 / finest,
        }
    }

    /// Bytes that the squares of a network of `units` can come to: cells, and no line crosses more than 2k − 1 of k × k.
    #[must_use]
    pub fn most_bytes(units: u64) -> u64 {
        let (squares, finest) = (SQUARES as u64, FINEST as u64);
        let cells = squares * squares * finest * finest * size_of::<Cell>() as u64;
        let crossed = (2 * squares - 1) * (2 * finest - 1) * size_of::<u32>() as u64;
        cells.saturating_add(units.saturating_mul(crossed))
    }

    /// Scores in place of states, at most [`TOGETHER`]. Cells first, then what crosses them: so the memory that one state needs is on its
    /// way while the others are looked up. A function of its own, so that it is there once, whatever the tile.
    #[inline(never)]
    fn scores(&self, x1: &mut [f32], x2: &mut [f32]) {
        let count = x1.len();
        assert!(count <= TOGETHER && count == x2.len());
        let mut met: [&[u32]; TOGETHER] = [&[]; TOGETHER];
        let mut sums = [[0.0; 2]; TOGETHER];
        for k in 0..count {
            (sums[k], met[k]) = self.plane([x1[k], x2[k]]);
        }
        for k in 0..count {
            let (x, mut s) = ([x1[k], x2[k]], sums[k]);
            for &j in met[k] {
                let unit = &self.units[j as usize];
                let bend = unit.level(x).abs();
                s = [s[0] + unit.half[0] * bend, s[1] + unit.half[1] * bend];
            }
            // The leak last: it carries what is no number through, and is exact where x is far smaller than a cell.
            (x1[k], x2[k]) = (s[0] - x[0], s[1] - x[1]);
        }
    }

    /// p + G (x − corner) of the cell at a point, and the units that cross it.
    #[inline(always)]
    fn plane(&self, x: [f32; 2]) -> ([f32; 2], &[u32]) {
        let half = (SQUARES * FINEST / 2) as f32;
        // In finest cells.
        let u = x.map(|x| x * self.per_finest);
        // One cell less than there are: what is added next may be rounded up.
        if !(u[0].abs() < half - 1.0 && u[1].abs() < half - 1.0) {
            return (self.beyond(x), &[]);
        }
        let [u1, u2] = u.map(|u| floor(u + half));
        let (i, j) = (u1 / FINEST, u2 / FINEST);
        let square = match self.squares[i * SQUARES + j].get() {
            Some(square) => square,
            None => self.divide(i, j),
        };
        let [a, b] = [u1, u2].map(|u| (u % FINEST) >> square.halved);
        let cell = &square.cells[(a << square.fineness) + b];
        // The corner nearest to the origin: so no term is larger than the state's own, however wide the cell.
        let corner = |u: usize| {
            let lower = (u >> square.halved) << square.halved;
            let below = usize::from(u < SQUARES * FINEST / 2);
            ((lower + (below << square.halved)) as i32 as f32 - half) * self.finest
        };
        let d = [x[0] - corner(u1), x[1] - corner(u2)];
        let [p1, g11, g12, p2, g21, g22] = cell.plane;
        let [first, end] = cell.crossing.map(|at| at as usize);
        (
            [p1 + g11 * d[0] + g12 * d[1], p2 + g21 * d[0] + g22 * d[1]],
            &square.crossing[first..end],
        )
    }

    #[inline(never)]
    fn divide(&self, i: usize, j: usize) -> &Square {
        self.squares[i * SQUARES + j].get_or_init(|| self.square(i, j))
    }

    /// The sum over all units, for the few states where no squares are.
    #[inline(never)]
    fn beyond(&self, x: [f32; 2]) -> [f32; 2] {
        let mut s = [0.0; 2];
        for unit in &self.units {
            let z = unit.level(x);
            // No branch: engines make one of a choice between numbers, taken or not as it falls.
            let twice = z + z.abs();
            s = [s[0] + unit.half[0] * twice, s[1] + unit.half[1] * twice];
        }
        s
    }

    #[inline(never)]
    fn square(&self, i: usize, j: usize) -> Square {
        let side = f64::from(self.finest) * FINEST as f64;
        let corner = [i, j].map(|at| (at as f64 - 0.5 * SQUARES as f64) * side);
        let all = Level {
            fine: 1,
            planes: vec![[0.0; 6]],
            ends: vec![self.units.len() as u32],
            crossing: (0..self.units.len() as u32).collect(),
        };
        let mut level = self.divided(&all, 1, corner);
        while level.fine < FINEST && level.crossing.len() > FEW_LINES * level.planes.len() {
            level = self.divided(&level, 2 * level.fine, corner);
        }
        let width = side / level.fine as f64;
        let mut first = 0;
        let cells = (level.planes.iter().zip(&level.ends).enumerate())
            .map(|(k, (&plane, &end))| {
                let mut plane = plane;
                for &j in &level.crossing[first as usize..end as usize] {
                    self.units[j as usize].tilt(&mut plane, 1.0);
                }
                let [p1, g11, g12, p2, g21, g22] = plane;
                let [x1, x2] =
                    lower(corner, width, k, level.fine).map(|x| if x < 0.0 { x + width } else { x });
                let (p1, p2) = (p1 + g11 * x1 + g12 * x2, p2 + g21 * x1 + g22 * x2);
                let crossing = [first, end];
                first = end;
                Cell {
                    plane: [p1, g11, g12, p2, g21, g22].map(|value| value as f32),
                    crossing,
                }
            })
            .collect();
        level.crossing.shrink_to_fit();
        Square {
            fineness: level.fine.ilog2(),
            halved: (FINEST / level.fine).ilog2(),
            cells,
            crossing: level.crossing,
        }
    }

    /// Each cell as `fine`² of its square: of the units that cross it those that cross the part, and those that don't in the
    /// part's plane where they are active.
    fn divided(&self, from: &Level, fine: usize, corner: [f64; 2]) -> Level {
        let width = f64::from(self.finest) * (FINEST / fine) as f64;
        let half = 0.5 * width;
        let mut to = Level {
            fine,
            planes: Vec::with_capacity(fine * fine),
            ends: Vec::with_capacity(fine * fine),
            crossing: Vec::new(),
        };
        for k in 0..fine * fine {
            let coarser = fine / from.fine;
            let parent = k / fine / coarser * from.fine + k % fine / coarser;
            let [x1, x2] = lower(corner, width, k, fine).map(|x| x + half);
            let mut plane = from.planes[parent];
            let first = if parent == 0 { 0 } else { from.ends[parent - 1] };
            let known = &from.crossing[first as usize..from.ends[parent] as usize];
            let mut end = to.crossing.len();
            to.crossing.resize(end + known.len(), 0);
            for &j in known {
                let unit = &self.units[j as usize];
                let [v1, v2, b] = [unit.v[0], unit.v[1], unit.b].map(f64::from);
                let level = v1 * x1 + v2 * x2 + b;
                let crosses = level.abs() < (v1.abs() + v2.abs()) * half * MARGIN;
                // No branches: which of the three a unit is, is known to no predictor.
                to.crossing[end] = j;
                end += usize::from(crosses);
                let active = !crosses & (level > 0.0);
                unit.tilt(&mut plane, 2.0 * f64::from(u8::from(active)));
            }
            to.crossing.truncate(end);
            to.planes.push(plane);
            to.ends.push(to.crossing.len() as u32);
        }
        to
    }
}

/// The lower corner of cell `k` of `fine`² in the square at `corner`.
fn lower(corner: [f64; 2], width: f64, k: usize, fine: usize) -> [f64; 2] {
    [
        corner[0] + (k / fine) as f64 * width,
        corner[1] + (k % fine) as f64 * width,
    ]
}

/// ⌊u⌋ of 0 ≤ u < 2^22, or of a whole u perhaps u − 1: by what rounding to a number without fraction leaves in its bits,
/// which is faster than the conversion that engines have.
#[inline(always)]
fn floor(u: f32) -> usize {
    const WHOLE: f32 = 12_582_912.0;
    ((u - 0.5 + WHOLE).to_bits() - WHOLE.to_bits()) as usize
}

/// The side of a finest cell: squares reach four times as far from the origin as seven of eight lines have their nearest point,
/// rounded up to a power of two. Trained lines have heavy tails, and the outermost ones would make every square wide.
fn finest_of(units: &[Unit]) -> f32 {
    let places: Vec<f64> = (units.iter())
        .map(|unit| {
            let ([v1, v2], b) = (unit.v.map(f64::from), f64::from(unit.b));
            (b * b / (v1 * v1 + v2 * v2)).sqrt()
        })
        .filter(|&place| place > 0.0 && place.is_finite())
        .collect();
    let reach = match order(&places).get(places.len() * 7 / 8) {
        Some(&k) => 4.0 * places[k as usize],
        None => 4.0,
    };
    let mut finest = 1.0 / 1_048_576.0;
    while finest * ((SQUARES * FINEST / 2) as f64) < reach && finest < 1_048_576.0 {
        finest *= 2.0;
    }
    finest as f32
}

impl ScoreField for PlanarCells {
    const WIDE: bool = true;
    // Two vectors of states at a time; more gain nothing.
    const SHORT: bool = true;
    const OUTPUTS: Option<usize> = Some(2);

    #[inline(always)]
    fn score<L: Lanes, const T: usize>(&self, x: &[[L; T]], s: &mut [[L; T]]) {
        let mut places = [[[0.0; 4]; T]; 2];
        let [x1, x2] = places.each_mut().map(|x| x.as_flattened_mut());
        for t in 0..T {
            x[0][t].store(&mut x1[t * L::WIDTH..]);
            x[1][t].store(&mut x2[t * L::WIDTH..]);
        }
        let [x1, x2] = [x1, x2].map(|x| &mut x[..T * L::WIDTH]);
        let places = x1.chunks_mut(TOGETHER);
        for (x1, x2) in places.zip(x2.chunks_mut(TOGETHER)) {
            self.scores(x1, x2);
        }
        for t in 0..T {
            s[0][t] = L::load(&x1[t * L::WIDTH..]);
            s[1][t] = L::load(&x2[t * L::WIDTH..]);
        }
    }
}
