//! The Laplace mixture, the ring and the spiral against scipy's (test/oracle/targets.py); their draws against their laws.

mod common;

use common::{doubles, json};
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::metrics::{fisher, wasserstein};
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::random::{Purpose, Stream};
use langevin_rnn_core::targets::{LaplaceMixture, Target};
use serde_json::Value;

fn target(name: &str) -> Target {
    Target::by_name(name).expect("a known name")
}

/// Densities by their logarithm, scores relative to the largest of their point: a component can be 0.
fn agrees(what: &str, of: &Target, noise: f64, points: &[f64], oracle: &Value) {
    let (density, score) = of.values(points, noise);
    let (logs, expected) = (doubles(&oracle["log_density"]), doubles(&oracle["score"]));
    for i in 0..logs.len() {
        // Densities far out are subnormal or 0 in a double.
        if logs[i] > -700.0 {
            let error = (density[i].ln() - logs[i]).abs() / logs[i].abs().max(1.0);
            assert!(error < 1e-11, "{what}: log density at point {i}: {error:e}");
        }
        let size = expected[2 * i].abs().max(expected[2 * i + 1].abs());
        for d in 2 * i..2 * i + 2 {
            let error = (score[d] - expected[d]).abs() / size;
            assert!(
                error < 1e-9,
                "{what}: score at point {i}: {} for {}",
                score[d],
                expected[d]
            );
        }
    }
}

#[test]
fn densities_and_scores() {
    let oracle = json("oracle/targets.json");
    let points = doubles(&oracle["laplace"]["x"]);
    let laplace = target("laplace-mixture");
    agrees("Laplace", &laplace, 0.0, &points, &oracle["laplace"]);
    for noisy in oracle["laplace"]["noisy"].as_array().expect("noises") {
        let noise = noisy["noise"].as_f64().expect("a number");
        agrees(
            &format!("Laplace at noise {noise}"),
            &laplace,
            noise,
            &points[..20],
            noisy,
        );
    }
    for name in ["ring", "spiral"] {
        agrees(name, &target(name), 0.0, &points[..16], &oracle["curves"][name]);
    }
    let (density, score) = laplace.values(&[0.0, 0.0], 0.0);
    assert_eq!((density[0], score), (f64::INFINITY, vec![0.0; 2]));
}

#[test]
fn axes() {
    let oracle = json("oracle/targets.json");
    let axis = &oracle["laplace"]["axis"];
    let x = doubles(&axis["x"]);
    let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-12, "{got} for {expected}");
    for d in 0..2 {
        let law = target("laplace-mixture").axis(Some(d)).expect("an axis");
        for (i, &x) in x.iter().enumerate() {
            close(law.cdf(x), doubles(&axis["cdf"])[i]);
            close(law.integrated_cdf(x), doubles(&axis["integrated_cdf"])[i]);
        }
        for name in ["ring", "spiral"] {
            let law = target(name).axis(Some(d)).expect("an axis");
            for (i, &x) in x.iter().enumerate() {
                close(law.cdf(x), doubles(&oracle["curves"][name]["cdf"][d])[i]);
            }
        }
    }
    for (name, axis) in [("ring", None), ("ring", Some(2)), ("double-peak", Some(1))] {
        let error = target(name).axis(axis).err().expect("no such axis").to_string();
        assert!(error.contains("axis"), "{error}");
    }
    assert!(target("double-peak").axis(None).is_ok());
}

/// Each axis by W1, and for the Laplace mixture what W1 of the axes can't see: moments along the diagonals.
#[test]
fn draws_follow_their_laws() {
    const COUNT: usize = 100_000;
    for name in ["laplace-mixture", "ring", "spiral"] {
        let law = target(name);
        let x = law.draws(Stream::new(5, Purpose::TargetDraws), 0, COUNT, 0, Kernel::Auto);
        let columns = x.len() / 2;
        for d in 0..2 {
            let draws = &x[d * columns..d * columns + COUNT];
            let w1 = wasserstein::to_law(draws, &*law.axis(Some(d)).expect("an axis")).expect("draws");
            assert!(w1 < 0.012, "{name}, axis {d}: W1 {w1}");
        }
        if name == "laplace-mixture" {
            let moment = |power: i32| -> [f64; 2] {
                let mut sums = [0.0; 2];
                for i in 0..COUNT {
                    let (a, b) = (f64::from(x[i]), f64::from(x[columns + i]));
                    sums[0] += ((a + b) / 2.0f64.sqrt()).powi(power) / COUNT as f64;
                    sums[1] += a.powi(power) / COUNT as f64;
                }
                sums
            };
            // Along a diagonal the variance is 1.9 E or 0.1 E: E[u⁴] = 3·2·(1.9² + 0.1²)/2, and along an axis 3·2.
            let [diagonal, axis] = moment(4);
            assert!((diagonal / 10.86 - 1.0).abs() < 0.06, "{diagonal}");
            assert!((axis / 6.0 - 1.0).abs() < 0.06, "{axis}");
            assert!((moment(2)[0] - 1.0).abs() < 0.02);
        }
    }
}

#[test]
fn draws_are_addressed() {
    let law = LaplaceMixture::paper();
    let stream = Stream::new(1, Purpose::TrainingData);
    let whole = law.draws(stream, 0, 64, 3, Kernel::Auto);
    let part = law.draws(stream, 32, 32, 3, Kernel::Auto);
    assert_eq!(whole[32..64], part[..32]);
    assert_eq!(whole[96..128], part[32..64]);
}

/// −x is the score of N(0, 1): against a Gaussian's, in closed form, and at noise in one dimension.
#[test]
fn score_error_over_draws() {
    let leak = Network::Reservoir(
        ReservoirSampler::new(1, 1, Activation::Relu, vec![0.0], vec![1.0], vec![0.0]).expect("shapes"),
    );
    let law: Target = langevin_rnn_core::targets::GaussianMixture {
        weights: vec![1.0],
        means: vec![vec![0.0]],
        deviations: vec![1.0],
    }
    .into();
    // With noise 1 the score is −x/2 and E (x/2)² = ½; both error and information.
    let error = fisher::on_draws(&leak, &law, 1.0, 50_000, 1).expect("one dimension");
    assert!((error.divergence - 0.5).abs() < 0.01, "{}", error.divergence);
    assert!((error.information - 0.5).abs() < 0.01, "{}", error.information);
    assert!(
        fisher::on_draws(&leak, &law, 0.0, 50_000, 1)
            .expect("one dimension")
            .divergence
            < 1e-12
    );
    assert!(fisher::on_draws(&leak, &target("ring"), 0.0, 10, 1).is_err());
}
