//! Simulations against draws of the benchmark's own simulators (test/oracle/simulators.py); the change of variable.

mod common;

use common::{doubles, json, size};
use langevin_rnn_core::targets::Simulator;
use langevin_rnn_core::targets::bounded::{bounded, unbounded};

const COUNT: usize = 200_000;

#[test]
fn the_law_of_parameters_and_data() {
    let oracle = json("oracle/simulators.json");
    let theirs = oracle["draws"].as_f64().expect("a number");
    let probabilities = doubles(&oracle["probabilities"]);
    for task in oracle["tasks"].as_array().expect("tasks") {
        let name = task["task"].as_str().expect("a name");
        let simulator = Simulator::by_name(name).expect("a known name");
        let (d, k) = (size(&task["parameters"]), size(&task["data"]));
        assert_eq!((d, k), (simulator.shape().0, simulator.shape().1), "{name}");
        let rows = simulator.draws(COUNT, 3);
        let (centre, width, directions) = (
            doubles(&task["centre"]),
            doubles(&task["width"]),
            doubles(&task["directions"]),
        );
        let quantiles = doubles(&task["quantiles"]);
        let features = quantiles.len() / probabilities.len();
        let mut below = vec![0usize; quantiles.len()];
        for i in 0..COUNT {
            let v: Vec<f64> = rows[i * (d + k)..][..d + k]
                .iter()
                .zip(centre.iter().zip(&width))
                .map(|(&x, (c, w))| (f64::from(x) - c) / w)
                .collect();
            let along = |j: usize| -> f64 {
                let direction = &directions[j * (d + k)..][..d + k];
                direction.iter().zip(&v).map(|(a, b)| a * b).sum()
            };
            for f in 0..features {
                let value = if f < d + k {
                    v[f]
                } else {
                    along(2 * (f - d - k)) * along(2 * (f - d - k) + 1)
                };
                for p in 0..probabilities.len() {
                    below[f * probabilities.len() + p] +=
                        usize::from(value < quantiles[f * probabilities.len() + p]);
                }
            }
        }
        for (place, &count) in below.iter().enumerate() {
            let p = probabilities[place % probabilities.len()];
            let error = (p * (1.0 - p) * (1.0 / COUNT as f64 + 1.0 / theirs)).sqrt();
            let share = count as f64 / COUNT as f64;
            assert!(
                (share - p).abs() < 4.5 * error,
                "{name}, feature {}: a share of {share} lies below the quantile of {p}",
                place / probabilities.len()
            );
        }
    }
}

#[test]
fn simulations_depend_on_seed_and_number_alone() {
    for (name, first) in [
        ("two-moons", [0x3e6e_b13cu32, 0x3e29_cf02]),
        ("gaussian-mixture", [0x4015_2ec6, 0x3fc1_83d8]),
        ("gaussian-linear", [0x3f0c_c906, 0x3e94_f1ae]),
        ("slcp", [0x3f33_04ed, 0xbe99_5b16]),
    ] {
        let simulator = Simulator::by_name(name).expect("a known name");
        let d = simulator.shape().0;
        let (many, few) = (simulator.draws(1001, 7), simulator.draws(3, 7));
        assert_eq!(many[..few.len()], few);
        assert_ne!(simulator.draws(3, 8), few);
        assert_eq!([many[0].to_bits(), many[d].to_bits()], first, "{name}");
    }
    let unknown = Simulator::by_name("lotka-volterra").expect_err("not offered");
    assert_eq!(unknown.parts().0, "task");
}

#[test]
fn a_box_becomes_a_line_and_back() {
    for bound in [0.0, 1.0, 3.0] {
        for width in [1e-3, 0.1, 1.0, 6.0] {
            for centre in [-0.75, 0.0, 0.5] {
                let mut last = f64::NEG_INFINITY;
                for theta in [-0.999_999_9, -0.99, -0.5, 0.0, 0.25, 0.9, 0.999_999_9] {
                    let x = unbounded(theta, centre, width, bound);
                    assert!(x > last && x.is_finite());
                    last = x;
                    let error = (bounded(x, centre, width, bound) - theta).abs();
                    assert!(error < 1e-12, "{theta} of {bound}, {centre}, {width}: {error:e}");
                }
            }
        }
    }
    // Far from the walls it is linear, and wide it is the logit.
    assert_eq!(unbounded(0.5, 0.25, 0.01, 1.0), 25.0);
    let logit = unbounded(0.5, 0.0, 1e3, 1.0) - 0.5e-3;
    assert!((logit - 3.0f64.ln()).abs() < 1e-3);
    for x in [-1e30, -800.0, 800.0, 1e30] {
        assert!(bounded(x, 0.3, 0.1, 1.0).abs() <= 1.0);
    }
}
