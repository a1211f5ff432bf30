//! The hinges of two outputs over relu units, against the sum over units as it is written.

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

fn equal_the_direct_sum(units: &[Unit], points: &[[f32; 2]]) -> Result<(), String> {
    let net = network(units);
    let hinges = PlanarHinges::new(&net);
    let direct = Network::Reservoir(net)
        .score(points.as_flattened(), Kernel::Auto)
        .expect("points");
    for (x, expected) in points.iter().zip(direct.chunks_exact(2)) {
        let mut got = [[Scalar(0.0)]; 2];
        hinges.score(&x.map(|x| [Scalar(x)]), &mut got);
        for d in 0..2 {
            let got = got[d][0].0;
            // Rounding of the sum, whose terms may be far larger than it.
            let reach = |unit: &Unit| (unit[2] * x[0]).abs() + (unit[3] * x[1]).abs() + unit[4].abs();
            let size: f32 =
                units.iter().map(|unit| unit[d].abs() * reach(unit)).sum::<f32>() + x[d].abs() + 1.0;
            if !((got - expected[d]).abs() <= 4e-6 * size) {
                return Err(format!(
                    "s_{d}({x:?}) = {got} by hinges, {} directly",
                    expected[d]
                ));
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_units(
        units in proptest::collection::vec(
            [-1f32..1.0, -1f32..1.0, -2f32..2.0, -2f32..2.0, -3f32..3.0], 1..200,
        ),
        points in proptest::collection::vec([-6f32..6.0, -6f32..6.0], 50),
    ) {
        let outcome = equal_the_direct_sum(&units, &points);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
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
fn what_is_no_number_stays_none() {
    let hinges = PlanarHinges::new(&network(&[
        [0.5, 0.5, 1.0, -0.5, 1.0],
        [0.3, 0.2, 1e-3, 0.0, 1.0],
    ]));
    let mut s = [[Scalar(0.0)]; 2];
    hinges.score(&[[Scalar(f32::NAN)], [Scalar(f32::NAN)]], &mut s);
    assert!(s[0][0].0.is_nan() && s[1][0].0.is_nan());
}
