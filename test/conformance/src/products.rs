//! Matrix products alone, C = c + A B, in the shapes of sampling and training with n = 300 and m = 20,000: for the roofline, which times them.

use langevin_rnn_core::kernels::product::{Blocks, Start, times};
use langevin_rnn_core::kernels::{Kernel, Lanes, Task, dispatch};
use langevin_rnn_core::network::products::CHUNK;
use std::cell::RefCell;

const OUTPUTS: usize = 300;
/// Whole chunks of these take part.
const UNITS: usize = 20_000;
/// Points or samples that go through a chunk of units together.
const POINTS: usize = 64;

/// Rows of A over all of the network's units, where a product takes them, rows and depth of one product, and its columns.
struct Shape {
    products: usize,
    rows: usize,
    depth: usize,
    columns: usize,
    /// Whether A is weights, each product's own, or what the last one left behind.
    weights: bool,
    sums: bool,
}

/// Z = b + W_fb X and, of half as many units, ∂L/∂φ = W_outᵀ E; S += W_out φ(Z); ∂L/∂W = ∂L/∂Z Xᵀ.
const SHAPES: [Shape; 4] = [
    Shape {
        products: UNITS / CHUNK,
        rows: CHUNK,
        depth: OUTPUTS,
        columns: POINTS,
        weights: true,
        sums: false,
    },
    Shape {
        products: UNITS / CHUNK,
        rows: OUTPUTS,
        depth: CHUNK,
        columns: POINTS,
        weights: true,
        sums: true,
    },
    Shape {
        products: 2 * UNITS / CHUNK,
        rows: CHUNK / 2,
        depth: OUTPUTS,
        columns: POINTS,
        weights: true,
        sums: false,
    },
    Shape {
        products: 2 * UNITS / CHUNK,
        rows: CHUNK / 2,
        depth: POINTS,
        columns: OUTPUTS,
        weights: false,
        sums: false,
    },
];

/// Rows, depth and columns of a shape in 12 bits each, as a whole number.
#[unsafe(no_mangle)]
pub extern "C" fn product_shape(which: u32) -> u64 {
    let shape = &SHAPES[which as usize];
    [shape.rows, shape.depth, shape.columns]
        .into_iter()
        .fold(0, |all, part| all << 12 | part as u64)
}

/// The matrices of one shape.
struct Matrices {
    shape: &'static Shape,
    a: Vec<f32>,
    b: Blocks,
    c: Blocks,
}

thread_local! {
    static MATRICES: RefCell<Option<Matrices>> = const { RefCell::new(None) };
}

/// Makes the matrices of a shape; returns the multiplications and additions of its products for all units.
#[unsafe(no_mangle)]
pub extern "C" fn prepare_products(which: u32) -> f64 {
    let shape = &SHAPES[which as usize];
    let left = if shape.weights { shape.products } else { 1 };
    MATRICES.set(Some(Matrices {
        shape,
        a: vec![1e-3; left * shape.rows * shape.depth],
        b: Blocks::from(shape.depth, shape.columns, |_, _| 1e-3),
        c: Blocks::new(shape.rows, shape.columns),
    }));
    (2 * shape.products * shape.rows * shape.depth * shape.columns) as f64
}

/// Makes the products of what was prepared, some times.
#[unsafe(no_mangle)]
pub extern "C" fn products(turns: u32) {
    MATRICES.with_borrow_mut(|matrices| {
        let matrices = matrices.as_mut().expect("prepared matrices");
        dispatch(Kernel::Auto, Turns { turns, matrices });
    });
}

struct Turns<'a> {
    turns: u32,
    matrices: &'a mut Matrices,
}

impl Task for Turns<'_> {
    type Output = ();

    fn run<L: Lanes>(self) {
        let Matrices { shape, a, b, c } = self.matrices;
        let start = if shape.sums { Start::Sums } else { Start::Zero };
        let each = shape.rows * shape.depth;
        for k in 0..self.turns as usize * shape.products {
            let a = &a[if shape.weights {
                k % shape.products * each
            } else {
                0
            }..][..each];
            for first in b.firsts() {
                let width = b.width(first);
                times::<L>(
                    a,
                    shape.depth,
                    start,
                    b.block(first),
                    width,
                    c.block_mut(first),
                    width,
                );
            }
        }
    }
}
