//! dx = (I + Q) s(x) dt + √2 dB: Q keeps the law, circuit and projected path agree, a network with a Q of its own knows its score.

mod common;

use common::{circuit_follows, whole};
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::langevin::{Integrator, SampleConfig};
use langevin_rnn_core::metrics::wasserstein;
use langevin_rnn_core::network::{Activation, Irreversible, Network, ReservoirSampler};
use langevin_rnn_core::random::{Purpose, Stream, unit};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, TrainConfig, TrainOptions, Trainer};
use langevin_rnn_core::targets::GaussianMixture;

/// A skew-symmetric matrix.
fn skew(n: usize, size: f64) -> Vec<Vec<f64>> {
    let entry = |i: usize, j: usize| size * (1.0 + ((3 * i + 5 * j) % 7) as f64 / 7.0);
    (0..n)
        .map(|i| {
            (0..n)
                .map(|j| match i.cmp(&j) {
                    core::cmp::Ordering::Less => entry(i, j),
                    core::cmp::Ordering::Equal => 0.0,
                    core::cmp::Ordering::Greater => -entry(j, i),
                })
                .collect()
        })
        .collect()
}

fn random_network(n: usize, m: usize, activation: Activation) -> ReservoirSampler {
    let stream = Stream::new(11, Purpose::Weights);
    let draw = |tensor: u32, length: usize, scale: f32| -> Vec<f32> {
        (0..length as u32)
            .map(|i| scale * (2.0 * unit(stream.word4(i, 0, tensor)[0]) - 1.0))
            .collect()
    };
    let w_out = draw(0, n * m, 1.2 / (m as f32).sqrt());
    ReservoirSampler::new(n, m, activation, w_out, draw(1, m * n, 1.0), draw(2, m, 1.0)).expect("shapes")
}

#[test]
fn the_circuit_equals_its_projected_path() {
    for integrator in [
        Integrator::EulerMaruyama,
        Integrator::ExponentialEuler,
        Integrator::LeimkuhlerMatthews,
    ] {
        for (n, activation) in [
            (2, Activation::Relu),
            (3, Activation::Tanh),
            (5, Activation::Relu),
        ] {
            let network = Network::Reservoir(random_network(n, 150, activation));
            let projected = SampleConfig {
                integrator,
                irreversible: Some(skew(n, 1.0)),
                record_every: 10,
                seed: 7,
                ..SampleConfig::new(12, 1000, 0.01)
            };
            let x = circuit_follows(
                &network,
                &projected,
                &format!("{activation:?}, {integrator:?}, n = {n}"),
            );
            let without = whole(
                &network,
                &SampleConfig {
                    irreversible: None,
                    ..projected
                },
            );
            let moved = x.iter().zip(&without.draws).map(|(a, b)| (a - b).abs());
            assert!(moved.fold(0.0, f32::max) > 0.1, "Q acts");
        }
    }
}

/// s(x) = −λ x, λ = 2, in two dimensions: relu(x) − relu(−x) = x.
fn gaussian() -> Network {
    let a = -1.0;
    let w_out = vec![a, -a, 0.0, 0.0, 0.0, 0.0, a, -a];
    let w_fb = vec![1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0];
    Network::Reservoir(
        ReservoirSampler::new(2, 4, Activation::Relu, w_out, w_fb, vec![0.0; 4]).expect("shapes"),
    )
}

/// The stationary variance of the discretised linear drift −λ (I + Q) x, in closed form; it is 1/λ as dt goes to 0.
#[test]
fn a_gaussian_keeps_its_law() {
    let (lambda, q, dt, chains) = (2.0, 3.0, 0.02, 20_000);
    let square = 1.0 + q * q;
    for (integrator, expected) in [
        (
            Integrator::EulerMaruyama,
            2.0 / (lambda * (2.0 - lambda * dt * square)),
        ),
        (
            Integrator::LeimkuhlerMatthews,
            (2.0 - lambda * dt) / (lambda * (2.0 - lambda * dt * square)),
        ),
    ] {
        let config = SampleConfig {
            integrator,
            irreversible: Some(vec![vec![0.0, q], vec![-q, 0.0]]),
            seed: 3,
            ..SampleConfig::new(chains, 300, dt)
        };
        let draws = whole(&gaussian(), &config).draws;
        let moment = |a: usize, b: usize| {
            draws
                .chunks_exact(2)
                .map(|x| f64::from(x[a]) * f64::from(x[b]))
                .sum::<f64>()
                / chains as f64
        };
        let error = expected * (2.0 / chains as f64).sqrt();
        for d in 0..2 {
            let variance = moment(d, d);
            assert!(
                (variance - expected).abs() < 4.5 * error,
                "{integrator:?}: {variance}, expected {expected} ± {error}"
            );
        }
        assert!(moment(0, 1).abs() < 4.5 * error, "uncorrelated: {}", moment(0, 1));
    }
}

/// Two trained double peaks side by side: Q couples them, yet each keeps its law.
#[test]
fn a_law_of_two_double_peaks_is_kept() {
    let options = TrainOptions {
        units: Some(64),
        points: Some(100_000),
        levels: Some(2),
        ..TrainOptions::default()
    };
    let law = GaussianMixture::double_peak();
    let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("settings");
    let mut training = Trainer::new(config, DataSource::Target(law.clone().into()));
    while !training.advance(1).expect("finite") {}
    let Network::Reservoir(one) = training.finish().expect("a network").network else {
        unreachable!("a reservoir was trained")
    };
    let m = one.units;
    let beside = |first: bool, j: usize, weights: &[f32]| if (j < m) == first { weights[j % m] } else { 0.0 };
    let two = ReservoirSampler::new(
        2,
        2 * m,
        Activation::Relu,
        (0..4 * m)
            .map(|i| beside(i < 2 * m, i % (2 * m), &one.w_out))
            .collect(),
        (0..4 * m).map(|i| beside(i % 2 == 0, i / 2, &one.w_fb)).collect(),
        [&one.bias[..], &one.bias].concat(),
    );
    let network = Network::Reservoir(two.expect("shapes"));
    let config = SampleConfig {
        irreversible: Some(vec![vec![0.0, 1.0], vec![-1.0, 0.0]]),
        ..SampleConfig::new(4000, 1000, 0.01)
    };
    let draws = whole(&network, &config).draws;
    for d in 0..2 {
        let axis: Vec<f32> = draws.chunks_exact(2).map(|x| x[d]).collect();
        let w1 = wasserstein::to_law(&axis, &law).expect("draws");
        assert!(w1 < 0.06, "axis {d}: W1 {w1}");
    }
}

/// (I + Q) times the score is the raw output.
#[test]
fn a_network_with_a_q_knows_its_score() {
    let n = 3;
    let mut net = random_network(n, 40, Activation::Softplus);
    let points: Vec<f32> = (0..30 * n)
        .map(|i| (i as f32 * 0.37).rem_euclid(3.0) - 1.5)
        .collect();
    let raw = Network::Reservoir(net.clone())
        .score(&points, Kernel::Auto)
        .expect("points");
    let irreversible = Irreversible::given(&skew(n, 0.8), n).expect("skew");
    let q = irreversible.matrix();
    net.irreversible = Some(irreversible);
    let network = Network::Reservoir(net);
    assert_eq!(network.drift(&points, Kernel::Auto).expect("points"), raw);
    let scores = network.score(&points, Kernel::Auto).expect("points");
    for (s, f) in scores.chunks_exact(n).zip(raw.chunks_exact(n)) {
        for d in 0..n {
            let turned: f64 = (0..n).map(|k| q[d * n + k] * f64::from(s[k])).sum();
            assert!((f64::from(s[d]) + turned - f64::from(f[d])).abs() < 1e-5);
        }
    }
    // It runs by its raw output, and a second Q has no place.
    let config = SampleConfig::new(4, 10, 0.01);
    assert!(config.validate(&network, 1 << 30).is_ok());
    let second = SampleConfig {
        irreversible: Some(skew(n, 1.0)),
        ..config.clone()
    };
    let error = second.validate(&network, 1 << 30).expect_err("a second Q");
    assert_eq!((error.code(), error.parts().0), ("unsupported", "irreversible"));
    let wrong = SampleConfig {
        irreversible: Some(skew(2, 1.0)),
        ..config
    };
    let error = wrong
        .validate(&network, 1 << 30)
        .expect_err("a Q of another size");
    assert_eq!(
        (error.code(), error.parts().0),
        ("invalid-argument", "irreversible")
    );
}
