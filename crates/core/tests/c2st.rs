//! The classifier two-sample test against scikit-learn's `MLPClassifier` (test/oracle/c2st.py), in law: the mean over seeds.

mod common;

use common::{json, singles, size};
use langevin_rnn_core::metrics::c2st::fold;
use langevin_rnn_core::metrics::sample::{Points, mean, variance};

#[test]
fn accuracy_epochs_and_loss_are_those_of_scikit_learn() {
    let file = json("oracle/c2st.json");
    let folds = size(&file["folds"]);
    for case in file["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().expect("a name");
        let points =
            |key: &'static str| Points::new(key, &singles(&case[key]), size(&case["n"]), 2).expect("points");
        let (x, reference) = (points("x"), points("reference"));
        let seeds = size(&case["seeds"]);
        let mut found: [Vec<f64>; 3] = Default::default();
        for seed in 0..seeds as u64 {
            let all: Vec<_> = (0..folds)
                .map(|k| fold(&x, &reference, k, folds, seed).expect("a fold"))
                .collect();
            let over = |f: &dyn Fn(usize) -> f64| mean(&(0..folds).map(f).collect::<Vec<f64>>());
            found[0].push(over(&|k| all[k].accuracy));
            found[1].push(over(&|k| all[k].epochs as f64));
            found[2].push(over(&|k| all[k].loss));
        }
        for (key, values) in ["accuracy", "epochs", "loss"].iter().zip(&found) {
            let of = |part: &str| case[part][key].as_f64().expect("a number");
            let error = ((variance(values) + of("spread").powi(2)) / seeds as f64).sqrt();
            let gap = (mean(values) - of("mean")).abs();
            assert!(
                gap < 4.0 * error,
                "{name}: {key} {} where scikit-learn has {}, {:.1} standard errors apart",
                mean(values),
                of("mean"),
                gap / error
            );
        }
    }
}

#[test]
fn folds_cover_every_point_once_whatever_their_number() {
    // Two samples that can be told apart at a glance: every fold is right, unless a label went astray.
    let x = Points::new("draws", &[-3.0, -2.9, -3.1, -3.2, -2.8, -3.05, -3.3], 1, 2).expect("points");
    let reference = Points::new("reference", &[2.0, 2.9, 3.1, 3.2], 1, 2).expect("points");
    for folds in [2, 3, 5] {
        for k in 0..folds {
            assert_eq!(fold(&x, &reference, k, folds, 1).expect("a fold").accuracy, 1.0);
        }
    }
    for (k, folds) in [(0, 1), (0, 12), (3, 3)] {
        assert!(fold(&x, &reference, k, folds, 1).is_err());
    }
}

#[test]
fn a_seed_gives_its_bits() {
    let values: Vec<f32> = (0..400u16).map(|i| f32::from(i * 37 % 101) * 0.03).collect();
    let x = Points::new("draws", &values[..200], 2, 2).expect("points");
    let reference = Points::new("reference", &values[200..], 2, 2).expect("points");
    let of = |seed| {
        let found = fold(&x, &reference, 1, 5, seed).expect("a fold");
        (found.epochs, found.loss.to_bits())
    };
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
    // Part of stream version 1: the same natively and in WebAssembly.
    assert_eq!(of(3), LITERAL);
    let accuracies: Vec<f64> = (0..5)
        .map(|k| fold(&x, &reference, k, 5, 3).expect("a fold").accuracy)
        .collect();
    assert_eq!(accuracies, LITERAL_ACCURACIES);
}

/// The same literals as in ts/library/test/diagnose.test.ts.
const LITERAL_ACCURACIES: [f64; 5] = [0.35, 0.325, 0.325, 0.425, 0.3];
const LITERAL: (usize, u64) = (54, 4_604_377_603_897_783_285);
