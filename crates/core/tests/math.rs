//! Our elementary functions against 60-digit values (test/oracle/activations.py), in units in the last place.

mod common;

use common::{doubles, json};
use langevin_rnn_core::kernels::{Scalar, ScalarWord};
use langevin_rnn_core::math;

/// Distance of x from the exact y in units in the last place of y.
fn ulps(x: f32, y: f64) -> f64 {
    let exponent = (y.abs().max(f64::from(f32::MIN_POSITIVE))).log2().floor();
    (f64::from(x) - y).abs() / (exponent - 23.0).exp2()
}

#[test]
fn functions_are_within_a_few_units_in_the_last_place() {
    let file = json("oracle/activations.json");
    type Function = fn(Scalar) -> Scalar;
    // (name, function, bound in ULP, least argument and greatest argument that the function promises)
    let table: [(&str, Function, f64, f64, f64); 5] = [
        ("exp", math::exp, 2.0, -87.3, 88.3),
        ("ln", math::ln, 2.0, 1.2e-38, 3.4e38),
        ("tanh", math::tanh, 6.0, -1e30, 1e30),
        ("softplus", math::softplus, 4.0, -87.0, 1e30),
        ("sigmoid", math::sigmoid, 4.0, -87.0, 1e30),
    ];
    for (name, function, bound, least, greatest) in table {
        let normal = &file["functions"][name]["normal"];
        let (x, y) = (doubles(&normal["x"]), doubles(&normal["y"]));
        let mut checked = 0;
        for (x, y) in x.into_iter().zip(y) {
            // Below 1e-30 the products inside tanh are subnormal and lose bits.
            let lost = name == "tanh" && x != 0.0 && x.abs() < 1e-30;
            if (least..=greatest).contains(&x) && !lost {
                let got = function(Scalar(x as f32)).0;
                let error = ulps(got, y);
                assert!(error <= bound, "{name}({x}) = {got}, exactly {y}: {error} ULP");
                checked += 1;
            }
        }
        assert!(checked > 40, "{name}: only {checked} values in range");
    }
}

#[test]
fn sine_and_cosine_of_turns() {
    for k in 0..=4096u32 {
        let word = k.wrapping_mul(1_048_583);
        let angle = f64::from(word) / 4_294_967_296.0 * core::f64::consts::TAU;
        let (s, c) = math::sin_cos_turn::<Scalar>(ScalarWord(word));
        assert!(
            (f64::from(s.0) - angle.sin()).abs() < 1.2e-7,
            "sin of word {word}"
        );
        assert!(
            (f64::from(c.0) - angle.cos()).abs() < 1.2e-7,
            "cos of word {word}"
        );
    }
}

#[test]
fn extremes_saturate_and_nan_stays() {
    assert!(math::exp(Scalar(-1e9)).0 < 1.3e-38);
    assert!(math::exp(Scalar(1e9)).0.is_finite());
    assert_eq!(math::tanh(Scalar(1e9)).0, math::tanh(Scalar(8.0)).0);
    assert_eq!(math::sigmoid(Scalar(1e9)).0, 1.0);
    assert_eq!(math::softplus(Scalar(1e9)).0, 1e9);
    for function in [math::exp, math::tanh, math::softplus, math::sigmoid] {
        assert!(function(Scalar(f32::NAN)).0.is_nan());
    }
}
