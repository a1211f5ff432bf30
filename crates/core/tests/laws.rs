//! Densities, scores, W1, Fisher divergence and stationary laws against scipy's (test/oracle/laws.py).

mod common;

use common::{assert_close, doubles, json, singles, size};
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::metrics::{stationary, wasserstein};
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::targets::{GaussianMixture, Law};

fn relative(what: &str, got: f64, expected: f64, tolerance: f64) {
    let error = (got - expected).abs() / expected.abs().max(1e-300);
    assert!(
        error <= tolerance,
        "{what}: {got}, the oracle says {expected}: {error:e}"
    );
}

#[test]
fn mixtures_and_w1_to_a_law() {
    let file = json("oracle/laws.json");
    for mixture in file["mixtures"].as_array().expect("mixtures") {
        let law = GaussianMixture {
            weights: doubles(&mixture["weights"]),
            means: doubles(&mixture["means"]).into_iter().map(|m| vec![m]).collect(),
            deviations: doubles(&mixture["deviations"]),
        }
        .validated()
        .expect("a mixture");
        let x = doubles(&mixture["x"]);
        for (key, value) in [("density", 0), ("cdf", 1), ("score", 2)] {
            for (x, expected) in x.iter().zip(doubles(&mixture[key])) {
                let got = match value {
                    0 => law.density(&[*x]),
                    1 => law.cdf(*x),
                    _ => {
                        let mut score = [0.0];
                        law.score(&[*x], &mut score);
                        score[0]
                    }
                };
                // A score's zero is met to rounding of its terms, not of itself.
                let tolerance = 1e-11 + 1e-14 / expected.abs().max(1e-300);
                relative(&format!("{key}({x})"), got, expected, tolerance.min(1.0));
            }
        }
        for sample in mixture["samples"].as_array().expect("samples") {
            let w1 = wasserstein::to_law(&singles(&sample["draws"]), &law).expect("draws");
            relative("W1 to the law", w1, sample["w1"].as_f64().expect("W1"), 1e-6);
        }
    }
}

#[test]
fn w1_between_draws() {
    for pair in json("oracle/laws.json")["empirical_pairs"]
        .as_array()
        .expect("pairs")
    {
        let (a, b) = (singles(&pair["a"]), singles(&pair["b"]));
        let expected = pair["w1"].as_f64().expect("W1");
        let got = wasserstein::between_draws(&a, &b).expect("draws");
        assert!(
            (got - expected).abs() < 1e-6 * expected.max(1.0),
            "{got}, scipy says {expected}"
        );
        assert!(
            (got - wasserstein::between_draws(&b, &a).expect("draws")).abs() < 1e-12,
            "W1 is symmetric"
        );
    }
}

#[test]
fn stationary_law_and_fisher_divergence_of_a_network() {
    let target = GaussianMixture::double_peak();
    for case in json("oracle/laws.json")["networks"].as_array().expect("networks") {
        let activation: Activation =
            serde_json::from_value(case["activation"].clone()).expect("an activation");
        let p = |key: &str| singles(&case["parameters"][key]);
        let m = size(&case["m"]);
        let net = ReservoirSampler::new(1, m, activation, p("W_out"), p("W_fb"), p("b")).expect("shapes");
        let network = Network::Reservoir(net);
        let x = singles(&case["x"]);
        assert_close(
            "score",
            &network.score(&x, Kernel::Auto).expect("points"),
            &doubles(&case["score"]),
            1e-6,
        );
        let quality = stationary::quality(&network, &target, Kernel::Auto).expect("one dimension");
        relative(
            "W1",
            quality.law_wasserstein,
            case["w1_to_double_peak"].as_f64().unwrap(),
            1e-3,
        );
        relative(
            "Fisher",
            quality.fisher_divergence,
            case["fisher_to_double_peak"].as_f64().unwrap(),
            1e-4,
        );
        let grid = &quality.law.grid;
        let step = grid[1] - grid[0];
        for (x, expected) in x.iter().zip(doubles(&case["density"])) {
            let at = ((f64::from(*x) - grid[0]) / step).round() as usize;
            if (grid[at] - f64::from(*x)).abs() < 1e-9 {
                relative(&format!("density({x})"), quality.law.density[at], expected, 1e-3);
            }
        }
        assert_eq!(quality.modes, 2);
    }
}

#[test]
fn modes_ignore_ripples() {
    let grid: Vec<f64> = (0..1001).map(|i| f64::from(i) * 0.01 - 5.0).collect();
    let slopes = |f: &dyn Fn(f64) -> f64| -> Vec<f32> { grid.iter().map(|&x| f(x) as f32).collect() };
    let modes = |s: &[f32]| stationary::StationaryLaw::from_scores(grid.clone(), s).modes();
    assert_eq!(modes(&slopes(&|x| -x)), 1);
    assert_eq!(modes(&slopes(&|x| -4.0 * x + 4.0 * (4.0 * x).tanh())), 2);
    assert_eq!(
        modes(&slopes(&|x| -x + 0.02 * (40.0 * x).sin())),
        1,
        "a ripple is no mode"
    );
    assert_eq!(
        modes(&slopes(&|x| 1.0 - 0.0 * x)),
        1,
        "a law piled up at the border has one peak there"
    );
}
