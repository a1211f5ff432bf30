//! The evaluators of one output over relu units, each against the sum over units as it is written.

use super::hinges::Hinges;
use super::piecewise_linear::PiecewiseLinear;
use super::{Activation, Network, ReservoirSampler, ScoreField};
use crate::kernels::{Kernel, Scalar};
use proptest::prelude::{prop_assert, proptest};

/// (w, v, b) of each unit.
type Units<'a> = &'a [(f32, f32, f32)];

fn network(units: Units<'_>) -> ReservoirSampler {
    let column = |pick: fn(&(f32, f32, f32)) -> f32| units.iter().map(pick).collect::<Vec<_>>();
    let (w_out, w_fb, bias) = (column(|u| u.0), column(|u| u.1), column(|u| u.2));
    ReservoirSampler::new(1, units.len(), Activation::Relu, w_out, w_fb, bias).expect("shapes")
}

fn compare(
    name: &str,
    field: &impl ScoreField,
    net: &ReservoirSampler,
    points: &[f32],
) -> Result<(), String> {
    let direct = Network::Reservoir(net.clone())
        .score(points, Kernel::Auto)
        .expect("points");
    for (&x, &expected) in points.iter().zip(&direct) {
        let mut got = [[Scalar(0.0)]];
        field.score(&[[Scalar(x)]], &mut got);
        let got = got[0][0].0;
        // Rounding of the sum, whose terms may be far larger than it.
        let size: f32 = (0..net.units)
            .map(|j| (net.w_out[j] * (net.w_fb[j] * x).abs().max(net.bias[j].abs())).abs())
            .sum::<f32>()
            + x.abs()
            + 1.0;
        if !((got - expected).abs() <= 4e-6 * size) {
            return Err(format!("s({x}) = {got} by {name}, {expected} directly"));
        }
    }
    Ok(())
}

fn equal_the_direct_sum(units: Units<'_>, points: &[f32]) -> Result<(), String> {
    let net = network(units);
    let table = PiecewiseLinear::new(&net);
    compare("the table", &table, &net, points)?;
    compare("hinges", &Hinges::new(&net), &net, points)
}

proptest! {
    #[test]
    fn any_units(
        units in proptest::collection::vec((-1f32..1.0, -2f32..2.0, -3f32..3.0), 1..200),
        points in proptest::collection::vec(-6f32..6.0, 50),
    ) {
        let outcome = equal_the_direct_sum(&units, &points);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
        let kinks: Vec<f32> = units.iter().map(|u| -u.2 / u.1).filter(|t| t.abs() < 50.0).collect();
        let outcome = equal_the_direct_sum(&units, &kinks);
        prop_assert!(outcome.is_ok(), "at a kink: {:?}", outcome);
    }
}

#[test]
fn odd_units() {
    // No kink at all, all kinks in one place, far-off ones, clustered ones, constant units.
    let far = 1e30;
    let cases: [Units<'_>; 7] = [
        &[(0.5, 0.0, 2.0)],
        &[(0.5, 1.0, 0.0), (0.25, -1.0, 0.0), (1.0, 2.0, 0.0)],
        &[(0.5, 1e-20, 1.0), (0.3, 1.0, 0.5), (0.2, -1.0, 1.0)],
        &[
            (0.5, 1e-6, far),
            (0.5, -1e-7, 1.0),
            (0.3, 1.0, 0.5),
            (0.2, -1.0, 1.0),
        ],
        &[(0.5, 2e-4, -1.0), (-0.5, -2e-4, 1.0), (0.3, 1.0, 0.5)],
        &[
            (0.1, 1.0, 0.0),
            (0.1, 1.0, -1e-6),
            (0.1, 1.0, -2e-6),
            (0.1, -1.0, 100.0),
        ],
        &[(0.7, 0.0, -1.0), (0.7, 0.0, 1.0), (0.1, 3.0, 1.0)],
    ];
    for units in cases {
        let points = [-200.0, -1.0, 0.0, 1e-6, 1.5e-6, 0.3, 1.0, 99.9, 100.1, 1e6];
        equal_the_direct_sum(units, &points).expect("both evaluators");
    }
}

#[test]
fn what_is_no_number_stays_none() {
    let hinges = Hinges::new(&network(&[(0.5, 1.0, 1.0), (0.5, -1.0, 1.0), (0.3, 1e-3, 1.0)]));
    let mut s = [[Scalar(0.0)]];
    hinges.score(&[[Scalar(f32::NAN)]], &mut s);
    assert!(s[0][0].0.is_nan());
}
