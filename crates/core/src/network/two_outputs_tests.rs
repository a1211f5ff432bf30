//! The evaluators of two outputs over relu units, each against the sum over units as it is written.

use super::planar_cells::PlanarCells;
use super::planar_hinges::PlanarHinges;
use super::{Activation, Network, ReservoirSampler, ScoreField};
use crate::kernels::{Kernel, Scalar};
use proptest::prelude::{prop_assert, proptest};

/// (w₁, w₂, v₁, v₂, b) of each unit.
type Unit = [f32; 5];

fn network(units: &[Unit]) -> ReservoirSampler {
    let column = |k: usize| units.iter().map(move |unit| unit[k]);
    let w_out = column(0).chain(column(1)).collect();
    let w_fb = units.iter().flat_map(|unit| [unit[2], unit[3]]).collect();
    ReservoirSampler::new(2, units.len(), Activation::Relu, w_out, w_fb, column(4).collect()).expect("shapes")
}

fn compare(name: &str, field: &impl ScoreField, units: &[Unit], points: &[[f32; 2]]) -> Result<(), String> {
    let direct = Network::Reservoir(network(units))
        .score(points.as_flattened(), Kernel::Auto)
        .expect("points");
    for (x, expected) in points.iter().zip(direct.chunks_exact(2)) {
        let mut got = [[Scalar(0.0)]; 2];
        field.score(&x.map(|x| [Scalar(x)]), &mut got);
        for d in 0..2 {
            let got = got[d][0].0;
            // Rounding of the sum, whose terms may be far larger than it.
            let reach = |unit: &Unit| (unit[2] * x[0]).abs() + (unit[3] * x[1]).abs() + unit[4].abs();
            let size: f32 =
                units.iter().map(|unit| unit[d].abs() * reach(unit)).sum::<f32>() + x[d].abs() + 1.0;
            if !((got - expected[d]).abs() <= 4e-6 * size) {
                return Err(format!(
                    "s_{d}({x:?}) = {got} by {name}, {} directly",
                    expected[d]
                ));
            }
        }
    }
    Ok(())
}

fn equal_the_direct_sum(units: &[Unit], points: &[[f32; 2]]) -> Result<(), String> {
    let net = network(units);
    compare("hinges", &PlanarHinges::new(&net), units, points)?;
    compare("cells", &PlanarCells::new(&net), units, points)
}

proptest! {
    #[test]
    fn any_units(
        units in proptest::collection::vec(
            [-1f32..1.0, -1f32..1.0, -2f32..2.0, -2f32..2.0, -3f32..3.0], 1..200,
        ),
        points in proptest::collection::vec([-6f32..6.0, -6f32..6.0], 50),
        scale in -12..12,
    ) {
        let outcome = equal_the_direct_sum(&units, &points);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
        // Corners of squares and cells, and one step of rounding from them.
        let corners: Vec<[f32; 2]> = (points.iter())
            .map(|x| x.map(|x| (x * 64.0).round() / 64.0))
            .flat_map(|[a, b]| [[a, b], [a.next_down(), b.next_up()]])
            .collect();
        let outcome = equal_the_direct_sum(&units, &corners);
        prop_assert!(outcome.is_ok(), "at a corner: {:?}", outcome);
        // Another unit of length: squares of another size.
        let size = 2f32.powi(scale);
        let scaled: Vec<Unit> = units.iter().map(|&[w1, w2, v1, v2, b]| [w1, w2, v1, v2, b * size]).collect();
        let points: Vec<[f32; 2]> = points.iter().map(|x| x.map(|x| x * size)).collect();
        let outcome = equal_the_direct_sum(&scaled, &points);
        prop_assert!(outcome.is_ok(), "{} times as large: {:?}", size, outcome);
    }
}

#[test]
fn odd_units() {
    // Along an axis, along neither, of both signs, equally steep, constant, far off, at the origin.
    let units = [
        [0.5, -0.25, 1.0, 0.0, 0.3],
        [0.5, -0.25, 0.0, -1.0, 0.3],
        [0.3, 0.4, -1.5, 1.5, -0.2],
        [0.7, 0.1, 0.0, 0.0, 1.0],
        [0.7, 0.1, 0.0, 0.0, -1.0],
        [0.2, 0.6, 1e-3, -2e-4, 1.0],
        [0.2, 0.6, 1e-30, 1e-30, 1e-3],
        [-0.1, 0.2, 2.0, 1.0, 0.0],
    ];
    let points = [
        [0.0, 0.0],
        [-0.3, 0.3],
        [1.0, -1.0],
        [99.0, -101.0],
        [1e6, 1e5],
        [0.1, 0.1],
    ];
    for k in 0..units.len() {
        equal_the_direct_sum(&units[k..=k], &points).expect("one unit");
    }
    equal_the_direct_sum(&units, &points).expect("all of them");
}

#[test]
fn cells_where_all_lines_meet() {
    // Lines through one point, all of them one line, and lines without a distance from the origin.
    let turn = |k: usize| (k as f32 * 0.37).sin_cos();
    let lines = |shift: f32, turned: bool| -> Vec<Unit> {
        let unit = |k: usize| {
            let (v1, v2) = if turned { turn(k) } else { (0.6, -0.8) };
            [0.3, -0.2 + 1e-3 * k as f32, v1, v2, -shift * (v1 + v2)]
        };
        (0..300).map(unit).collect()
    };
    let points: Vec<[f32; 2]> = (0..400)
        .map(|k| [(k % 20) as f32, (k / 20) as f32].map(|at| 0.8 + 1e-3 * (at - 10.0) * at))
        .collect();
    for units in [lines(0.8, true), lines(0.8, false), lines(0.0, true)] {
        equal_the_direct_sum(&units, &points).expect("both evaluators");
    }
}

#[test]
fn at_the_edges_of_the_squares() {
    let unit = |k: usize| {
        let (v1, v2) = (k as f32).sin_cos();
        [0.1, -0.2, v1, v2, 0.01 * k as f32]
    };
    let units: Vec<Unit> = (0..100).map(unit).collect();
    // Where the squares end is some power of two, and cells before it; each from below, there and from above.
    let places: Vec<f32> = (-8..8)
        .flat_map(|power| [1.0, 255.0 / 256.0].map(|part| part * 2f32.powi(power)))
        .flat_map(|place| [place.next_down(), place, place.next_up()])
        .flat_map(|place| [place, -place])
        .collect();
    let points: Vec<[f32; 2]> = (places.iter())
        .flat_map(|&a| [[a, 0.1], [-0.1, a], [a, a], [a, -a]])
        .collect();
    equal_the_direct_sum(&units, &points).expect("both evaluators");
}

#[test]
fn what_is_no_number_stays_none() {
    let net = network(&[[0.5, 0.5, 1.0, -0.5, 1.0], [0.3, 0.2, 1e-3, 0.0, 1.0]]);
    assert!(keeps(&PlanarHinges::new(&net)) && keeps(&PlanarCells::new(&net)));
}

fn keeps(field: &impl ScoreField) -> bool {
    let mut s = [[Scalar(0.0)]; 2];
    field.score(&[[Scalar(f32::NAN)], [Scalar(f32::NAN)]], &mut s);
    s[0][0].0.is_nan() && s[1][0].0.is_nan()
}
